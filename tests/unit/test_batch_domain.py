"""Batches as data: deterministic ids, counts, hand-over and closing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.domain.batches.batches import Household, Origin, carried, make_batch, make_item, pool_key, target_ids
from services.domain.batches.changes import closing, handing_over
from services.domain.batches.cutting import Cutter

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
ORIGIN = Origin("run", 3, "campaign", "call", "someone", NOW)


def batch_of(*states: str):
    items = [
        {**make_item("run", Household(f"key{number}", (f"c{number}",), "ac-24-1", "ac-24")), "state": state}
        for number, state in enumerate(states)
    ]
    return make_batch(ORIGIN, items)


def test_a_run_makes_the_same_batch_and_items_again():
    assert batch_of("ready")["_id"] == batch_of("ready", "ready")["_id"]
    assert batch_of("ready")["items"][0]["id"] == batch_of("ready")["items"][0]["id"]
    assert make_batch(ORIGIN._replace(number=4), [])["_id"] > batch_of()["_id"]


def test_counts_add_up_to_the_total():
    counts = batch_of("ready", "callback", "done", "blocked", "returned", "ready")["counts"]
    assert counts == {"total": 5, "ready": 2, "callback": 1, "done": 1, "blocked": 1}


def test_a_batch_lists_its_places_and_targets_once():
    batch = batch_of("ready", "ready")
    assert (batch["part_ids"], batch["constituency_ids"]) == (["ac-24-1"], ["ac-24"])
    assert target_ids(batch) == ["campaign:c0", "campaign:c1"]
    assert pool_key(batch) == "campaign|call|*|ac-24-1"


def test_handing_over_notes_every_holder_once():
    batch = batch_of("ready")
    for user in ("one", "two", "one"):
        changes = handing_over(batch, user_id=user, district_id="d", lease_id="l", now=NOW, due_at=NOW)
        batch = {**batch, **changes, "version": batch["version"] + 1}
    assert batch["holders"] == ["one", "two"]
    assert [event["user_id"] for event in batch["events"]] == ["one", "two", "one"]
    assert len({event["id"] for event in batch["events"]}) == 3


def test_closing_sends_on_what_was_not_worked():
    batch = batch_of("ready", "done", "callback", "blocked")
    changes = closing(batch, "returned", state="recalled", at=NOW, reason="released")
    assert [item["state"] for item in changes["items"]] == ["returned", "done", "returned", "blocked"]
    assert [item["address"] for item in changes["events"][-1]["items"]] == ["key0", "key2"]
    assert changes["state"] == "recalled"
    assert changes["counts"]["ready"] == changes["counts"]["callback"] == 0


def test_an_expiring_batch_lives_on_for_callbacks_that_were_agreed():
    batch = batch_of("ready", "callback", "callback")
    batch["items"][1]["callback_at"] = NOW + timedelta(hours=3)
    batch["items"][2]["callback_at"] = NOW - timedelta(hours=3)
    grace = timedelta(hours=2)
    changes = closing(batch, "expired", state="expired", at=NOW, reason="expired", grace=grace)
    assert "state" not in changes
    assert changes["due_at"] == NOW + timedelta(hours=5)
    assert [item["state"] for item in changes["items"]] == ["returned", "callback", "returned"]
    assert changes["next_callback_at"] == NOW + timedelta(hours=3)


def test_a_carried_item_keeps_its_history_and_loses_its_reveal():
    item = {**batch_of("returned")["items"][0], "attempts": 1, "opened_at": NOW, "callback_at": NOW}
    again = carried(item)
    assert (again["state"], again["attempts"], again["opened_at"]) == ("ready", 1, None)


@given(
    parts=st.lists(st.tuples(st.sampled_from(["ac-24", "ac-155"]), st.integers(0, 70)), max_size=20),
    size=st.integers(1, 25),
)
def test_cutting_loses_nothing_and_leaves_one_small_batch_a_seat(parts, size):
    cutter: Cutter[int] = Cutter(size)
    numbers = iter(range(10_000))
    cuts = []
    for seat, amount in parts:
        cuts += cutter.add(None, seat, [next(numbers) for _ in range(amount)])
    cuts += cutter.rest()
    assert sorted(item for cut in cuts for item in cut.items) == list(range(sum(amount for _, amount in parts)))
    for seat in ("ac-24", "ac-155"):
        sizes = [len(cut.items) for cut in cuts if cut.constituency_id == seat]
        assert all(0 < items <= size for items in sizes)
        assert sum(items < size for items in sizes) <= 1
