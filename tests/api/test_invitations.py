"""Invitations: one-time, for 72 hours, one by one or in bulk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.factories import PASSWORD, Person, audited, make_user

CHOSEN = "a lamp on every roof"


def _invite(api: Api, actor: Person, user_id: str) -> str:
    answer = api.post(f"/users/{user_id}/invite", actor=actor)
    assert answer.status_code == 200, answer.json
    return str(answer.json["token"])


def _accept(api: Api, token: str, password: str = CHOSEN):
    return api.post("/auth/invitations/accept", {"token": token, "password": password})


def test_an_invited_person_chooses_a_password_and_is_signed_in(
    api: Api, coordinator_of_churu: Person, services: Services
) -> None:
    invited = make_user(services, password=None)
    answer = api.post(f"/users/{invited.id}/invite", actor=coordinator_of_churu)
    assert answer.json["expires_at"] == "2026-11-26T05:00:00Z"
    assert answer.json["link"] == f"sampark://invitation?token={answer.json['token']}"
    accepted = _accept(api, answer.json["token"])
    assert accepted.status_code == 200
    assert accepted.json["user"]["state"] == "active"
    assert api.get("/me", token=accepted.json["access_token"]).status_code == 200
    assert api.post("/auth/login", {"phone": invited.phone, "password": CHOSEN}).status_code == 200


def test_an_invitation_is_used_once(api: Api, headquarters: Person, services: Services) -> None:
    token = _invite(api, headquarters, make_user(services, password=None).id)
    assert _accept(api, token).status_code == 200
    answer = _accept(api, token)
    assert (answer.status_code, answer.json["code"]) == (404, "invitation_invalid")


def test_an_invitation_ends_after_seventy_two_hours(
    api: Api, headquarters: Person, services: Services, clock: FrozenClock
) -> None:
    token = _invite(api, headquarters, make_user(services, password=None).id)
    clock.advance(timedelta(hours=72))
    assert _accept(api, token).status_code == 404


def test_a_new_invitation_ends_the_one_before(api: Api, headquarters: Person, services: Services) -> None:
    invited = make_user(services, password=None)
    first = _invite(api, headquarters, invited.id)
    second = _invite(api, headquarters, invited.id)
    assert _accept(api, first).status_code == 404
    assert _accept(api, second).status_code == 200


def test_a_revoked_invitation(api: Api, headquarters: Person, services: Services) -> None:
    invited = make_user(services, password=None)
    token = _invite(api, headquarters, invited.id)
    assert api.delete(f"/users/{invited.id}/invite", headquarters).status_code == 204
    assert _accept(api, token).status_code == 404


def test_a_weak_password_does_not_use_up_the_invitation(api: Api, headquarters: Person, services: Services) -> None:
    token = _invite(api, headquarters, make_user(services, password=None).id)
    weak = _accept(api, token, "short")
    assert (weak.status_code, weak.json["errors"]) == (422, {"password": ["password_too_short"]})
    assert _accept(api, token).status_code == 200


def test_accepting_ends_older_sign_ins(api: Api, coordinator_of_churu: Person, volunteer_of_churu: Person) -> None:
    token = _invite(api, coordinator_of_churu, volunteer_of_churu.id)
    assert api.get("/me", volunteer_of_churu).status_code == 200
    assert _accept(api, token).status_code == 200
    assert api.get("/me", volunteer_of_churu).json["code"] == "session_revoked"
    login = {"phone": volunteer_of_churu.user.phone, "password": PASSWORD}
    assert api.post("/auth/login", login).status_code == 401


@pytest.mark.parametrize("token", ["nonsense", "nobody.secret", ".", "x." + "y" * 190])
def test_a_guessed_invitation(api: Api, token: str) -> None:
    assert _accept(api, token).json["code"] == "invitation_invalid"


def test_guesses_are_counted_by_address(api: Api) -> None:
    assert [_accept(api, "nobody.secret").status_code for _ in range(11)] == [404] * 10 + [429]


def test_a_right_invitation_is_taken_whatever_others_have_guessed(
    api: Api, headquarters: Person, services: Services
) -> None:
    token = _invite(api, headquarters, make_user(services, password=None).id)
    for _ in range(11):
        _accept(api, "nobody.secret")
    assert _accept(api, token).status_code == 200


def test_a_suspended_person_is_not_invited(api: Api, headquarters: Person, services: Services) -> None:
    suspended = make_user(services, state="suspended", suspended_at=services.clock.now())
    answer = api.post(f"/users/{suspended.id}/invite", actor=headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")


def test_a_coordinator_invites_the_own_districts_volunteers_only(
    api: Api, coordinator_of_churu: Person, volunteer_of_bhilwara: Person, person
) -> None:
    assert api.post(f"/users/{volunteer_of_bhilwara.id}/invite", actor=coordinator_of_churu).status_code == 404
    colleague = person(role="coordinator", home_area="rj-churu")
    assert api.post(f"/users/{colleague.id}/invite", actor=coordinator_of_churu).status_code == 403


def test_many_are_invited_at_once(api: Api, coordinator_of_churu: Person, services: Services) -> None:
    people = [make_user(services, password=None) for _ in range(20)]
    asked = {"user_ids": [user.id for user in people]}
    answer = api.post("/users/invitations", asked, coordinator_of_churu)
    assert [item["user_id"] for item in answer.json["items"]] == asked["user_ids"]
    for item in answer.json["items"]:
        assert _accept(api, item["token"]).status_code == 200


def test_one_stranger_among_many_and_nobody_is_invited(
    api: Api, coordinator_of_churu: Person, volunteer_of_bhilwara: Person, services: Services
) -> None:
    own = make_user(services, password=None)
    asked = {"user_ids": [own.id, volunteer_of_bhilwara.id]}
    assert api.post("/users/invitations", asked, coordinator_of_churu).status_code == 404
    assert services.stores.users.credentials(user_id=own.id)[1].get("invitation") is None


def test_more_than_five_hundred_at_once(api: Api, headquarters: Person) -> None:
    answer = api.post("/users/invitations", {"user_ids": [f"u{n}" for n in range(501)]}, headquarters)
    assert answer.status_code == 422


def test_no_secret_is_kept(api: Api, headquarters: Person, services: Services) -> None:
    invited = make_user(services, password=None)
    token = _invite(api, headquarters, invited.id)
    kept = str(services.stores.users.credentials(user_id=invited.id)) + str(audited(services))
    assert token.partition(".")[2] not in kept
