"""Suspending a person, and what they may still do."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.factories import Person, audited, make_user
from tests.fieldwork import make_work


def test_suspension_holds_from_the_next_request(
    api: Api, coordinator_of_churu: Person, volunteer_of_churu: Person, services: Services
) -> None:
    assert api.get("/me", volunteer_of_churu).status_code == 200
    answer = api.post(f"/users/{volunteer_of_churu.id}/suspend", actor=coordinator_of_churu)
    assert (answer.status_code, answer.json["state"]) == (200, "suspended")
    refused = api.get("/me", volunteer_of_churu)
    assert (refused.status_code, refused.json["code"]) == (401, "session_revoked")
    assert len(audited(services, "user.suspend")) == 1


def test_a_suspended_persons_refresh_is_limited_for_seven_days(
    api: Api, headquarters: Person, volunteer_of_churu: Person, services: Services, clock: FrozenClock
) -> None:
    api.post(f"/users/{volunteer_of_churu.id}/suspend", actor=headquarters)
    refreshed = api.post("/auth/refresh", token=volunteer_of_churu.tokens["refresh_token"])
    assert refreshed.status_code == 200
    claims = jwt.decode(refreshed.json["access_token"], options={"verify_signature": False})
    actor = services.sessions.authenticate(claims, address=None)
    assert [services.policy.can(actor, verb) for verb in ("me.outcomes", "me.sync", "me.batches")] == [
        True,
        True,
        False,
    ]
    clock.advance(timedelta(days=7))
    gone = api.post("/auth/refresh", token=refreshed.json["refresh_token"])
    assert (gone.status_code, gone.json["code"]) == (401, "session_revoked")


def test_an_activated_person_works_on_with_the_same_sign_in(
    api: Api, headquarters: Person, volunteer_of_churu: Person
) -> None:
    path = f"/users/{volunteer_of_churu.id}"
    api.post(f"{path}/suspend", actor=headquarters)
    limited = api.post("/auth/refresh", token=volunteer_of_churu.tokens["refresh_token"]).json
    assert api.post(f"{path}/activate", actor=headquarters).json["state"] == "active"
    assert api.get("/me", volunteer_of_churu).status_code == 200
    # The token that was made for a revoked session stays as limited as it was.
    assert api.get("/me", token=limited["access_token"]).status_code == 401
    renewed = api.post("/auth/refresh", token=limited["refresh_token"]).json
    assert api.get("/me", token=renewed["access_token"]).status_code == 200


def test_somebody_who_never_signed_in_is_invited_again(api: Api, headquarters: Person, services: Services) -> None:
    path = f"/users/{make_user(services, password=None).id}"
    assert api.post(f"{path}/suspend", actor=headquarters).json["state"] == "suspended"
    assert api.post(f"{path}/activate", actor=headquarters).json["state"] == "invited"


def test_suspending_twice_changes_nothing(api: Api, headquarters: Person, volunteer_of_churu: Person) -> None:
    path = f"/users/{volunteer_of_churu.id}/suspend"
    first = api.post(path, actor=headquarters)
    again = api.post(path, actor=headquarters)
    assert (again.status_code, again.headers["ETag"]) == (200, first.headers["ETag"])


def test_nobody_suspends_themselves(api: Api, headquarters: Person) -> None:
    answer = api.post(f"/users/{headquarters.id}/suspend", actor=headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "own_account")


@pytest.mark.parametrize("how", ["suspended", "moved"])
def test_work_of_somebody_who_works_no_more_returns(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person, how: str
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    if how == "suspended":
        api.post(f"/users/{volunteer_of_churu.id}/suspend", None, headquarters)
    else:
        api.patch(f"/users/{volunteer_of_churu.id}", {"home_area": "rj-bhilwara"}, headquarters)
    assert (work.batch()["state"], work.batch()["close_reason"]) == ("recalled", how)


def test_revoked_session_hands_in_by_the_one_route_for_it(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    api.post(f"/users/{volunteer_of_churu.id}/suspend", None, headquarters)
    told = work.told()
    assert api.post("/me/outcomes", {"outcomes": [told]}, volunteer_of_churu).json["receipts"][0]["status"] == "late"
    for answer in (
        api.put(f"/me/outcomes/{told['id']}", told, volunteer_of_churu),
        api.post("/auth/logout", None, volunteer_of_churu),
        api.get("/me", volunteer_of_churu),
    ):
        assert (answer.status_code, answer.json["code"]) == (401, "session_revoked")
