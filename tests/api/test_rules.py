"""Rules, poll hours and the Model Code: a narrowing by one person, a widening by two."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.factories import Person

HOURS = {"opens_at": "2026-12-20T01:30:00Z", "closes_at": "2026-12-20T12:30:00Z"}


@pytest.fixture
def path(api: Api, headquarters: Person) -> str:
    body = {"name": "Sujangarh", "constituencies": ["ac-24"], "channels": ["call"]}
    return f"/campaigns/{api.post('/campaigns', body, headquarters).json['id']}/rules"


def test_campaign_begins_with_the_defaults(api: Api, headquarters: Person, path: str) -> None:
    rules = api.get(path, headquarters).json
    assert (rules["state"], rules["contact_window"], rules["daily"]) == (
        "live",
        {"from": "10:00", "to": "19:00"},
        {"call": 60, "message": 40},
    )


def test_narrowing_is_live_at_once(api: Api, headquarters: Person, path: str) -> None:
    answer = api.put(path, {"contact_window": {"from": "11:00", "to": "17:00"}}, headquarters)
    assert answer.json["state"] == "live"
    assert api.get(path, headquarters).json["contact_window"] == {"from": "11:00", "to": "17:00"}


def test_widening_waits_for_another_person(
    api: Api, headquarters: Person, second_headquarters: Person, path: str
) -> None:
    proposed = api.put(path, {"caps": {"total": 6}}, headquarters).json
    assert proposed["state"] == "pending"
    shown = api.get(path, headquarters).json
    assert shown["caps"]["total"] == 5
    assert [one["version"] for one in shown["pending"]] == [proposed["version"]]
    approve = f"{path}/{proposed['version']}/approve"
    assert api.post(approve, None, headquarters).json["code"] == "own_approval"
    assert api.post(approve, None, second_headquarters).json["state"] == "live"
    assert api.get(path, headquarters).json["caps"]["total"] == 6
    assert api.post(approve, None, second_headquarters).json["code"] == "state_conflict"


def test_rejected_widening_never_holds(api: Api, headquarters: Person, second_headquarters: Person, path: str) -> None:
    version = api.put(path, {"daily": {"call": 90, "message": 40}}, headquarters).json["version"]
    assert api.post(f"{path}/{version}/reject", None, second_headquarters).json["state"] == "rejected"
    assert api.get(path, headquarters).json["daily"]["call"] == 60


def test_own_answer_may_be_sent_back_with_a_change(api: Api, headquarters: Person, path: str) -> None:
    rules = api.get(path, headquarters).json
    answer = api.put(path, {**rules, "complaints_pause": 1}, headquarters)
    assert (answer.status_code, answer.json["complaints_pause"]) == (200, 1)


def test_window_beyond_the_law_is_refused(api: Api, headquarters: Person, path: str) -> None:
    answer = api.put(path, {"contact_window": {"from": "08:00", "to": "19:00"}}, headquarters)
    assert answer.json["errors"] == {"contact_window": ["outside_legal_window"]}


def test_wrong_rule_is_named_by_its_path(api: Api, headquarters: Person, path: str) -> None:
    answer = api.put(path, {"caps": {"total": "many"}, "colour": "red"}, headquarters)
    assert answer.status_code == 422
    assert api.get(path, headquarters).json["version"] == 1


@pytest.mark.parametrize("name", ["contacted", "no_such_result"])
def test_retry_of_what_has_none_is_refused(api: Api, headquarters: Person, path: str, name: str) -> None:
    answer = api.put(path, {"retry": {name: {"after_minutes": 60, "other_band": False}}}, headquarters)
    assert answer.json["errors"] == {f"retry.{name}": ["disposition_has_no_retry"]}


def test_rules_with_a_stale_tag_are_refused(api: Api, headquarters: Person, path: str) -> None:
    tag = api.get(path, headquarters).headers["ETag"]
    narrower = {"caps": {"total": 4}}
    assert api.put(path, narrower, headquarters, headers={"If-Match": tag}).status_code == 200
    assert api.put(path, narrower, headquarters, headers={"If-Match": tag}).status_code == 412


def test_part_beats_its_constituency(api: Api, headquarters: Person) -> None:
    later = {"opens_at": HOURS["opens_at"], "closes_at": "2026-12-20T13:30:00Z"}
    api.put("/areas/ac-24/poll", HOURS, headquarters)
    api.put("/areas/ac-24-17/poll", later, headquarters)
    assert api.get("/areas/ac-24-17/poll", headquarters).json["closes_at"] == later["closes_at"]
    assert api.get("/areas/ac-24-18/poll", headquarters).json["closes_at"] == HOURS["closes_at"]


def test_poll_is_null_while_not_announced(api: Api, headquarters: Person) -> None:
    poll = api.get("/areas/ac-24/poll", headquarters).json
    assert (poll["opens_at"], poll["closes_at"]) == (None, None)


def test_poll_of_another_place_makes_nothing_stale(api: Api, headquarters: Person) -> None:
    tag = api.get("/areas/ac-24/poll", headquarters).headers["ETag"]
    hours = {"opens_at": "2026-12-20T01:30:00Z", "closes_at": "2026-12-20T12:30:00Z"}
    assert api.put("/areas/ac-155/poll", hours, headquarters).status_code == 200
    assert api.put("/areas/ac-24/poll", hours, headquarters, headers={"If-Match": tag}).status_code == 200
    assert api.put("/areas/ac-24/poll", hours, headquarters, headers={"If-Match": tag}).status_code == 412


def test_poll_that_a_part_inherits_is_shown_anew_when_it_changes(api: Api, headquarters: Person) -> None:
    tag = api.get("/areas/ac-24-9/poll", headquarters).headers["ETag"]
    api.put("/areas/ac-24/poll", HOURS, headquarters)
    answer = api.get("/areas/ac-24-9/poll", headquarters, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.json["closes_at"]) == (200, HOURS["closes_at"])


def test_poll_is_withdrawn_with_nulls(api: Api, headquarters: Person) -> None:
    api.put("/areas/ac-24/poll", HOURS, headquarters)
    api.put("/areas/ac-24/poll", {"opens_at": None, "closes_at": None}, headquarters)
    assert api.get("/areas/ac-24/poll", headquarters).json["closes_at"] is None


@pytest.mark.parametrize(
    ("area", "body", "status"),
    [
        ("ac-24", {"opens_at": HOURS["closes_at"], "closes_at": HOURS["opens_at"]}, 422),
        ("ac-24", {"opens_at": HOURS["opens_at"], "closes_at": None}, 422),
        ("ac-24", {"opens_at": "20 December", "closes_at": HOURS["closes_at"]}, 422),
        ("ac-24", {"opens_at": "2026-12-20T07:00:00", "closes_at": HOURS["closes_at"]}, 422),
        ("rj-churu", HOURS, 422),
        ("ac-999", HOURS, 404),
    ],
)
def test_poll_that_cannot_be_is_refused(
    api: Api, headquarters: Person, area: str, body: dict[str, Any], status: int
) -> None:
    assert api.put(f"/areas/{area}/poll", body, headquarters).status_code == status


def test_model_code_has_a_beginning_and_perhaps_an_end(api: Api, headquarters: Person) -> None:
    code = {"from": "2026-11-20T00:00:00Z", "to": None}
    assert api.get("/model-code", headquarters).json["from"] is None
    assert api.put("/model-code", code, headquarters).json["from"] == code["from"]
    assert api.get("/model-code", headquarters).json["to"] is None
    assert api.put("/model-code", {"from": None, "to": code["from"]}, headquarters).status_code == 422


@pytest.mark.parametrize("actor", ["coordinator_of_churu", "observer", "expert"])
def test_others_read_the_rules_and_change_none(api: Api, path: str, actor: str, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(actor)
    assert api.get(path, person).status_code == 200
    assert api.put(path, {"complaints_pause": 1}, person).status_code == 403
    assert api.put("/areas/ac-24/poll", HOURS, person).status_code == 403
    assert api.put("/model-code", {"from": None, "to": None}, person).status_code == 403
