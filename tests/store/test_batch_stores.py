"""The small stores of the assignment engine: caps, pools, desks and marks under many hands at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from pymongo.database import Database

from services.domain.batches.batches import Household, Origin, make_batch, make_item
from services.store.batches.batches import BatchStore
from services.store.batches.caps import CapStore
from services.store.batches.pools import DeskStore, PoolStore
from services.store.batches.target_marks import TargetMarkStore

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def grant(caps: CapStore, opening: str, wanted: int, cap: int = 30) -> int:
    return caps.grant("asha", "2026-11-23", kind="call", opening=opening, wanted=wanted, cap=cap)


def batch_of(number: int, *contacts: str) -> dict:
    items = [make_item("run", Household(f"key-{one}", (one,), "ac-24-1", "ac-24")) for one in contacts]
    return make_batch(Origin("run", number, "camp", "call", "someone", NOW), items)


def test_a_cap_is_granted_until_it_is_used_up(database: Database):
    caps = CapStore(database)
    assert [grant(caps, name, 25) for name in ("b1", "b2", "b3")] == [25, 5, 0]
    assert caps.used("asha", "2026-11-23") == {"call": 30, "message": 0}


def test_an_opening_that_is_tried_again_is_granted_the_same(database: Database):
    caps = CapStore(database)
    assert [grant(caps, "b1", wanted) for wanted in (20, 20, 5)] == [20, 20, 20]
    assert caps.used("asha", "2026-11-23")["call"] == 20


def test_64_openings_at_once_never_overrun_a_cap(database: Database):
    caps = CapStore(database)
    with ThreadPoolExecutor(64) as pool:
        granted = list(pool.map(lambda number: grant(caps, f"b{number}", 3), range(64)))
    assert sum(granted) == 30 == caps.used("asha", "2026-11-23")["call"]


def test_the_first_two_openings_of_a_day_may_meet(database: Database):
    caps, gate = CapStore(database), Barrier(2)

    def open_first(day: int, opening: str) -> int:
        gate.wait(10)
        return caps.grant("asha", f"day-{day}", kind="call", opening=opening, wanted=20, cap=30)

    # They meet within the engine about once in ten times.
    with ThreadPoolExecutor(2) as pool:
        for day in range(60):
            asked = [pool.submit(open_first, day, opening) for opening in ("b1", "b2")]
            assert sorted(one.result() for one in asked) == [10, 20]


def test_a_part_that_was_named_again_is_not_forgotten(database: Database):
    pools = PoolStore(database)
    pools.note([("pool", "ac-24-1"), ("pool", "ac-24-2")])
    token = pools.read(["pool"])["pool"]["parts"]["ac-24-1"]
    pools.note([("pool", "ac-24-1")])
    pools.forget([("pool", "ac-24-1", token)])
    pools.forget([("pool", "ac-24-2", pools.read(["pool"])["pool"]["parts"]["ac-24-2"])])
    assert list(pools.read(["pool"])["pool"]["parts"]) == ["ac-24-1"]


def test_one_of_many_taps_puts_its_batch_on_the_desk(database: Database):
    desks = DeskStore(database)
    for seen in (None, "first"):
        with ThreadPoolExecutor(16) as pool:
            moved = list(pool.map(lambda n: desks.move("d", seen=seen, batch_id=f"b{n}"), range(16)))  # noqa: B023
        assert sum(moved) == 1
        assert desks.find("d") == f"b{moved.index(True)}"
        desks.move("d", seen=desks.find("d"), batch_id="first")


@pytest.fixture
def targets(database: Database):
    rows = [{"_id": f"camp:c{number}", "campaign_id": "camp", "state": "open"} for number in range(20)]
    database["targets"].insert_many(rows)
    return database["targets"]


def test_two_plans_never_take_the_same_target(database: Database, targets):
    marks = TargetMarkStore(database)
    contacts = [f"c{number}" for number in range(20)]
    batches = [batch_of(number, *contacts) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda batch: marks.mark([batch]), batches))
    owners = {target["batch_id"] for target in targets.find()}
    assert len(owners) <= 8
    assert marks.mark(batches[:1]) == {target["_id"]: target["batch_id"] for target in targets.find()}


def test_a_mark_names_the_item_and_moves_and_goes_only_from_its_batch(database: Database, targets):
    marks = TargetMarkStore(database)
    batch = batch_of(1, "c0", "c1")
    marks.mark([batch])
    marks.move(["camp:c0", "camp:c1"], from_batch="another", to_batch="stolen")
    assert targets.find_one({"_id": "camp:c1"})["item_id"] == batch["items"][1]["id"]
    marks.move(["camp:c0"], from_batch=batch["_id"], to_batch="next")
    marks.free(["camp:c0", "camp:c1"], from_batch=batch["_id"])
    assert [targets.find_one({"_id": f"camp:c{n}"})["batch_id"] for n in (0, 1)] == ["next", None]


def test_a_batch_changes_only_as_it_was_read(database: Database):
    batches = BatchStore(database)
    batch = batch_of(1, "c0")
    batches.insert_new([batch])
    changed = batches.swap(batch, {"close_reason": "$version"})
    assert changed is not None
    assert batches.swap(batch, {"close_reason": "late"}) is None
    assert batches.get(batch["_id"]) == changed
    assert changed["close_reason"] == "$version"


def test_forming_ends_once_and_events_make_it_pending(database: Database):
    batches = BatchStore(database)
    plain = {**batch_of(1, "c0"), "forming_since": NOW}
    told = {**batch_of(2, "c1"), "forming_since": NOW, "events": [{"id": "e", "kind": "assigned", "at": NOW}]}
    batches.insert_new([plain, told])
    assert [batches.settle([plain, told]), batches.settle([plain, told])] == [2, 0]
    assert [batches.get(one["_id"])["pending"] for one in (plain, told)] == [False, True]
    batches.drop_events({told["_id"]: ["e"]})
    assert not batches.get(told["_id"])["pending"]
    assert batches.get(told["_id"])["events"] == []
