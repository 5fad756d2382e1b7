"""When somebody is tried again: by their other number once one was wrong, and once more, later, when they refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api.telling import project, upload
from tests.batch_factories import address_of, enrol, make_campaign, make_contact, wanted
from tests.factories import make_person, next_phone


@pytest.fixture
def asha(app):
    return make_person(app, role="volunteer", home_area="rj-churu", name="Asha")


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def hand_out(api, campaign, headquarters, asha):
    """Give Asha a batch of whoever is to be had, open it, and return it; None where there is nobody."""

    def run():
        assign = {"mode": "volunteers", "user_ids": [asha.id]}
        made = api.post("/batches", wanted(campaign, assign=assign), headquarters).json["items"]
        if not made:
            return None
        opened = api.post(f"/me/batches/{made[0]['id']}/open", None, asha)
        assert opened.status_code == 200, opened.json
        return opened.json

    return run


@pytest.fixture
def call(api, services, asha, clock):
    """Tell what became of the call to the one item of a batch, just now, and let the worker follow."""

    def run(batch, disposition):
        (item,) = batch["items"]
        told = {
            "id": str(uuid4()),
            "batch_id": batch["id"],
            "item_id": item["id"],
            "contact_id": item["people"][0]["contact_id"],
            "channel": "call",
            "disposition": disposition,
            "occurred_at": clock.now().isoformat(),
        }
        assert [one["status"] for one in upload(api, asha, told)] == ["stored"]
        project(services)

    return run


def blocked(api, campaign, headquarters):
    plan = api.post("/batches/plan", wanted(campaign), headquarters).json
    return plan["funnel"]["blocked"] or {"ready": plan["funnel"]["ready"]}


@pytest.mark.parametrize("ending", ["wrong_number", "disconnected"])
def test_other_number_is_offered_when_one_was_wrong(api, services, campaign, hand_out, call, clock, ending):
    first, second = next_phone(), next_phone()
    addresses = (address_of(services, first, preferred=True), address_of(services, second))
    enrol(services, campaign, [make_contact(services, addresses=addresses)])
    batch = hand_out()
    assert [item["phone"] for item in batch["items"]] == [first]

    call(batch, ending)
    assert hand_out() is None  # the person had their call today
    clock.advance(timedelta(hours=25))

    again = hand_out()
    assert [item["phone"] for item in again["items"]] == [second]
    call(again, ending)
    clock.advance(timedelta(hours=25))
    assert hand_out() is None


def test_wrong_number_without_another_is_a_dead_end(api, services, campaign, hand_out, call, clock, headquarters):
    enrol(services, campaign, [make_contact(services)])
    call(hand_out(), "wrong_number")
    clock.advance(timedelta(hours=25))

    assert blocked(api, campaign, headquarters) == {"dead_number": 1}


def test_refusal_is_tried_once_more_a_week_later_and_then_never(
    api, services, campaign, hand_out, call, clock, headquarters
):
    enrol(services, campaign, [make_contact(services)])
    call(hand_out(), "refused")
    clock.advance(timedelta(days=6, hours=23, minutes=59))
    assert hand_out() is None
    assert set(blocked(api, campaign, headquarters)) == {"not_due"}
    clock.advance(timedelta(minutes=2))

    call(hand_out(), "refused")
    clock.advance(timedelta(days=8))

    assert hand_out() is None
    assert blocked(api, campaign, headquarters) == {"final": 1}
