"""A worker for `test_retention_killed`: lets go what need not be kept, with short leases, until it is killed."""

from __future__ import annotations

import time

from config.settings import load_settings
from services.container import build_services


def main() -> None:
    steps = {step.name: step for step in build_services(load_settings()).worker_steps}
    steps["jobs"].run.__self__._lease_seconds = 0.5  # type: ignore[attr-defined]
    print("keeping", flush=True)
    while True:
        steps["retention after the poll"].run()
        if not steps["jobs"].run():
            time.sleep(0.02)


if __name__ == "__main__":
    main()
