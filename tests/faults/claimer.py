"""Volunteers at work for `test_claiming_killed`: they claim, open and give back until the process is killed."""

from __future__ import annotations

import random
import sys
import threading

from config.settings import load_settings
from services.container import build_services
from services.domain.errors import DomainError
from services.domain.people.actor import Actor
from services.facade import Services


def main(campaign_id: str, seed: int, user_ids: list[str]) -> None:
    services = build_services(load_settings())
    threads = [
        threading.Thread(target=_work, args=(services, campaign_id, user_ids, random.Random(seed * 100 + number)))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    print("claiming", flush=True)


def _work(services: Services, campaign_id: str, user_ids: list[str], dice: random.Random) -> None:
    while True:
        actor = Actor(user_id=dice.choice(user_ids), role="volunteer", session_id="s", home_area="rj-churu")
        try:
            batch, _, _ = services.claiming.claim(actor, campaign_id, "call")
            if dice.random() < 0.5:
                services.opening.open(actor, batch["id"], version=None)
            if dice.random() < 0.5:
                services.opening.release(actor, batch["id"], version=None)
            if dice.random() < 0.2:
                headquarters = Actor(user_id="hq", role="hq_admin", session_id="s")
                services.assigning.assign(headquarters, batch["id"], dice.choice(user_ids), version=None)
            if dice.random() < 0.1:
                services.assigning.take_back(dice.choice(user_ids), reason="suspended")
        except DomainError:
            continue


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
