"""`bad_lines`: 300 phones on bad lines with wrong clocks; in the end the server knows what they recorded, once.

Goal: nothing lost, nothing twice, every receipt right, no number on two phones or against a wish.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from bench.fleet.bad_line import BadLine

from .grounds import served
from .table import Table
from .world import World, attempts, build, fill

GOAL = "0 in every row but the first two"
_PHONES = 300
_SIZE = 25
_CONTACTS = 20_000
_AT_ONCE = 16
_ROUNDS = 60
_PATIENCE_S = 60.0
_ANSWERS = ("no_answer", "busy", "switched_off", "wrong_number", "do_not_contact")


def run() -> Table:
    """Measure."""
    with served() as grounds:
        world = build(grounds.url, volunteers=_PHONES)
        fill(world, contacts=_CONTACTS, size=_SIZE)
        began = time.perf_counter()
        lines = play(world, at_once=_AT_ONCE)
        seconds = time.perf_counter() - began
        rows = [("phones", len(lines)), *faults(world, lines)]
        return Table("Phones on bad lines", GOAL, grounds.engine, ("what", "number"), rows, (f"in {seconds:.0f} s",))


def play(world: World, *, at_once: int) -> list[BadLine]:
    """Let every phone open a batch, record an outcome of each item, and upload until all have their receipts."""
    lines = [BadLine(phone, seed=phone.installation_id) for phone in world.phones]
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda line: _play(world, line), lines))
    return lines


def _play(world: World, line: BadLine) -> None:
    dice = random.Random(line.phone.installation_id)
    told = attempts(line.phone, world.open_batch(line.phone), seed=line.phone.installation_id)
    line.record([{**one, "disposition": dice.choice(_ANSWERS)} for one in told])
    for _ in range(_ROUNDS):
        if line.upload():
            return
    raise RuntimeError("a phone never got rid of what it recorded")


def faults(world: World, lines: list[BadLine]) -> list[tuple[str, int]]:
    """Return how many outcomes there are, and what is wrong with what the server makes of them."""
    recorded = Counter(one["disposition"] for line in lines for one in line.recorded.values())
    counted = _counted(world, recorded.total())
    ledger = lines[0].phone.ledger
    receipts = [status for line in lines for mine in line.receipts.values() for status in mine]
    return [
        ("outcomes recorded", recorded.total()),
        ("lost or counted twice", (recorded - counted).total() + (counted - recorded).total()),
        ("receipts that are neither stored nor a repeat", sum(one not in ("stored", "duplicate") for one in receipts)),
        ("outcomes without a receipt", sum(line.recorded.keys() != line.receipts.keys() for line in lines)),
        ("numbers on two phones", len(ledger.with_two_holders())),
    ]


def _counted(world: World, expected: int) -> Counter[str]:
    """Return the outcomes that the reports count, once the worker has come to the last of them."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        counted: Counter[str] = Counter()
        for row in world.cast.desk.progress(world.campaign_id, by="constituency")["rows"]:
            counted.update(row["outcomes"])
        if counted.total() >= expected or time.monotonic() > deadline:
            return counted
        time.sleep(0.2)
