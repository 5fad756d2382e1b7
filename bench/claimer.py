"""Eight claimers in a process of their own, for `drain`: each claims for one volunteer after the other."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections.abc import Iterator

from config.logging import configure
from config.settings import load_settings
from services.container import build_services
from services.domain.errors import DomainError
from services.domain.people.actor import Actor
from services.facade import Services

_THREADS = 8


def main(campaign_id: str, life: int, user_ids: list[str]) -> None:
    """Claim until nobody is left who has nothing, or die after about `life` claims, in the middle of some of them."""
    configure("ERROR")
    services = build_services(load_settings())
    lives = iter(range(life))
    threads = [
        threading.Thread(target=_claim_for, args=(services, campaign_id, user_ids[at::_THREADS], lives), daemon=True)
        for at in range(_THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(0)


def _claim_for(services: Services, campaign_id: str, user_ids: list[str], lives: Iterator[int]) -> None:
    for user_id in random.sample(user_ids, len(user_ids)):
        home = services.stores.users.get(user_id).home_area
        actor = Actor(user_id=user_id, role="volunteer", session_id="drain", home_area=home)
        try:
            services.claiming.claim(actor, campaign_id, "call")
        except DomainError:
            continue
        if next(lives, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
