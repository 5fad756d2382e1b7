"""A sending worker for `test_sending_killed`: sends what is due, with short leases, until it is killed."""

from __future__ import annotations

import time

from config.settings import load_settings
from services.container import build_services


def main() -> None:
    pushing = build_services(load_settings()).phones.pushing
    pushing._lease_seconds = 1.0
    print("sending", flush=True)
    while True:
        if not pushing.send_due():
            time.sleep(0.02)


if __name__ == "__main__":
    main()
