"""Joining by a district's code: who may ask, how many, and who decides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api, Commands
from tests.factories import Person, audited, next_phone

NAME = "Kavita Bishnoi"


def _code(api: Api, actor: Person, **facts: Any) -> dict[str, Any]:
    answer = api.post("/join/codes", facts, actor)
    assert answer.status_code == 201, answer.json
    made: dict[str, Any] = answer.json
    return made


def _ask(api: Api, code: str, phone: str | None = None, **facts: Any) -> TestResponse:
    return api.post("/join/requests", {"code": code, "phone": phone or next_phone(), "name": NAME, **facts})


def _waiting(api: Api, actor: Person) -> list[dict[str, Any]]:
    listed = api.get("/join/requests", actor, query_string={"state": "waiting"})
    items: list[dict[str, Any]] = listed.json["items"]
    return items


def test_a_person_asks_is_approved_and_signs_in(api: Api, coordinator_of_churu: Person, services: Services) -> None:
    made = _code(api, coordinator_of_churu, cap=2)
    assert (made["district"], made["cap"], made["used"]) == ("rj-churu", 2, 0)
    phone = next_phone()
    asked = _ask(api, made["code"].lower(), phone, languages=["hi"], channels=["call"])
    assert (asked.status_code, asked.json) == (202, {"state": "waiting"})
    [waiting] = _waiting(api, coordinator_of_churu)
    assert (waiting["phone"], waiting["name"]) == (phone, NAME)
    answer = api.post(f"/join/requests/{waiting['id']}/approve", actor=coordinator_of_churu)
    assert answer.status_code == 200
    decided = answer.json["request"]
    assert (decided["state"], decided["phone"], decided["name"]) == ("approved", None, None)
    token = answer.json["invitation"]["token"]
    signed_in = api.post("/auth/invitations/accept", {"token": token, "password": "a lamp on every roof"})
    facts = signed_in.json["user"]
    assert (facts["id"], facts["role"], facts["home_area"]) == (decided["user_id"], "volunteer", "rj-churu")
    assert (facts["phone"], facts["languages"], facts["channels"]) == (phone, ["hi"], ["call"])
    assert {entry["action"] for entry in audited(services)} >= {"join.code_create", "join.ask", "join.approve"}


def test_a_known_and_an_unknown_phone_are_answered_alike(
    api: Api, coordinator_of_churu: Person, volunteer_of_bhilwara: Person, commands: Commands
) -> None:
    code = _code(api, coordinator_of_churu)["code"]
    with commands.noted() as for_unknown:
        unknown = _ask(api, code)
    with commands.noted() as for_known:
        known = _ask(api, code, volunteer_of_bhilwara.user.phone)
    assert (known.status_code, known.json) == (unknown.status_code, unknown.json)
    assert for_known == for_unknown
    [request] = [one for one in _waiting(api, coordinator_of_churu) if one["phone"] == volunteer_of_bhilwara.user.phone]
    refused = api.post(f"/join/requests/{request['id']}/approve", actor=coordinator_of_churu)
    assert (refused.status_code, refused.json["code"]) == (409, "phone_taken")


def test_the_same_phone_asks_once_a_code(api: Api, coordinator_of_churu: Person) -> None:
    code, phone = _code(api, coordinator_of_churu, cap=2)["code"], next_phone()
    assert [_ask(api, code, phone).status_code for _ in range(4)] == [202] * 4
    assert len(_waiting(api, coordinator_of_churu)) == 1
    [listed] = api.get("/join/codes", coordinator_of_churu).json["items"]
    assert listed["used"] == 1


def test_a_code_takes_as_many_as_it_has_places(app: Flask, coordinator_of_churu: Person) -> None:
    code = _code(Api(app), coordinator_of_churu, cap=3)["code"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _ask(Api(app), code).status_code, range(8)))
    assert sorted(answers) == [202] * 3 + [404] * 5
    assert len(_waiting(Api(app), coordinator_of_churu)) == 3


@pytest.mark.parametrize("how", ["unknown", "revoked", "expired"])
def test_a_code_that_opens_nothing(api: Api, coordinator_of_churu: Person, clock: FrozenClock, how: str) -> None:
    made = _code(api, coordinator_of_churu, days=2)
    if how == "revoked":
        assert api.delete(f"/join/codes/{made['id']}", coordinator_of_churu).status_code == 204
    elif how == "expired":
        clock.advance(timedelta(days=2))
    answer = _ask(api, "ABCD2345" if how == "unknown" else made["code"])
    assert (answer.status_code, answer.json["code"]) == (404, "join_code_invalid")


def test_guessed_codes_are_counted_by_address_and_a_right_one_is_taken(api: Api, coordinator_of_churu: Person) -> None:
    code = _code(api, coordinator_of_churu)["code"]
    assert [_ask(api, "ABCD2345").status_code for _ in range(11)] == [404] * 10 + [429]
    assert _ask(api, code).status_code == 202


def test_a_request_is_turned_down_and_forgotten(api: Api, coordinator_of_churu: Person, services: Services) -> None:
    _ask(api, _code(api, coordinator_of_churu)["code"])
    [waiting] = _waiting(api, coordinator_of_churu)
    path = f"/join/requests/{waiting['id']}"
    answer = api.post(f"{path}/reject", actor=coordinator_of_churu)
    assert (answer.json["state"], answer.json["phone"], answer.json["user_id"]) == ("rejected", None, None)
    again = api.post(f"{path}/approve", actor=coordinator_of_churu)
    assert (again.status_code, again.json["code"]) == (409, "state_conflict")
    assert services.stores.users.find_by_phone(waiting["phone"]) is None


def test_an_approval_that_was_killed_goes_on(
    api: Api, coordinator_of_churu: Person, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ask(api, _code(api, coordinator_of_churu)["code"])
    [waiting] = _waiting(api, coordinator_of_churu)
    path = f"/join/requests/{waiting['id']}/approve"
    with monkeypatch.context() as killed:
        killed.setattr(services.joining._store, "decide", lambda *_, **__: 1 / 0)
        assert api.post(path, actor=coordinator_of_churu).status_code == 500
    assert api.post(path, actor=coordinator_of_churu).json["request"]["state"] == "approved"
    assert len(audited(services, "user.create")) == 1


def test_of_two_approvals_at_once_one_invites_and_its_invitation_holds(
    app: Flask, coordinator_of_churu: Person, services: Services
) -> None:
    api = Api(app)
    _ask(api, _code(api, coordinator_of_churu)["code"])
    [waiting] = _waiting(api, coordinator_of_churu)
    with ThreadPoolExecutor(4) as pool:
        path = f"/join/requests/{waiting['id']}/approve"
        answers = list(pool.map(lambda _: Api(app).post(path, actor=coordinator_of_churu), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    [approved] = [answer.json for answer in answers if answer.status_code == 200]
    body = {"token": approved["invitation"]["token"], "password": "a lamp on every roof"}
    assert api.post("/auth/invitations/accept", body).status_code == 200
    assert len(audited(services, "user.create")) == 1


def test_another_districts_codes_and_requests_are_not_there(
    api: Api, coordinator_of_churu: Person, coordinator_of_bhilwara: Person, headquarters: Person
) -> None:
    made = _code(api, headquarters, district="rj-churu")
    _ask(api, made["code"])
    [waiting] = _waiting(api, headquarters)
    assert _waiting(api, coordinator_of_bhilwara) == []
    assert api.get("/join/codes", coordinator_of_bhilwara).json["items"] == []
    assert api.delete(f"/join/codes/{made['id']}", coordinator_of_bhilwara).status_code == 404
    for verb in ("approve", "reject"):
        assert api.post(f"/join/requests/{waiting['id']}/{verb}", actor=coordinator_of_bhilwara).status_code == 404
    refused = api.post("/join/codes", {"district": "rj-churu"}, coordinator_of_bhilwara)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("facts", "errors"),
    [
        ({"phone": "12345"}, {"phone": ["phone_invalid"]}),
        ({"name": ""}, {"name": ["length_out_of_range"]}),
        ({"born_on": "2010-05-01"}, {"born_on": ["under_18"]}),
        ({"birth_year": 2010}, {"birth_year": ["under_18"]}),
    ],
)
def test_what_is_no_request(
    api: Api, coordinator_of_churu: Person, facts: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    code = _code(api, coordinator_of_churu)["code"]
    answer = api.post("/join/requests", {"code": code, "phone": next_phone(), "name": NAME, **facts})
    assert (answer.status_code, answer.json["errors"]) == (422, errors)
    assert _waiting(api, coordinator_of_churu) == []


def test_headquarters_names_the_district(api: Api, headquarters: Person) -> None:
    answer = api.post("/join/codes", {}, headquarters)
    assert (answer.status_code, answer.json["errors"]) == (422, {"district": ["required"]})


def test_phone_name_and_code_lie_sealed(api: Api, coordinator_of_churu: Person, services: Services) -> None:
    code, phone = _code(api, coordinator_of_churu)["code"], next_phone()
    _ask(api, code, phone)
    store = services.stores.joins
    stored = str(store._codes.many({})) + str(store._requests.many({}))
    assert not any(secret in stored for secret in (code, phone, NAME))
