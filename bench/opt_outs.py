"""`opt_outs`: receipts of opt-outs per second, and how long until every live batch shows that a number is stopped.

Goal: 400 receipts a second, and 5 seconds. The numbers that are stopped at the desk lie open on other phones, which ask
for their batches until none shows one of them.
"""

from __future__ import annotations

import time
from functools import partial

from bench.fleet.connection import Json
from bench.fleet.phone import Phone

from .grounds import served
from .table import Table
from .timing import Timing, timed
from .world import World, attempts, build, fill

GOAL = "400 receipts/s; shown by all within 5 s"
_CONTACTS = 10_000
_CLIENTS = 16
_SIZE = 25
_PATIENCE_S = 60.0


def run() -> Table:
    """Measure."""
    with served() as grounds:
        world = build(grounds.url, volunteers=2 * _CLIENTS)
        fill(world, contacts=_CONTACTS, size=_SIZE)
        telling, holding = world.phones[:_CLIENTS], world.phones[_CLIENTS:]
        held = [(phone, world.open_batch(phone)) for phone in holding]
        work = [[partial(phone.send, _opt_outs(phone, world.open_batch(phone)))] for phone in telling]
        uploads = timed(work)
        receipts = sum(len(one.args[0]) for [one] in work)
        stops = timed([[partial(_stop, world, items[0]["phone"]) for _, items in held]])
        seconds = _until_shown([(phone, items[0]) for phone, items in held])
        columns = ("what", "number", "per second", "median ms", "p99 ms")
        rows = [
            ("receipts of opt-outs, 25 a body, 16 phones", receipts, receipts / uploads.seconds, *_times(uploads)),
            ("stopped at the desk, one by one", len(held), stops.rate, *_times(stops)),
        ]
        notes = (f"shown by all {len(held)} live batches {seconds:.1f} s after the last was stopped",)
        return Table("Opt-outs", GOAL, grounds.engine, columns, rows, notes)


def _times(timing: Timing) -> tuple[float, float]:
    return timing.median_ms, timing.p99_ms


def _opt_outs(phone: Phone, items: list[Json]) -> list[Json]:
    return [{**one, "disposition": "do_not_contact"} for one in attempts(phone, items, seed=phone.installation_id)]


def _stop(world: World, number: str) -> None:
    world.cast.desk.person.post("/suppressions", {"phone": number, "reason": "opted_out"})


def _until_shown(stopped: list[tuple[Phone, Json]]) -> float:
    """Return the seconds until no phone's batch shows a number that was stopped, or counts it as open."""
    began = time.perf_counter()
    waiting = list(stopped)
    while waiting and time.perf_counter() - began < _PATIENCE_S:
        waiting = [(phone, item) for phone, item in waiting if _is_open(phone, item)]
    if waiting:
        raise RuntimeError(f"{len(waiting)} batches never showed that a number was stopped")
    return time.perf_counter() - began


def _is_open(phone: Phone, item: Json) -> bool:
    batch = phone.person.get(f"/me/batches/{item['batch_id']}").body
    shown = next(one for one in batch["items"] if one["id"] == item["id"])
    return bool(shown.get("phone")) or batch["counts"]["blocked"] == 0
