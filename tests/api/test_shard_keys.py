"""What the work asks of the database, held against the shard keys that config/data/shard_keys.json declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from config.paths import read_json
from services.domain.sharding import Asked, asked_by, is_led, is_targeted, may_be_unique
from tests.batch_factories import make_campaign, make_people, wanted

DECLARED = read_json("shard_keys.json")
SHARDED = {name: one["key"] for name, one in DECLARED["sharded"].items()}
KNOWN = [(one["collection"], frozenset(one["fields"])) for one in DECLARED["asks_all"]["queries"]]


@pytest.fixture
def noted(commands) -> Callable[[Callable[[], Any]], list[Asked]]:
    """Return what something asks of the database."""

    def note(do: Callable[[], Any]) -> list[Asked]:
        commands.whole = []
        try:
            do()
            return [asked for name, command in commands.whole for asked in asked_by(name, command)]
        finally:
            commands.whole = None

    return note


@pytest.fixture
def campaign(api, services, headquarters):
    made = make_campaign(services)
    make_people(services, made, 40)
    assert api.post("/batches", wanted(made, size=10), headquarters).status_code == 201
    return made


def a_day(api, services, actor, campaign):
    """Let a volunteer claim, look, open, tell and give back, and the worker follow."""
    claim = {"campaign_id": campaign, "channel": "call"}
    batch = api.post("/me/batches/claim", claim, actor).json
    path = f"/me/batches/{batch['id']}"
    api.get(path, actor)
    items = api.post(f"{path}/open", None, actor).json["items"]
    told = {"batch_id": batch["id"], "channel": "call", "occurred_at": services.clock.now().isoformat()}
    outcomes = [{**told, "id": str(uuid4()), "item_id": item["id"], "disposition": "no_answer"} for item in items[:3]]
    assert api.put(f"/me/outcomes/{outcomes[0]['id']}", outcomes[0], actor).status_code == 201
    assert api.post("/me/outcomes", {"outcomes": outcomes}, actor).status_code == 200
    assert api.get("/me/sync", actor).status_code == 200
    assert api.post(f"{path}/release", None, actor).status_code == 200


def settle(services):
    while sum(step.run() for step in services.worker_steps if step.name not in {"batch audit", "lease audit"}):
        pass


def test_a_volunteers_requests_ask_the_shards_that_hold_what_they_want(
    api, services, volunteer_of_churu, campaign, noted
):
    asked = noted(lambda: a_day(api, services, volunteer_of_churu, campaign))
    astray = {one for one in asked if one.collection in SHARDED and not is_targeted(one, SHARDED[one.collection])}
    receipts = {one for one in astray if one.collection == "task_receipts"}
    assert astray - receipts == set()
    assert {one.collection for one in asked} >= {"contacts", "targets", "leases", "outcomes"}


def test_what_asks_every_shard_is_declared_and_no_request_of_a_volunteer(
    api, services, headquarters, volunteer_of_churu, campaign, noted
):
    def work():
        a_day(api, services, volunteer_of_churu, campaign)
        settle(services)
        api.post("/batches/plan", wanted(campaign), headquarters)
        services.reconciling.run()
        services.orphans.run()

    asked = noted(work)
    astray = [one for one in asked if one.collection in SHARDED and not is_targeted(one, SHARDED[one.collection])]
    unknown = {one for one in astray if one.fields and not any(_is(one, known) for known in KNOWN)}
    assert unknown == set(), "target it, or say in `asks_all` of config/data/shard_keys.json why it asks every shard"


def test_every_query_of_the_work_is_led_by_an_index(
    api, services, headquarters, volunteer_of_churu, campaign, noted, settings
):
    asked = noted(lambda: (a_day(api, services, volunteer_of_churu, campaign), settle(services)))
    names = {one.collection for one in asked}
    indexes = {name: _indexes(services, name) for name in names}
    # A campaign's list and the parts of the state are small and read whole.
    scans = {one for one in asked if one.fields and not is_led(one, [keys for keys, _ in indexes[one.collection]])}
    assert scans == set()


def test_no_unique_key_is_in_the_way_of_sharding(services):
    wrong = [
        (name, keys)
        for name, key in SHARDED.items()
        for keys, unique in _indexes(services, name)
        if unique and not may_be_unique(keys, key)
    ]
    assert wrong == []


def test_what_is_declared_is_there(services, campaign):
    stored = set(services.stores.leases._leases._raw.database.list_collection_names())
    largest = set(DECLARED["whole"]["largest"])
    assert {*SHARDED, *largest} - stored == set(), "config/data/shard_keys.json names collections that are not there"
    assert set(SHARDED) & largest == set()
    assert {name for name, _ in KNOWN} <= SHARDED.keys()


@pytest.mark.parametrize(
    ("query", "key", "targeted"),
    [
        ({"_id": {"$in": ["a", "b"]}}, {"_id": "hashed"}, True),
        ({"_id": {"$gt": "a"}}, {"_id": "hashed"}, False),
        ({"campaign_id": "c"}, {"campaign_id": 1, "part_id": 1}, False),
        ({"campaign_id": "c", "part_id": "p", "state": "open"}, {"campaign_id": 1, "part_id": 1}, True),
    ],
)
def test_a_query_is_targeted_by_the_whole_key_alone(query, key, targeted):
    (asked,) = asked_by("find", {"find": "things", "filter": query})
    assert is_targeted(asked, key) is targeted


def test_a_join_asks_the_collection_that_it_joins():
    join = {"from": "leases", "localField": "batch_id", "foreignField": "batch_id", "as": "held"}
    command = {"aggregate": "batches", "pipeline": [{"$match": {"_id": "b"}}, {"$lookup": join}]}
    batches, leases = asked_by("aggregate", command)
    assert is_targeted(batches, {"_id": "hashed"})
    assert not is_targeted(leases, {"_id": "hashed"})


@pytest.mark.parametrize(
    ("index", "key", "allowed"),
    [
        (["_id"], {"_id": "hashed"}, True),
        (["phone"], {"_id": "hashed"}, False),
        (["campaign_id", "number"], {"campaign_id": 1}, True),
        (["number", "campaign_id"], {"campaign_id": 1}, False),
    ],
)
def test_a_unique_key_begins_with_the_shard_key(index, key, allowed):
    assert may_be_unique(index, key) is allowed


def _is(asked: Asked, known: tuple[str, frozenset[str]]) -> bool:
    return asked.collection == known[0] and known[1] <= asked.fields


def _indexes(services, name: str) -> list[tuple[list[str], bool]]:
    database = services.stores.leases._leases._raw.database
    return [
        (list(index["key"]), bool(index.get("unique")) or index["name"] == "_id_")
        for index in database[name].list_indexes()
    ]
