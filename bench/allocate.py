"""`allocate`: 100,000 targets shared out to 1,000 volunteers in batches of 25, each with its leases, as one job.

Beside it stand the writes alone: the batches, leases and marks on targets that the job made, written again by pymongo
into another database with the same indexes. `SIZE` and `VOLUNTEERS` choose other numbers.
"""

from __future__ import annotations

import os
import time
from typing import Any

from pymongo import UpdateMany

from .again import write_again
from .crowd import gather, opened, staff
from .grounds import Document, Grounds, raw, served
from .table import Table
from .world import World, build

GOAL = "at most 1.5 times the raw writes; a named peer takes 12.9 s"
_AT_ONCE = 40


def run() -> Table:
    """Measure."""
    size, volunteers = int(os.environ.get("SIZE", "100000")), int(os.environ.get("VOLUNTEERS", "1000"))
    with served() as grounds:
        world = build(grounds.url, volunteers=1)
        services = opened(grounds)
        gather(services, world, contacts=size)
        districts = [one["id"] for one in world.cast.districts.values()]
        people = staff(services, districts, number=volunteers)
        planned, made, result = _share_out(world, people)
        written = _write_again(grounds)
    rows: list[tuple[str, float, Any]] = [
        ("plan", planned, ""),
        ("make the batches, asked to done", made, made / written),
        ("raw writes of what it made", written, 1.0),
    ]
    changed = ", ".join(f"{one['what']} {one['planned']}→{one['done']}" for one in result["changed"]) or "nothing"
    note = f"{result['contacts']:,} of {size:,} targets in {result['batches']:,} batches; changed meanwhile: {changed}"
    return Table(f"{size:,} targets to {volunteers:,} volunteers", GOAL, grounds.engine, _COLUMNS, rows, (note,))


_COLUMNS = ("step", "seconds", "times raw")


def _share_out(world: World, people: list[str]) -> tuple[float, float, Document]:
    """Plan and make the batches over HTTP; return seconds of each, and what the job tells."""
    desk = world.cast.desk.person
    assign = {"mode": "volunteers", "user_ids": people, "strategy": "even"}
    wish = {"campaign_id": world.campaign_id, "channel": "call", "size": 25, "assign": assign}
    began = time.perf_counter()
    answer = desk.post("/batches/plan", wish)
    plan = answer.body
    if answer.status == 202:
        *_, job = desk.job(plan["id"])
        plan = job["result"]
    planned = time.perf_counter() - began
    began = time.perf_counter()
    answer = desk.post("/batches", {"plan_id": plan["plan_id"]})
    if answer.status != 202:
        raise RuntimeError("too few batches for a job")
    *_, job = desk.job(answer.body["id"])
    return planned, time.perf_counter() - began, job["result"]


def _write_again(grounds: Grounds) -> float:
    """Insert the batches and leases and mark the targets, and return the seconds."""
    with raw(grounds) as client:
        target = f"{grounds.database}_raw"
        seconds = sum(write_again(client, grounds.database, target, name) for name in ("batches", "leases"))
        by_batch: dict[str, list[str]] = {}
        for one in client[grounds.database]["targets"].find({"batch_id": {"$ne": None}}, {"batch_id": 1}):
            by_batch.setdefault(one["batch_id"], []).append(one["_id"])
        write_again(client, grounds.database, target, "targets")
        marks = [
            UpdateMany({"_id": {"$in": ids}}, {"$set": {"batch_id": batch_id, "item_id": "again"}})
            for batch_id, ids in by_batch.items()
        ]
        began = time.perf_counter()
        for start in range(0, len(marks), _AT_ONCE):
            client[target]["targets"].bulk_write(marks[start : start + _AT_ONCE], ordered=False)
        seconds += time.perf_counter() - began
        client.drop_database(target)
    return seconds
