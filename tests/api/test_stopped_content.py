"""Content that the Model Code or a kill switch stops takes the numbers with it: nothing is sent without a text."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import MORNING
from tests.batch_factories import enrol, make_campaign, make_contact, wanted
from tests.factories import make_person
from tests.library import make_live

CODE = {"from": (MORNING + timedelta(hours=1)).isoformat(), "to": None}


@pytest.fixture
def asha(app):
    return make_person(app, channels=("whatsapp",))


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def path(api, services, campaign, expert, headquarters, asha):
    """An opened batch whose one text has no certificate."""
    make_live(api, "template", expert, headquarters, campaign_id=campaign)
    enrol(services, campaign, [make_contact(services)])
    assign = {"mode": "volunteers", "user_ids": [asha.id]}
    made = api.post("/batches", wanted(campaign, channel="whatsapp", assign=assign), headquarters).json
    found = f"/me/batches/{made['items'][0]['id']}"
    assert "phone" in api.post(f"{found}/open", None, asha).json["items"][0]
    return found


def test_uncertified_text_stops_to_the_second_when_the_model_code_begins(api, path, asha, headquarters, clock):
    api.put("/model-code", CODE, headquarters)
    clock.set(MORNING + timedelta(hours=1) - timedelta(seconds=1))
    assert "phone" in api.get(path, asha).json["items"][0]
    clock.advance(timedelta(seconds=1))
    item = api.get(path, asha).json["items"][0]
    assert (item["state"], item["blocked_by"], item.get("phone")) == ("blocked", ["uncertified"], None)
    answer = api.post(f"{path}/open", None, asha)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["uncertified"])


def test_plan_says_that_the_text_is_not_certified(api, services, path, campaign, headquarters, clock):
    enrol(services, campaign, [make_contact(services)])
    api.put("/model-code", CODE, headquarters)
    clock.advance(timedelta(hours=1))
    body = wanted(campaign, channel="whatsapp", assign={"mode": "pool"})
    assert api.post("/batches/plan", body, headquarters).json["funnel"]["blocked"]["uncertified"] == 2


def test_number_is_shown_ahead_only_until_other_rules_begin(api, path, campaign, asha, headquarters, clock):
    clock.set(MORNING + timedelta(hours=12))
    tomorrow = MORNING + timedelta(hours=25)
    later = {"contact_window": {"from": "13:00", "to": "19:00"}, "effective_from": tomorrow.isoformat()}
    api.put(f"/campaigns/{campaign}/rules", later, headquarters)
    item = api.get(path, asha).json["items"][0]
    assert item["not_after"] == tomorrow.isoformat().replace("+00:00", "Z")
