"""Refresh rotation, ending sessions, and what a revoked one may still do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
from flask import Flask

from config.settings import DEVELOPMENT_SECRET
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api, Commands
from tests.factories import Person, audited, make_user, sign_in


def _generation(token: str) -> int:
    return int(jwt.decode(token, options={"verify_signature": False})["gen"])


# Each case: the generations that are presented one after the other, and what each is answered.
ROTATION = [
    ([1, 2, 3], ["ok", "ok", "ok"]),
    ([1, 1, 1], ["ok", "ok", "ok"]),
    ([1, 1, 2, 2, 3], ["ok", "ok", "ok", "ok", "ok"]),
    ([1, 2, 1], ["ok", "ok", "token_reused"]),
    ([1, 2, 1, 3], ["ok", "ok", "token_reused", "session_revoked"]),
    ([1, 2, 3, 1], ["ok", "ok", "ok", "token_reused"]),
    ([1, 2, 1, 1], ["ok", "ok", "token_reused", "session_revoked"]),
]


@pytest.mark.parametrize(("presented", "expected"), ROTATION)
def test_refresh_tokens_rotate(api: Api, volunteer_of_churu: Person, presented: list[int], expected: list[str]) -> None:
    tokens = {1: volunteer_of_churu.tokens["refresh_token"]}
    answers = []
    for generation in presented:
        answer = api.post("/auth/refresh", token=tokens[generation])
        if answer.status_code == 200:
            successor = answer.json["refresh_token"]
            assert tokens.setdefault(generation + 1, successor) == successor
        answers.append("ok" if answer.status_code == 200 else answer.json["code"])
    assert answers == expected


def test_a_lost_answer_costs_nobody_the_session(api: Api, volunteer_of_churu: Person) -> None:
    lost = api.post("/auth/refresh", token=volunteer_of_churu.tokens["refresh_token"]).json
    again = api.post("/auth/refresh", token=volunteer_of_churu.tokens["refresh_token"]).json
    assert again["refresh_token"] == lost["refresh_token"]
    assert _generation(again["refresh_token"]) == 2
    assert api.get("/me/sessions", token=again["access_token"]).status_code == 200


def test_a_reused_token_ends_the_family_at_once(api: Api, volunteer_of_churu: Person, services: Services) -> None:
    first = volunteer_of_churu.tokens["refresh_token"]
    second = api.post("/auth/refresh", token=first).json
    third = api.post("/auth/refresh", token=second["refresh_token"]).json
    assert api.post("/auth/refresh", token=first).json["code"] == "token_reused"
    assert api.get("/me/sessions", token=third["access_token"]).json["code"] == "session_revoked"
    assert api.post("/auth/refresh", token=third["refresh_token"]).json["code"] == "session_revoked"
    assert "session.reuse" in {entry["action"] for entry in audited(services)}


def test_an_access_token_refreshes_nothing(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.post("/auth/refresh", token=volunteer_of_churu.tokens["access_token"])
    assert (answer.status_code, answer.json["code"]) == (401, "token_invalid")


def test_a_refresh_token_opens_nothing(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.get("/me/sessions", token=volunteer_of_churu.tokens["refresh_token"])
    assert (answer.status_code, answer.json["code"]) == (401, "token_invalid")


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", ""])
def test_what_is_no_token(api: Api, app: Flask, token: str) -> None:
    assert api.get("/me/sessions", token=token).status_code == 401


def test_a_token_with_another_algorithm(api: Api, volunteer_of_churu: Person) -> None:
    claims = jwt.decode(volunteer_of_churu.tokens["access_token"], options={"verify_signature": False})
    header = jwt.get_unverified_header(volunteer_of_churu.tokens["access_token"])
    kid = {"kid": header["kid"]}
    for forged in (
        jwt.encode(claims, None, algorithm="none", headers=kid),
        jwt.encode(claims, DEVELOPMENT_SECRET * 2, algorithm="HS512", headers=kid),
        jwt.encode(claims, "another secret of thirty-two bytes", algorithm="HS256", headers=kid),
        jwt.encode(claims, DEVELOPMENT_SECRET, algorithm="HS256", headers={"kid": "unknown"}),
    ):
        assert api.get("/me/sessions", token=forged).json["code"] == "token_invalid"


def test_logout_ends_access_and_refresh(api: Api, volunteer_of_churu: Person) -> None:
    assert api.post("/auth/logout", actor=volunteer_of_churu).status_code == 204
    assert api.get("/me/sessions", volunteer_of_churu).json["code"] == "session_revoked"
    answer = api.post("/auth/refresh", token=volunteer_of_churu.tokens["refresh_token"])
    assert (answer.status_code, answer.json["code"]) == (401, "session_revoked")


def test_own_sessions_are_listed_and_another_is_ended(api: Api, app: Flask, volunteer_of_churu: Person) -> None:
    tablet = sign_in(app, volunteer_of_churu.user, installation_id="tablet")
    listed = api.get("/me/sessions", volunteer_of_churu).json["items"]
    assert [(session["id"], session["current"]) for session in listed] == [
        (volunteer_of_churu.session_id, True),
        (tablet.session_id, False),
    ]
    assert api.delete(f"/me/sessions/{tablet.session_id}", volunteer_of_churu).status_code == 204
    assert api.get("/me/sessions", tablet).json["code"] == "session_revoked"
    assert len(api.get("/me/sessions", volunteer_of_churu).json["items"]) == 1


def test_own_sessions_page_by_cursor(api: Api, app: Flask, volunteer_of_churu: Person) -> None:
    others = [sign_in(app, volunteer_of_churu.user).session_id for _ in range(2)]
    first = api.get("/me/sessions", volunteer_of_churu, query_string={"limit": 2}).json
    rest = api.get("/me/sessions", volunteer_of_churu, query_string={"cursor": first["next_cursor"]}).json
    ids = [session["id"] for session in first["items"] + rest["items"]]
    assert ids == [volunteer_of_churu.session_id, *others]
    assert rest["next_cursor"] is None


def test_somebody_elses_session_is_not_there(
    api: Api, volunteer_of_churu: Person, volunteer_of_bhilwara: Person
) -> None:
    answer = api.delete(f"/me/sessions/{volunteer_of_bhilwara.session_id}", volunteer_of_churu)
    assert answer.status_code == 404
    assert api.get("/me/sessions", volunteer_of_bhilwara).status_code == 200


def test_signing_out_everywhere_else(api: Api, app: Flask, volunteer_of_churu: Person) -> None:
    tablet = sign_in(app, volunteer_of_churu.user)
    assert api.delete("/me/sessions", volunteer_of_churu).status_code == 204
    assert api.get("/me/sessions", tablet).status_code == 401
    assert api.get("/me/sessions", volunteer_of_churu).status_code == 200


def test_a_lost_phones_session_is_limited_for_seven_days(
    api: Api, app: Flask, volunteer_of_churu: Person, services: Services, clock: FrozenClock
) -> None:
    lost = sign_in(app, volunteer_of_churu.user, installation_id="lost-phone")
    api.delete(f"/me/sessions/{lost.session_id}", volunteer_of_churu)
    clock.advance(timedelta(days=6, hours=23))
    refreshed = api.post("/auth/refresh", token=lost.tokens["refresh_token"])
    assert refreshed.status_code == 200
    limited = refreshed.json["access_token"]
    assert api.get("/me/sessions", token=limited).json["code"] == "session_revoked"
    claims = jwt.decode(limited, options={"verify_signature": False})
    actor = services.sessions.authenticate(claims, address=None)
    assert actor.limited
    assert services.policy.can(actor, "me.outcomes")
    assert services.policy.can(actor, "me.sync")
    assert not services.policy.can(actor, "me.profile")
    clock.advance(timedelta(hours=2))
    assert api.post("/auth/refresh", token=refreshed.json["refresh_token"]).json["code"] == "session_revoked"


def test_a_persons_request_costs_one_read(api: Api, volunteer_of_churu: Person, commands: Commands) -> None:
    api.get("/areas", volunteer_of_churu)
    with commands.noted() as noted:
        assert api.get("/areas", volunteer_of_churu).status_code == 200
    assert noted == ["find"]


def test_a_deleted_persons_token_is_over(api: Api, services: Services, app: Flask) -> None:
    gone = sign_in(app, make_user(services))
    services.stores.users._users.delete({"_id": gone.id})
    assert api.get("/me/sessions", gone).json["code"] == "session_revoked"
    assert api.post("/auth/refresh", token=gone.tokens["refresh_token"]).json["code"] == "session_revoked"


def test_concurrent_refreshes_get_one_successor(app: Flask, services: Services) -> None:
    person = sign_in(app, make_user(services))
    token = person.tokens["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Api(app).post("/auth/refresh", token=token), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["refresh_token"] for answer in answers}) == 1


def test_signing_out_everywhere(api: Api, app: Flask, volunteer_of_churu: Person) -> None:
    tablet = sign_in(app, volunteer_of_churu.user)
    assert api.post("/auth/logout", {"everywhere": True}, volunteer_of_churu).status_code == 204
    for phone in (volunteer_of_churu, tablet):
        assert api.get("/me", phone).json["code"] == "session_revoked"
        assert api.post("/auth/refresh", token=phone.tokens["refresh_token"]).json["code"] == "session_revoked"


def test_a_refresh_token_holds_on_its_own_installation(
    api: Api, app: Flask, volunteer_of_churu: Person, services: Services
) -> None:
    phone = sign_in(app, volunteer_of_churu.user, installation_id="phone-1")
    token = phone.tokens["refresh_token"]
    refused = api.post("/auth/refresh", {"installation_id": "phone-2"}, token=token)
    assert (refused.status_code, refused.json["code"]) == (401, "token_invalid")
    assert api.post("/auth/refresh", {"installation_id": "phone-1"}, token=token).status_code == 200
    assert len(audited(services, "session.foreign")) == 1


def test_a_sign_in_that_once_named_its_installation_is_not_refreshed_without(
    api: Api, app: Flask, volunteer_of_churu: Person, services: Services
) -> None:
    phone = sign_in(app, volunteer_of_churu.user, installation_id="phone-1")
    # By the contract a refresh need say no more than its token.
    bare = api.post("/auth/refresh", token=phone.tokens["refresh_token"]).json
    named = api.post("/auth/refresh", {"installation_id": "phone-1"}, token=bare["refresh_token"]).json
    refused = api.post("/auth/refresh", token=named["refresh_token"])
    assert (refused.status_code, refused.json["code"]) == (401, "token_invalid")
    assert len(audited(services, "session.foreign")) == 1
    assert api.post("/auth/refresh", {"installation_id": "phone-1"}, token=named["refresh_token"]).status_code == 200


def test_a_spent_token_ends_the_family_wherever_it_comes_from(api: Api, app: Flask, volunteer_of_churu: Person) -> None:
    stolen = sign_in(app, volunteer_of_churu.user, installation_id="phone-1").tokens["refresh_token"]
    token = stolen
    for _ in range(2):
        token = api.post("/auth/refresh", {"installation_id": "phone-1"}, token=token).json["refresh_token"]
    assert api.post("/auth/refresh", token=stolen).json["code"] == "token_reused"
    answer = api.post("/auth/refresh", {"installation_id": "phone-1"}, token=token)
    assert answer.json["code"] == "session_revoked"


def test_a_sign_in_without_an_installation_is_bound_to_the_first_that_refreshes_it(
    api: Api, volunteer_of_churu: Person
) -> None:
    first = api.post("/auth/refresh", {"installation_id": "phone-1"}, token=volunteer_of_churu.tokens["refresh_token"])
    other = api.post("/auth/refresh", {"installation_id": "phone-2"}, token=first.json["refresh_token"])
    assert (first.status_code, other.json["code"]) == (200, "token_invalid")
    listed = api.get("/me/sessions", token=first.json["access_token"]).json["items"]
    assert [one["installation_id"] for one in listed] == ["phone-1"]


def test_of_two_installations_that_refresh_an_unbound_sign_in_at_once_one_has_it(
    app: Flask, volunteer_of_churu: Person
) -> None:
    token = volunteer_of_churu.tokens["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda at: Api(app).post("/auth/refresh", {"installation_id": f"phone-{at % 2}"}, token=token), range(8)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [401] * 4
