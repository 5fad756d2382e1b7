"""The slow walk over open batches finds what lies apart, and leaves alone what does not."""

from __future__ import annotations

import pytest

from tests.batch_checks import audit_of, orphans
from tests.batch_factories import make_campaign, make_people, wanted


@pytest.fixture
def pooled(api, services, headquarters):
    campaign = make_campaign(services)
    people = [contact.id for contact in make_people(services, campaign, 60, parts=3)]
    assert api.post("/batches", wanted(campaign, size=4, assign={}), headquarters).status_code == 201
    return campaign, people


def test_what_is_whole_is_left_alone(services, pooled):
    assert audit_of(services).all() == 0


def test_part_without_a_name_is_named_again(services, pooled):
    campaign, people = pooled
    services.stores.pools._pools.update_many({}, {"$set": {"parts": {}}})
    assert orphans(services, campaign, people)
    assert audit_of(services).all() > 0
    assert orphans(services, campaign, people) == []


@pytest.mark.parametrize("owner", [None, "a-batch-that-never-was"])
def test_people_who_point_nowhere_point_to_their_batch_again(services, pooled, owner):
    campaign, people = pooled
    services.stores.targets._targets.update_many({}, {"$set": {"batch_id": owner}})
    assert orphans(services, campaign, people)
    assert audit_of(services).all() > 0
    assert orphans(services, campaign, people) == []


def test_people_of_another_open_batch_stay_with_it(services, pooled):
    campaign, _ = pooled
    first, second = services.stores.batches.open_after("", ("pooled",), limit=2)
    targets = [f"{campaign}:{contact}" for item in first["items"] for contact in item["contacts"]]
    services.stores.targets._targets.update_many({"_id": {"$in": targets}}, {"$set": {"batch_id": second["_id"]}})
    assert audit_of(services).all() == 0
