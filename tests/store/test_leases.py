"""An address has one holder at most, whoever asks, in whatever order, however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.database import Database

from services.store.batches.leases import LeaseStore, Wanted

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.fixture
def leases(database: Database) -> LeaseStore:
    return LeaseStore(database)


def wants(batch: str, *keys: str, until: datetime = NOW + timedelta(hours=48)) -> list[Wanted]:
    return [
        Wanted(
            key=key,
            batch_id=batch,
            item_id=f"item-{key}",
            user_id=f"user-{batch}",
            campaign_id="campaign",
            channel="call",
            until=until,
        )
        for key in keys
    ]


def holders(leases: LeaseStore, *keys: str) -> list[str | None]:
    found = leases.by_keys(keys)
    return [found[key]["batch_id"] for key in keys]


def attempt(outcome: str, minutes: int) -> dict:
    return {"o": outcome, "at": NOW + timedelta(minutes=minutes), "ch": "call", "c": "campaign", "i": "item"}


def test_an_address_is_leased_once_and_refused_then(leases):
    assert leases.add(wants("one", "a", "b")) == set()
    assert leases.add(wants("two", "b", "c")) == {"b"}
    assert holders(leases, "a", "b", "c") == ["one", "one", "two"]


def test_a_released_address_is_taken_over_with_all_that_belongs_to_it(leases):
    leases.add(wants("one", "a", "b"))
    leases.release(["a"], "one")
    offers = wants("two", "a", "b")
    leases.take_over(offers, leases.by_keys(["a", "b"]), now=NOW)
    found = leases.by_keys(["a", "b"])
    assert (found["a"]["batch_id"], found["a"]["item_id"], found["a"]["user_id"]) == ("two", "item-a", "user-two")
    assert found["b"]["batch_id"] == "one"


def test_an_address_whose_time_is_over_is_taken_over_to_the_second(leases):
    leases.add(wants("one", "a", until=NOW))
    leases.add(wants("one", "b", until=NOW + timedelta(seconds=1)))
    leases.take_over(wants("two", "a", "b"), leases.by_keys(["a", "b"]), now=NOW)
    assert holders(leases, "a", "b") == ["two", "one"]


def test_a_batch_takes_again_what_it_has(leases):
    leases.add(wants("one", "a"))
    later = NOW + timedelta(hours=99)
    leases.take_over(wants("one", "a", until=later), leases.by_keys(["a"]), now=NOW)
    assert leases.by_keys(["a"])["a"]["until"] == later


def test_an_attempt_that_came_in_between_stops_a_take_over(leases):
    leases.add(wants("one", "a"))
    leases.release(["a"], "one")
    seen = leases.by_keys(["a"])
    leases.note_attempts({"a": [attempt("o1", 0)]})
    leases.take_over(wants("two", "a"), seen, now=NOW)
    assert holders(leases, "a") == [None]


def test_only_the_holder_releases_and_extends(leases):
    leases.add(wants("one", "a"))
    leases.release(["a"], "two")
    leases.extend(["a"], "two", NOW)
    assert holders(leases, "a") == ["one"]
    assert leases.by_keys(["a"])["a"]["until"] > NOW


def test_attempts_are_kept_by_time_once_and_with_the_holder(leases):
    leases.add(wants("one", "a"))
    leases.note_attempts({"a": [attempt("o2", 5), attempt("o1", 1)], "new": [attempt("o3", 0)]})
    leases.note_attempts({"a": [attempt("o1", 1), attempt("o0", 0)]})
    found = leases.by_keys(["a", "new"])
    assert [row["o"] for row in found["a"]["attempts"]] == ["o0", "o1", "o2"]
    assert (found["a"]["batch_id"], found["a"]["n"], found["new"]["batch_id"]) == ("one", 3, None)


def test_the_last_twenty_attempts_are_kept(leases):
    leases.note_attempts({"a": [attempt(f"o{number:02}", number) for number in range(25)]})
    assert [row["o"] for row in leases.by_keys(["a"])["a"]["attempts"]] == [f"o{number:02}" for number in range(5, 25)]


def test_an_address_that_was_tried_but_never_held_is_free(leases):
    leases.note_attempts({"a": [attempt("o1", 0)]})
    assert leases.add(wants("one", "a")) == {"a"}
    leases.take_over(wants("one", "a"), leases.by_keys(["a"]), now=NOW)
    assert holders(leases, "a") == ["one"]


@pytest.mark.parametrize("prepared", ["fresh", "released", "expired"])
def test_64_claimers_never_share_an_address(leases, prepared):
    keys = [f"k{number}" for number in range(25)]
    if prepared != "fresh":
        leases.add(wants("old", *keys, until=NOW if prepared == "expired" else NOW + timedelta(hours=1)))
    if prepared == "released":
        leases.release(keys, "old")

    def claim(number: int) -> set[str]:
        wanted = wants(f"batch-{number}", *keys)
        refused = leases.add(wanted)
        seen = leases.by_keys(refused)
        leases.take_over([one for one in wanted if one.key in refused], seen, now=NOW)
        after = leases.by_keys(keys)
        return {key for key in keys if after[key]["batch_id"] == f"batch-{number}"}

    with ThreadPoolExecutor(64) as pool:
        got = list(pool.map(claim, range(64)))
    assert sum(len(one) for one in got) == len(keys)
    assert set().union(*got) == set(keys)
