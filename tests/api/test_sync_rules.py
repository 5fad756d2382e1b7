"""The rules on a phone: what it gets, when they are news, and until when it may rely on them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import MORNING
from tests.api.phone import HQ, Phone, give_batches
from tests.batch_factories import make_campaign
from tests.contracts.phones import free_task

POLL_OPENS = MORNING + timedelta(days=10)
POLL_CLOSES = POLL_OPENS + timedelta(hours=11)


@pytest.fixture
def phone(api, volunteer_of_churu):
    return Phone(api, volunteer_of_churu)


@pytest.fixture
def campaign(services):
    return make_campaign(services)


def set_poll(services, *, opens_at=POLL_OPENS, closes_at=POLL_CLOSES):
    services.controls.set_poll(HQ, "ac-24", opens_at=opens_at, closes_at=closes_at, version=None)


def test_rules_come_with_every_campaign(phone, campaign):
    rules = phone.sync()["rules"]

    (of_campaign,) = rules["campaigns"]
    assert of_campaign["campaign_id"] == campaign
    assert of_campaign["contact_window"] == {"from": "10:00", "to": "19:00"}
    assert rules["valid_until"] == of_campaign["valid_until"] == "2026-11-23T17:00:00Z"
    assert rules["polls"] == {}
    assert rules["model_code"] is None


def test_phone_without_a_campaign_gets_a_validity_too(phone):
    rules = phone.sync()["rules"]

    assert rules["campaigns"] == []
    assert rules["valid_until"] == "2026-11-23T17:00:00Z"


def test_rules_that_did_not_change_are_told_by_their_validity_alone(services, phone, campaign):
    phone.sync()
    free_task(services, services.phones, HQ)

    assert phone.sync()["rules"] == {"valid_until": "2026-11-23T17:00:00Z"}


def test_rules_are_news_when_half_of_their_validity_is_over(phone, campaign, clock):
    phone.sync()
    clock.advance(timedelta(hours=6))
    assert phone.sync() is None

    clock.advance(timedelta(seconds=1))
    rules = phone.sync()["rules"]

    assert rules["valid_until"] == "2026-11-23T23:00:01Z"
    assert len(rules["campaigns"]) == 1
    assert phone.sync() is None


@pytest.mark.parametrize("change", ["poll", "code", "switch", "campaign_switch", "version"])
def test_whatever_changes_the_rules_is_news(services, phone, campaign, change):
    phone.sync()

    stop = {"on": True, "channel": "call", "template_id": None, "reason": "complaints"}
    {
        "poll": lambda: set_poll(services),
        "code": lambda: services.controls.set_model_code(HQ, starts_at=MORNING, ends_at=None, version=None),
        "switch": lambda: services.controls.switch(HQ, stop),
        "campaign_switch": lambda: services.controls.switch(HQ, stop, campaign_id=campaign),
        "version": lambda: services.rules.propose(HQ, campaign, {"daily": {"call": 10}}, version=None),
    }[change]()
    rules = phone.sync()["rules"]

    assert len(rules["campaigns"]) == 1
    assert phone.sync() is None


def test_poll_of_a_place_that_is_not_the_phones_is_no_news(services, phone, campaign):
    phone.sync()

    services.controls.set_poll(HQ, "ac-155", opens_at=POLL_OPENS, closes_at=POLL_CLOSES, version=None)

    assert phone.sync() is None


def test_announced_poll_makes_the_rules_hold_for_longer(services, phone, campaign):
    set_poll(services)

    rules = phone.sync()["rules"]

    assert rules["polls"] == {"ac-24": {"opens_at": "2026-12-03T05:00:00Z", "closes_at": "2026-12-03T16:00:00Z"}}
    assert rules["valid_until"] == "2026-11-24T05:00:00Z"


def test_rules_never_hold_past_the_beginning_of_a_silence(services, phone, campaign, clock):
    set_poll(services)
    silence = POLL_CLOSES - timedelta(hours=48)
    clock.set(silence - timedelta(hours=3))

    assert phone.sync()["rules"]["valid_until"] == "2026-12-01T16:00:00Z"
    clock.advance(timedelta(hours=2))
    assert phone.sync() is None
    clock.set(silence)
    assert phone.sync()["rules"]["valid_until"] == "2026-12-02T16:00:00Z"


def test_opened_batch_follows_the_rules(api, services, phone, campaign):
    (batch,) = give_batches(services, campaign, phone.person)
    api.post(f"/me/batches/{batch['_id']}/open", actor=phone.person)
    phone.sync()
    assert all("phone" in item for item in phone.known["batches"][batch["_id"]]["items"])

    services.campaigns.move(HQ, campaign, "pause", version=None)
    phone.sync()

    assert phone.known["campaigns"][campaign]["state"] == "paused"
    shown = phone.known["batches"][batch["_id"]]["items"]
    assert not any("phone" in item for item in shown)
    assert {tuple(item["blocked_by"]) for item in shown} == {("campaign_inactive",)}


def test_silences_are_worked_out_for_the_places_of_the_work(services, phone, campaign):
    give_batches(services, campaign, phone.person, 1)
    set_poll(services)
    of_campaign = phone.sync()["rules"]["campaigns"][0]
    (silence,) = of_campaign["silences"]
    begins = (POLL_CLOSES - timedelta(hours=48)).isoformat().replace("+00:00", "Z")
    assert (silence["area_id"], silence["from"]) == ("ac-24", begins)
    assert "call" in silence["channels"]
    assert of_campaign["bands"] != []


def test_phone_knows_what_the_day_leaves(api, services, phone, campaign):
    (batch,) = give_batches(services, campaign, phone.person, 1, size=2)
    left = phone.sync()["rules"]["campaigns"][0]["left_today"]
    api.post(f"/me/batches/{batch['_id']}/open", actor=phone.person)
    after = phone.sync()["rules"]["campaigns"][0]["left_today"]
    assert (left["day"], left["call"], after["call"]) == ("2026-11-23", 60, 58)
