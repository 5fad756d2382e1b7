"""`sync_time`: how long a sync takes, with nothing new and as the first of a phone that has a batch of 25.

Goal: a median of 15 ms. One phone at a time, over HTTP, each sync one request.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.fleet.phone import Phone

from .grounds import served
from .table import Table
from .timing import timed
from .world import build, fill

GOAL = "median within 15 ms"
_CONTACTS = 2_000
_PHONES = 4
_EACH = 50


def run() -> Table:
    """Measure."""
    with served() as grounds:
        world = build(grounds.url, volunteers=_PHONES)
        fill(world, contacts=_CONTACTS, size=25)
        for phone in world.phones:
            world.open_batch(phone)
            phone.sync()
            phone.sync()
        rows = []
        for what, do in (("nothing new", _again), ("first", _first)):
            timing = timed([[do(phone) for phone in world.phones for _ in range(_EACH)]])
            rows.append((what, timing.rate, timing.median_ms, timing.p99_ms))
        return Table("A sync", GOAL, grounds.engine, ("sync", "syncs/s", "median ms", "p99 ms"), rows)


def _again(phone: Phone) -> Callable[[], object]:
    return lambda: phone.person.get("/me/sync", cursor=phone.cursor)


def _first(phone: Phone) -> Callable[[], object]:
    return lambda: phone.person.get("/me/sync")
