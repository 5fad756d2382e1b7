"""Answers are held against the script that an outcome names; what no script asked is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fieldwork import make_work
from tests.library import SCRIPT, make_live, move


@pytest.fixture
def work(services, headquarters, volunteer_of_churu):
    return make_work(services, headquarters=headquarters, holder=volunteer_of_churu)


@pytest.fixture
def script(api, clock, expert, headquarters, work):
    """A script of the campaign that went live an hour before the talk."""
    made = make_live(api, "script", expert, headquarters, campaign_id=work.campaign_id)
    clock.advance(timedelta(hours=1))
    return made


@pytest.fixture
def told(api, work, volunteer_of_churu):
    """Tell of a talk, and return the receipt."""

    def tell(answers, **facts):
        outcome = work.told(**{"disposition": "contacted", "answers": answers, **facts})
        body = {"outcomes": [outcome]}
        return api.post("/me/outcomes", body, volunteer_of_churu).json["receipts"][0]

    return tell


def code(receipt):
    return receipt["status"], receipt.get("code"), receipt.get("field")


@pytest.mark.parametrize("name", ["{id}:1", "1", None])
def test_answers_to_the_script_are_stored(told, script, name):
    version = name and name.format(id=script["id"])

    assert told({"topic": "roads", "which": "NH 11"}, script_version=version)["status"] == "stored"


@pytest.mark.parametrize(
    ("answers", "field", "wrong"),
    [
        ({"topic": "trains"}, "answers.topic", "unknown_option"),
        ({"topic": "roads", "colour": "red"}, "answers.colour", "question_unknown"),
        ({"topic": "nothing", "which": "x"}, "answers.which", "question_not_asked"),
    ],
)
@pytest.mark.parametrize("name", ["1", None])
def test_foreign_or_unlisted_answer_is_refused_by_name(told, script, answers, field, wrong, name):
    assert code(told(answers, script_version=name)) == ("rejected", wrong, field)


def test_whole_interview_has_its_required_answers_and_a_partial_one_need_not(told, script):
    assert code(told({"which": "x"}, script_version="1"))[:2] == ("rejected", "answer_required")
    assert told({"which": "x"}, script_version="1", disposition="partial")["status"] == "stored"


def test_unknown_version_is_refused(told, script):
    assert code(told({"topic": "roads"}, script_version="7"))[:2] == ("rejected", "script_version_unknown")


def test_version_that_was_replaced_is_still_known(api, told, script, expert, headquarters):
    question = {**SCRIPT["questions"][1], "id": "other"}
    api.post(f"/scripts/{script['id']}/versions", {"opening": SCRIPT["opening"], "questions": [question]}, expert)
    move(api, "script", script["id"], "submit", expert, version=2)
    move(api, "script", script["id"], "approve", headquarters, version=2)

    assert told({"topic": "roads"}, script_version="1")["status"] == "stored"
    assert code(told({"topic": "roads"}, script_version="2"))[1] == "question_unknown"


def test_one_outcome_with_a_foreign_answer_is_refused_as_a_problem(api, work, script, volunteer_of_churu):
    outcome = work.told(disposition="contacted", answers={"colour": "red"}, script_version="1")

    answer = api.put(f"/me/outcomes/{outcome['id']}", outcome, volunteer_of_churu)

    assert (answer.status_code, answer.json["errors"]) == (422, {"answers.colour": ["question_unknown"]})


def test_draft_is_no_version_to_name(api, told, script, expert):
    body = {name: SCRIPT[name] for name in ("opening", "questions")}
    api.post(f"/scripts/{script['id']}/versions", body, expert)

    assert code(told({"topic": "roads"}, script_version="2"))[1] == "script_version_unknown"


def test_campaign_without_a_script_takes_any_answers(told):
    assert told({"anything": "yes"})["status"] == "stored"


def test_what_was_stored_stays_a_duplicate_when_a_script_comes(api, work, expert, headquarters, volunteer_of_churu):
    body = {"outcomes": [work.told(disposition="contacted", answers={"anything": "yes"})]}
    api.post("/me/outcomes", body, volunteer_of_churu)
    make_live(api, "script", expert, headquarters, campaign_id=work.campaign_id)

    assert api.post("/me/outcomes", body, volunteer_of_churu).json["receipts"][0]["status"] == "duplicate"


def test_named_version_is_held_against_even_when_it_went_live_after_the_talk(told, script, clock):
    early = (clock.now() - timedelta(hours=2)).isoformat()
    named = {"script_version": f"{script['id']}:1", "occurred_at": early}

    assert code(told({"topic": "cinema"}, **named)) == ("rejected", "unknown_option", "answers.topic")
    assert code(told({"topic": "nothing"}, **named))[0] == "stored"
    # Who names none had none to go by.
    assert code(told({"topic": "cinema"}, occurred_at=early))[0] == "stored"


def test_agreed_time_is_weeks_away_at_most(told, clock):
    far, near = ((clock.now() + timedelta(days=days)).isoformat() for days in (31, 29))

    refused = told(None, disposition="call_back", callback_at=far)
    assert code(refused) == ("rejected", "callback_at_too_far", "callback_at")
    assert code(told(None, disposition="call_back", callback_at=near))[0] == "stored"
