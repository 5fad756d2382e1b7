"""`claim`: how long a volunteer waits for the next batch of 25, and for its numbers, alone and beside 15 others.

Goal: well under a second for all of 16 at once; the database decides who gets what, so nobody gets another's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bench.fleet.connection import Json
from bench.fleet.phone import Phone

from .grounds import served
from .table import Table
from .timing import Timing, timed
from .world import World, build, fill

GOAL = "16 at once: median under 500 ms; no batch given twice"
_CONTACTS = 10_000
_CLIENTS = 16
_ALONE = 8
_TURNS = 3


def run() -> Table:
    """Measure."""
    with served() as grounds:
        world = build(grounds.url, volunteers=_CLIENTS + _ALONE)
        fill(world, contacts=_CONTACTS, size=25)
        phones = world.phones
        for phone in phones:
            phone.sync()
        given: list[str] = []
        rows = []
        alone = [_turn(world, [phone], given) for phone in phones[_CLIENTS:]]
        together = [_turn(world, phones[:_CLIENTS], given) for _ in range(_TURNS)]
        for clients, turns in ((1, alone), (_CLIENTS, together)):
            for name, timings in zip(("claim", "open"), zip(*turns, strict=True), strict=True):
                rows.append(_row(name, clients, timings))
        columns = ("request", "clients", "per second", "median ms", "p95 ms")
        twice = len(given) - len(set(given))
        note = f"{len(given)} batches given, {twice} of them twice; pool of {_CONTACTS:,} contacts"
        return Table("Claiming and opening batches of 25", GOAL, grounds.engine, columns, rows, (note,))


def _turn(world: World, phones: list[Phone], given: list[str]) -> tuple[Timing, Timing]:
    """Let every phone claim, then every phone open what it got."""
    got: dict[str, Json] = {}

    def claim(phone: Phone) -> None:
        batch = phone.claim(world.campaign_id, "call")
        if batch is None:
            raise RuntimeError("the pool is empty")
        got[phone.installation_id] = batch

    claims = timed([[partial(claim, phone)] for phone in phones])
    given += [batch["id"] for batch in got.values()]
    opens = timed([[partial(phone.open, got[phone.installation_id]["id"])] for phone in phones])
    return claims, opens


def _row(name: str, clients: int, timings: Sequence[Timing]) -> tuple[str, int, float, float, float]:
    whole = Timing(sum(one.seconds for one in timings), [each for one in timings for each in one.each])
    return name, clients, whole.rate, whole.median_ms, whole.p95_ms
