"""Eight claimers in a process of their own, for `drain`: each claims for one volunteer after the other."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading

from config.logging import configure
from config.settings import load_settings
from services.container import build_services
from services.domain.errors import DomainError
from services.domain.people.actor import Actor
from services.facade import Services

_THREADS = 8


def main(campaign_id: str, life: float, user_ids: list[str]) -> None:
    """Claim until nobody is left who has nothing, or for `life` seconds: then die as a killed process does."""
    configure("ERROR")
    services = build_services(load_settings())
    threading.Timer(life, os.kill, (os.getpid(), signal.SIGKILL)).start()
    threads = [
        threading.Thread(target=_claim_for, args=(services, campaign_id, user_ids[at::_THREADS]), daemon=True)
        for at in range(_THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(0)


def _claim_for(services: Services, campaign_id: str, user_ids: list[str]) -> None:
    for user_id in random.sample(user_ids, len(user_ids)):
        home = services.stores.users.get(user_id).home_area
        actor = Actor(user_id=user_id, role="volunteer", session_id="drain", home_area=home)
        try:
            services.claiming.claim(actor, campaign_id, "call")
        except DomainError:
            continue


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
