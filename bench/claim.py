"""`claim`: the next batch of 25 and its numbers, for one client and for 16, out of pools of growing size.

Beside it stands the same by pymongo alone: 25 leases, the batch and the volunteer's desk, written as durably. `SIZES`
chooses the pools (`SIZES=10000,100000,1000000`), `SAMPARK_API_PROCESSES` how many processes answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bench.fleet.connection import Json
from bench.fleet.phone import Phone

from .again import copy_indexes
from .crowd import gather, opened
from .grounds import Document, Grounds, raw, served
from .table import Table
from .timing import Timing, timed
from .world import World, build, pool

GOAL = "one client 226/s, sixteen 406/s; p99 at most 60 ms; flat within 1.3 times; no batch given twice"
_CLIENTS = 16
_EACH = 12
_SIZES = "10000,100000"
_COPIED = 2000


def run() -> Table:
    """Measure."""
    rows: list[Sequence[Any]] = []
    given: list[str] = []
    for size in [int(one) for one in os.environ.get("SIZES", _SIZES).split(",")]:
        with served() as grounds:
            engine = grounds.engine
            world = build(grounds.url, volunteers=_CLIENTS * (_EACH + 1) + 2 * _CLIENTS)
            gather(opened(grounds), world, contacts=size)
            pool(world, size=25)
            rows += _of_size(grounds, world, size, given)
    columns = ("request", "pool", "clients", "per second", "median ms", "p99 ms", "raw/s", "times raw")
    note = f"{len(given)} batches given, {len(given) - len(set(given))} of them twice"
    return Table("Claiming and opening batches of 25", GOAL, engine, columns, rows, (note,))


def _of_size(grounds: Grounds, world: World, size: int, given: list[str]) -> list[Sequence[Any]]:
    """Warm up with a few, then let one claim and open for many, and sixteen at once."""
    phones = world.phones
    _claims(world, [[phone] for phone in phones[:_CLIENTS]], given)
    alone = [phones[_CLIENTS : 2 * _CLIENTS]]
    together = [phones[2 * _CLIENTS + at :: _CLIENTS][:_EACH] for at in range(_CLIENTS)]
    rows: list[Sequence[Any]] = []
    for turns in (alone, together):
        claimed, opens = _claims(world, turns, given)
        by_hand = _by_hand(grounds, [len(turn) for turn in turns])
        for name, timing in (("claim", claimed), ("open", opens)):
            beside: tuple[Any, Any] = (by_hand.rate, by_hand.rate / timing.rate) if name == "claim" else ("", "")
            rows.append((name, size, len(turns), timing.rate, timing.median_ms, timing.p99_ms, *beside))
    return rows


def _claims(world: World, turns: Sequence[Sequence[Phone]], given: list[str]) -> tuple[Timing, Timing]:
    """Let each client claim for its phones one after the other, then open what they got."""
    got: dict[str, Json] = {}

    def claim(phone: Phone) -> None:
        batch = phone.claim(world.campaign_id, "call")
        if batch is None:
            raise RuntimeError("the pool is empty")
        got[phone.installation_id] = batch

    claims = timed([[partial(claim, phone) for phone in turn] for turn in turns])
    given += [batch["id"] for batch in got.values()]
    opens = timed([[partial(phone.open, got[phone.installation_id]["id"]) for phone in turn] for turn in turns])
    return claims, opens


def _by_hand(grounds: Grounds, turns: Sequence[int]) -> Timing:
    """Write what a claim has to, on collections of another database with the same indexes."""
    with raw(grounds) as client:
        target = client[f"{grounds.database}_raw"]
        batches = list(client[grounds.database]["batches"].find({"state": "pooled"}).limit(_COPIED))
        for name in ("batches", "leases", "desks"):
            copy_indexes(client, grounds.database, target.name, name)
        target["batches"].insert_many(batches)

        def one(batch: Document, number: int) -> None:
            lease = {
                "batch_id": batch["_id"],
                "user_id": "u" * 24,
                "attempts": [],
                "n": 0,
                "until": batch["created_at"],
            }
            keys = [f"{number:06}-{item['address']}" for item in batch["items"]]
            target["desks"].insert_one({"_id": f"desk-{number}", "batch_id": batch["_id"]})
            target["leases"].insert_many([{"_id": key, **lease} for key in keys], ordered=False)
            taken = {"state": "assigned", "assignee": "u" * 24, "pool_key": None, "pending": True}
            target["batches"].update_one({"_id": batch["_id"]}, {"$set": taken})

        work: list[list[Callable[[], object]]] = []
        for count in turns:
            start = sum(map(len, work))
            work.append([partial(one, batches[at % len(batches)], at) for at in range(start, start + count)])
        found = timed(work)
        client.drop_database(target.name)
        return found
