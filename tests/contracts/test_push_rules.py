"""Pushes that ask somebody to contact people wait while the rules forbid it; the rules are asked when they are sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import MORNING
from tests.api.phone import HQ
from tests.batch_factories import make_campaign
from tests.contracts.phones import assigned_batch, bind, phones_with

TOO_EARLY = MORNING - timedelta(hours=1)  # 09:30 in Jaipur


@pytest.fixture
def phones(services, clock, messaging):
    return phones_with(services, clock, messaging)


@pytest.fixture
def told(services, phones, double, volunteer_of_churu):
    """Announce a batch, or its callbacks, and return how many pushes went out by now."""
    bind(services, volunteer_of_churu, "a")
    campaign = make_campaign(services)
    batch, event = assigned_batch(services, volunteer_of_churu, campaign_id=campaign)

    def tell(handler=None):
        if handler is not None:
            handler(batch, event)
        while phones.pushing.send_due():
            pass
        return len(double.log())

    tell.campaign, tell.batch = campaign, batch
    return tell


def assigned(phones):
    return lambda *happened: phones.notifying.batches_assigned([happened])


def test_batch_is_not_announced_in_the_silence_of_its_place(services, phones, told, clock):
    closes = MORNING + timedelta(hours=26)
    services.controls.set_poll(HQ, "ac-24", opens_at=closes - timedelta(hours=11), closes_at=closes, version=None)
    assert told(assigned(phones)) == 0
    clock.set(closes - timedelta(seconds=1))
    assert told() == 0
    services.controls.set_poll(HQ, "ac-24", opens_at=None, closes_at=None, version=None)
    clock.advance(timedelta(hours=20))
    assert told() == 1


def test_batch_is_announced_ahead_of_its_hours(phones, told, clock):
    clock.set(TOO_EARLY)
    assert told(assigned(phones)) == 1


def test_callback_waits_for_the_contact_window(services, phones, told, clock):
    clock.set(TOO_EARLY)
    held = services.stores.batches.get(told.batch["_id"])
    at = clock.now()
    items = [{**held["items"][0], "state": "callback", "callback_at": at}, *held["items"][1:]]
    services.stores.batches.swap(held, {"items": items})
    assert told(lambda batch, _: phones.notifying.callback_due(batch, {"at": at})) == 0
    clock.set(MORNING)
    assert told() == 1


@pytest.mark.parametrize("scope", ["state", "campaign"])
def test_stopped_work_is_not_announced_until_the_stop_is_lifted(services, phones, told, clock, scope):
    where = told.campaign if scope == "campaign" else None
    stop = {"on": True, "channel": None, "template_id": None, "reason": "Complaint of the returning officer"}
    services.controls.switch(HQ, stop, campaign_id=where)
    assert told(assigned(phones)) == 0
    other = type(HQ)(user_id="second", role="hq_admin", session_id="test")
    services.controls.switch(other, {**stop, "on": False}, campaign_id=where)
    clock.advance(timedelta(minutes=10))
    assert told() == 1


def test_paused_volunteer_is_not_asked_to_work(services, phones, told, volunteer_of_churu, clock):
    services.stores.users.pause(volunteer_of_churu.id, clock.now())
    assert told(assigned(phones)) == 0
