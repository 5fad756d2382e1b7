"""Content on a phone: what is live comes, what is stopped goes, and each once."""

from __future__ import annotations

import pytest

from tests.api.phone import HQ, Phone
from tests.batch_factories import make_campaign
from tests.library import make_live, move


@pytest.fixture
def phone(api, volunteer_of_churu):
    return Phone(api, volunteer_of_churu)


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.mark.parametrize("kind", ["script", "template"])
def test_live_content_comes_once_and_goes_when_withdrawn(api, phone, campaign, expert, headquarters, kind):
    phone.sync()
    made = make_live(api, kind, expert, headquarters, campaign_id=campaign)

    (content,) = phone.sync()[f"{kind}s"]

    assert (content["id"], content["version"], content["campaign_id"]) == (made["id"], 1, campaign)
    assert phone.sync() is None
    move(api, kind, made["id"], "withdraw", expert)
    assert phone.sync()["removed"][f"{kind}s"] == [made["id"]]


def test_draft_beside_a_live_version_is_no_news(api, phone, campaign, expert, headquarters):
    made = make_live(api, "template", expert, headquarters)
    phone.sync()

    version = {name: made["versions"][0][name] for name in ("publisher", "media", "certificate", "ruling")}
    body = {**version, "body": {"hi": "नया", "en": "New"}}
    assert api.post(f"/templates/{made['id']}/versions", body, expert).status_code == 201

    assert phone.sync() is None


def test_content_of_a_campaign_that_is_not_the_phones_stays_away(api, services, phone, expert, headquarters):
    elsewhere = make_campaign(services, helpers=[{"constituency": "ac-24", "districts": ["rj-kota"]}])
    make_live(api, "template", expert, headquarters, campaign_id=elsewhere)

    assert phone.sync()["templates"] == []


@pytest.mark.parametrize("whole_state", [True, False])
def test_kill_switch_takes_a_template_off_the_phone(api, services, phone, campaign, expert, headquarters, whole_state):
    made = make_live(api, "template", expert, headquarters, campaign_id=campaign)
    phone.sync()

    stop = {"on": True, "channel": None, "template_id": made["id"], "reason": "a wrong claim"}
    services.controls.switch(HQ, stop, campaign_id=None if whole_state else campaign)
    page = phone.sync()

    assert page["removed"]["templates"] == [made["id"]]
    assert page["rules"]["campaigns"] != []


def test_published_answer_reaches_the_phone(api, phone, expert, headquarters):
    question = api.post("/me/questions", {"text": "When will the road be built?"}, phone.person).json
    both = {"hi": "सड़क कब बनेगी?", "en": "When will the road be built?"}
    api.post(f"/questions/{question['id']}/answer", {"question": both, "answer": both}, expert)
    assert phone.sync()["answers"] == []

    api.post(f"/questions/{question['id']}/publish", actor=headquarters)

    assert [one["id"] for one in phone.sync()["answers"]] == [question["id"]]
    assert phone.sync() is None
