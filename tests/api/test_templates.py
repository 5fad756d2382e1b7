"""What templates and scripts may say and when they may be used, over HTTP."""

from __future__ import annotations

import pytest

from tests.api.conftest import MORNING
from tests.library import CERTIFICATE, RULING, SCRIPT, TEMPLATE, make_content, make_live, move


@pytest.fixture
def model_code(api, headquarters):
    """Bring the Model Code into force."""

    def begin():
        answer = api.put("/model-code", {"from": MORNING.isoformat(), "to": "2026-12-20T00:00:00Z"}, headquarters)
        assert answer.status_code == 200, answer.json

    return begin


@pytest.fixture
def live(api, expert, headquarters):
    """Make a live template."""
    return lambda **changes: make_live(api, "template", expert, headquarters, **changes)


def states(content):
    return [version["state"] for version in content["versions"]]


def test_uncertified_template_cannot_go_live_under_the_model_code(api, model_code, expert, headquarters):
    made = make_content(api, "template", expert)
    move(api, "template", made["id"], "submit", expert)
    model_code()

    answer = move(api, "template", made["id"], "approve", headquarters)

    assert (answer.status_code, answer.json["reasons"]) == (423, ["uncertified"])
    assert answer.json["allowed_from"] == "2026-12-20T00:00:00Z"


@pytest.mark.parametrize("proof", [{"certificate": CERTIFICATE}, {"ruling": RULING}])
def test_certified_or_ruled_template_goes_live_under_the_model_code(api, model_code, expert, headquarters, proof):
    model_code()

    assert states(make_live(api, "template", expert, headquarters, **proof)) == ["live"]


def test_live_template_without_certificate_is_told_so_when_the_code_begins(api, model_code, expert, headquarters):
    made = make_live(api, "template", expert, headquarters)
    model_code()

    assert states(api.get(f"/templates/{made['id']}", expert).json) == ["uncertified"]
    assert [states(item) for item in api.get("/templates", expert).json["items"]] == [["uncertified"]]


def test_live_template_without_certificate_rests_while_the_code_is_in_force(services, clock, model_code, live):
    made = live()
    assert services.library.live.is_live(made["id"], 1)
    model_code()

    assert not services.library.live.is_live(made["id"], 1)
    clock.set(MORNING.replace(month=12, day=21))
    assert services.library.live.is_live(made["id"], 1)


def test_killed_template_may_not_be_used(api, services, expert, headquarters):
    made = make_live(api, "template", expert, headquarters)
    stop = {"on": True, "template_id": made["id"], "reason": "Complaint"}

    assert api.post("/kill-switch", stop, headquarters).status_code == 200

    assert not services.library.live.is_live(made["id"], 1)


def test_share_task_needs_a_template_that_may_be_used(api, model_code, expert, headquarters):
    made = make_live(api, "template", expert, headquarters)
    body = {
        "kind": "share",
        "template_id": made["id"],
        "version": 1,
        "title": {"hi": "भेजें", "en": "Share"},
        "body": {"hi": "भेजें", "en": "Share"},
        "audience": {"areas": ["rj-churu"]},
    }
    assert api.post("/tasks", body, headquarters).status_code == 201
    model_code()

    assert api.post("/tasks", body, headquarters).json["errors"] == {"template_id": ["template_not_live"]}


def test_text_that_cannot_be_filled_is_refused(api, expert):
    answer = api.post("/templates", {**TEMPLATE, "body": {"hi": "{name}", "en": "{caste|x}"}}, expert)

    assert answer.status_code == 422
    assert answer.json["errors"] == {
        "body.hi": ["merge_fallback_missing"],
        "body.en": ["merge_field_unknown"],
    }


def test_preview_shows_the_text_and_its_parts(api, expert):
    made = make_content(api, "template", expert)

    shown = api.get(f"/templates/{made['id']}/versions/1/preview?locale=en&name=Sita", expert).json

    assert shown["text"] == "Dear Sita, please do vote.\nPublished in Churu"
    assert (shown["sms"]["encoding"], shown["sms"]["parts"]) == ("gsm7", 1)


def test_script_without_its_opening_in_both_languages_is_refused(api, expert):
    opening = {**SCRIPT["opening"], "how_to_stop": {"hi": "रोकें"}}

    answer = api.post("/scripts", {**SCRIPT, "opening": opening}, expert)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["opening.how_to_stop.en"])


def test_script_that_asks_for_the_vote_is_refused(api, expert):
    asked = {"id": "vote", "kind": "text", "text": {"hi": "आपने किसे वोट दिया?", "en": "Whom did you vote for?"}}

    answer = api.post("/scripts", {**SCRIPT, "questions": [asked]}, expert)

    assert answer.json["errors"]["questions.0.text.hi"] == ["forbidden_vote_cast"]


def test_script_is_tried_before_it_is_live(api, expert):
    made = make_content(api, "script", expert)
    path = f"/scripts/{made['id']}/versions/1/preview"

    assert api.post(path, actor=expert).json["next"] == "topic"
    tried = api.post(path, {"answers": {"topic": "roads"}}, expert).json
    assert tried == {"asked": ["topic"], "next": "which", "wrong": {}}
    assert api.post(path, {"answers": {"topic": "trains"}}, expert).json["wrong"] == {"topic": "unknown_option"}
