"""`finding`: how long finding people and an area's funnel take over HTTP, at several sizes of the collection.

Goal: what they cost depends on the part and the matches; the last columns set each beside what the very same database
commands cost when pymongo sends them by itself.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pymongo import MongoClient

from bench.fleet.connection import Json
from services.domain.roll.roll import Person

from .electors import Crowd
from .grounds import Document, Watched, raw, watched
from .table import Table
from .timing import timed
from .world import World, build

GOAL = "the same at every size"
SIZES = (10_000, 100_000)
_ROUNDS = 100
_READS = frozenset({"find", "aggregate"})
_OF_THE_SESSION = ("lsid", "$clusterTime", "$db", "txnNumber", "$readPreference")
_CHANNEL = "call"

Ask = Callable[[Person], Json]


def run(sizes: Sequence[int] = SIZES) -> Table:
    """Measure, size after size in one growing collection."""
    rows: list[tuple[str | int | float, ...]] = []
    with watched() as installation:
        world = build(installation.grounds.url, volunteers=1)
        crowd = Crowd(installation.services, world.campaign_id)
        for size in sorted(sizes):
            began = time.perf_counter()
            people = crowd.grow(size)
            print(f"({people:,} people after {time.perf_counter() - began:.0f} s)", flush=True)
            _survey(installation, world)
            with raw(installation.grounds) as client:
                rows += _measured(installation, world, crowd, client)
        engine = installation.grounds.engine
    columns = ("what", "people", "p50 ms", "p99 ms", "pymongo p50 ms", "times")
    note = f"one client, {_ROUNDS} requests each, about people of one part of {len(crowd.first):,}"
    return Table("Finding people", GOAL, engine, columns, sorted(rows, key=lambda row: str(row[0])), (note,))


def _measured(
    installation: Watched, world: World, crowd: Crowd, client: MongoClient[Document]
) -> list[tuple[str | int | float, ...]]:
    rows: list[tuple[str | int | float, ...]] = []
    for name, ask in _asks(world, crowd).items():
        chosen = random.Random(name).choices([one for one in crowd.first if one.phone], k=_ROUNDS)
        ask(chosen[0])
        timing = timed([[partial(ask, one) for one in chosen]])
        with installation.commands.noted() as noted:
            ask(chosen[0])
        each = sorted(timing.each)
        alone = _alone(client, noted)
        p99 = each[int(len(each) * 0.99) - 1] * 1000
        rows.append((name, crowd.size, timing.median_ms, p99, alone, timing.median_ms / alone))
    return rows


def _asks(world: World, crowd: Crowd) -> dict[str, Ask]:
    """Return the questions, each about one person of the part that is there at every size."""
    seat = f"ac-{crowd.first[0].ac_no}"
    part = f"{seat}-{crowd.first[0].part_no}"
    desk, campaign = world.cast.desk.person, world.campaign_id

    def contacts(area: str | None, **query: Any) -> Json:
        found: Json = desk.get("/contacts", campaign_id=campaign, area=area, **query).body
        return found

    def funnel(area: str) -> Json:
        told: Json = desk.get("/reports/funnel", campaign_id=campaign, channel=_CHANNEL, area=area).body
        return told

    return {
        "name in a part": lambda one: contacts(part, q=one.name.hi),
        "name in a constituency": lambda one: contacts(seat, q=one.name.en),
        "house and relative in a part": lambda one: contacts(part, house=one.house_no, relative=one.relative.hi),
        "exact number anywhere": lambda one: contacts(None, q=one.phone),
        "first page of a part": lambda _: contacts(part),
        "funnel of a part": lambda _: funnel(part),
        "funnel of a constituency": lambda _: funnel(seat),
    }


def _survey(installation: Watched, world: World) -> None:
    """Have the funnels counted; that is the worker's, not what is measured."""
    for seat in world.cast.seats:
        world.cast.desk.person.get("/reports/funnel", campaign_id=world.campaign_id, channel=_CHANNEL, area=seat)
    installation.settle()


def _alone(client: MongoClient[Document], noted: Sequence[tuple[str, Document]]) -> float:
    """Return the median milliseconds of a request's reads when they are sent by themselves."""
    reads = [
        (command["$db"], {name: value for name, value in command.items() if name not in _OF_THE_SESSION})
        for kind, command in noted
        if kind in _READS
    ]
    took = []
    for _ in range(20):
        began = time.perf_counter()
        for database, command in reads:
            client[database].command(command)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000
