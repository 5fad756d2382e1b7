"""Migrations on stored data: databases as earlier versions of the code left them can be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.database import Database

from config.paths import read_json
from services.domain.rules.layers import live_changes, timeline
from services.domain.rules.rules import Rules, merge
from services.domain.rules.versions import effective
from services.store.collection import Document
from services.store.migrations import m2026_11_27_rules_as_changes as rules_as_changes

DEFAULTS = read_json("rules.json")
BEFORE, FIRST, SECOND, THIRD = (datetime(2026, 11, day, 6, tzinfo=UTC) for day in (1, 2, 5, 9))
NARROW = {"contact_window": {"from": "11:00", "to": "17:00"}}


def whole(below: dict[str, Any], override: dict[str, Any], version: int, at: datetime) -> dict[str, Any]:
    """Return rules as they were kept: every one of them, whatever a version changed."""
    named = {"version": version, "effective_from": at.isoformat().replace("+00:00", "Z")}
    return Rules.parse(merge(below, {**override, **named})).to_wire()


def kept(rules: dict[str, Any], state: str = "live") -> Document:
    moment = datetime.fromisoformat(rules["effective_from"])
    return {"version": rules["version"], "state": state, "rules": rules, "proposed_by": "u1", "proposed_at": moment}


@pytest.fixture
def versions() -> list[Document]:
    """Two live versions, the second taking out a retry and laying a seat's own caps; one that waits."""
    first = whole(DEFAULTS, {**NARROW, "caps": {"total": 4}, "areas": {"ac-24": {"caps": {"total": 2}}}}, 2, FIRST)
    second = whole(first, {"retry": {"busy": None}, "areas": {"ac-24": {"caps": {"per_channel": 1}}}}, 3, SECOND)
    wider = whole(second, {"contact_window": {"from": "10:00", "to": "20:00"}}, 4, THIRD)
    return [kept(first), kept(second), kept(wider, state="pending")]


@pytest.fixture
def migrated(database: Database[Document], versions: list[Document]) -> list[Document]:
    database.campaigns.insert_one({"_id": "c1", "rules": versions, "version": 7})
    rules_as_changes.run(database)
    found = database.campaigns.find_one({"_id": "c1"})
    assert found is not None
    return list(found["rules"])


@pytest.mark.parametrize("moment", [BEFORE, FIRST, SECOND, THIRD])
def test_rules_kept_whole_hold_as_they_did_once_kept_as_changes(
    versions: list[Document], migrated: list[Document], moment: datetime
) -> None:
    live = [Rules.parse(one["rules"]) for one in versions if one["state"] == "live"]
    as_was = effective([Rules.parse(DEFAULTS), *live], moment)
    assert effective(timeline(DEFAULTS, live_changes(migrated)), moment).to_wire() == as_was.to_wire()


def test_migrated_version_says_only_what_it_changed(migrated: list[Document]) -> None:
    assert migrated[0]["override"] == {**NARROW, "caps": {"total": 4}, "areas": {"ac-24": {"caps": {"total": 2}}}}
    assert migrated[1]["override"]["retry"] == {"busy": None}
    assert migrated[2]["override"] == {"contact_window": {"from": "10:00", "to": "20:00"}}


def test_pending_version_still_waits_with_who_proposed_it(migrated: list[Document]) -> None:
    waiting = migrated[2]
    assert (waiting["state"], waiting["proposed_by"], waiting["starts_at"]) == ("pending", "u1", THIRD)


def test_rules_kept_whole_by_a_version_that_knew_fewer_fields_inherit_the_rest(
    database: Database[Document],
) -> None:
    old = whole(DEFAULTS, NARROW, 2, FIRST)
    del old["exit_poll"]["same_election_days"]
    database.campaigns.insert_one({"_id": "c1", "rules": [kept(old)], "version": 1})
    rules_as_changes.run(database)
    assert [one["override"] for one in database.campaigns.find_one({"_id": "c1"})["rules"]] == [NARROW]  # type: ignore[index]


def test_migrating_rules_twice_changes_nothing_the_second_time(
    database: Database[Document], migrated: list[Document]
) -> None:
    rules_as_changes.run(database)
    assert database.campaigns.find_one({"_id": "c1"}) == {"_id": "c1", "rules": migrated, "version": 8}
