"""`drain`: 64 claimers in eight processes empty a pool of 10,000 while they are killed at random and started again.

Each number must have one holder at most whenever anybody looks, and nobody may be lost. `SIZE` chooses another pool.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

from services.domain.batches.batches import LIVE, UNWORKED
from services.facade import Services
from services.store.collection import Document

from .crowd import gather, opened, staff
from .grounds import Grounds, served
from .table import Table
from .world import build, pool

GOAL = "one holder a number at most, nobody lost, nothing orphaned"
_PROCESSES = 8
# Claims until a process is killed.
_LIVES = (4, 24)
_LONGEST_SECONDS = 600
# Longer than a claim takes: what it left is mended after that.
_REST_SECONDS = 62.0


def run() -> Table:
    """Measure."""
    size = int(os.environ.get("SIZE", "10000"))
    with served() as grounds:
        world = build(grounds.url, volunteers=1)
        services = opened(grounds)
        gather(services, world, contacts=size)
        pool(world, size=25)
        districts = [one["id"] for one in world.cast.districts.values()]
        people = staff(services, districts, number=4 * size // 25 + 200)
        began = time.perf_counter()
        killed, most = _drain(grounds, services, world.campaign_id, people)
        seconds = time.perf_counter() - began
        time.sleep(_REST_SECONDS)
        services.orphans.run(repair=True)
        left = services.orphans.run()
        held, holders = _held(services)
        rows = [
            ("processes of eight claimers killed", killed),
            ("holders of a number, the most seen", max(most, holders)),
            ("people in nobody's hands", size - held - _pooled(services)),
            ("orphans that were left", len(left)),
        ]
        note = f"{held:,} of {size:,} in hand after {seconds:.0f} s; the rest lies in the pool"
        return Table("64 claimers, killed at random", GOAL, grounds.engine, ("what", "number"), rows, (note,))


def _drain(grounds: Grounds, services: Services, campaign_id: str, people: list[str]) -> tuple[int, int]:
    """Keep eight processes of eight claimers going until the pool is empty; return how many were killed."""
    dice, killed, most = random.Random(5), 0, 0
    share = len(people) // _PROCESSES
    shares = [people[at * share : (at + 1) * share] for at in range(_PROCESSES)]
    running: dict[int, subprocess.Popen[bytes]] = {}
    environment = os.environ | {"SAMPARK_MONGODB_URI": grounds.uri, "SAMPARK_MONGODB_DATABASE": grounds.database}
    enough = time.monotonic() + _LONGEST_SECONDS
    while _pooled(services) and time.monotonic() < enough:
        for number, mine in enumerate(shares):
            ended = running.get(number)
            if ended is None or ended.poll() is not None:
                killed += ended is not None and ended.returncode < 0
                life = str(dice.randint(*_LIVES))
                command = [sys.executable, "-m", "bench.claimer", campaign_id, life, *mine]
                running[number] = subprocess.Popen(command, env=environment)
        most = max(most, _held(services)[1])
        time.sleep(0.5)
    for process in running.values():
        process.kill()
        process.wait()
    return killed, most


def _held(services: Services) -> tuple[int, int]:
    """Return how many people are in somebody's hands, and how many holders the most wanted number has."""
    numbers: Counter[str] = Counter()
    people = 0
    for batch in _open(services, LIVE):
        numbers.update(item["address"] for item in batch["items"] if item["state"] in UNWORKED)
        people += sum(len(item["contacts"]) for item in batch["items"] if item["state"] in UNWORKED)
    return people, max(numbers.values(), default=0)


def _pooled(services: Services) -> int:
    return sum(len(item["contacts"]) for batch in _open(services, ("pooled",)) for item in batch["items"])


def _open(services: Services, states: tuple[str, ...]) -> Iterator[Document]:
    after = ""
    while found := services.stores.batches.open_after(after, states, limit=500):
        yield from found
        after = found[-1]["_id"]
