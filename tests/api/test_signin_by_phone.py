"""Signing in by Firebase's phone sign-in, with real tokens from the double."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from services.domain.people.users import User
from services.facade import Services
from services.gateways.identity import FirebaseIdentity
from tests.api.conftest import Api
from tests.factories import PASSWORD, Person, audited, make_person, make_user, next_phone, sign_in
from tests.fcm.keys import FAULTS
from tests.fcm.server import running


@pytest.fixture(scope="module")
def double() -> Iterator[Any]:
    with running() as double:
        yield double


@pytest.fixture
def _identity(double: Any, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    double.clear()
    gateway = FirebaseIdentity(double.write_credentials(tmp_path), certs_url=double.certs_url, timeouts=(1.0, 0.3))
    monkeypatch.setattr(services.signin, "_identity", gateway)
    yield
    gateway.close()


@pytest.fixture
def user(services: Services, _identity: None) -> User:
    return make_user(services, password=None)


def _login(api: Api, token: str) -> TestResponse:
    return api.post("/auth/firebase", {"id_token": token})


def test_an_enrolled_person_signs_in_and_is_tied_to_the_account(
    api: Api, user: User, double: Any, services: Services
) -> None:
    answer = _login(api, double.id_token(user.phone, uid="uid-1"))
    assert answer.status_code == 200
    assert answer.json["user"]["id"] == user.id
    assert services.stores.users.get(user.id).state == "active"
    assert _login(api, double.id_token(user.phone, uid="uid-1")).status_code == 200
    assert [entry["action"] for entry in audited(services)].count("identity.link") == 1


def test_first_sign_ins_at_once_tie_the_person_once_and_all_get_in(
    app: Flask, user: User, double: Any, services: Services
) -> None:
    tokens = [double.id_token(user.phone, uid="uid-1") for _ in range(6)]
    with ThreadPoolExecutor(len(tokens)) as pool:
        answers = list(pool.map(lambda token: _login(Api(app), token), tokens))
    assert [answer.status_code for answer in answers] == [200] * len(tokens)
    assert len(audited(services, "identity.link")) == 1
    assert services.stores.users.get(user.id).version == user.version + 1


def test_of_two_accounts_at_once_a_person_is_tied_to_one(
    app: Flask, user: User, double: Any, services: Services
) -> None:
    tokens = [double.id_token(user.phone, uid=f"uid-{at % 2}") for at in range(6)]
    with ThreadPoolExecutor(len(tokens)) as pool:
        answers = list(pool.map(lambda token: _login(Api(app), token), tokens))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [401] * 3
    assert {answer.json["code"] for answer in answers if answer.status_code == 401} == {"identity_changed"}
    assert len(audited(services, "identity.link")) == 1


def test_refused_sign_ins_are_in_the_audit_with_why_and_without_the_phone(
    api: Api, user: User, double: Any, services: Services
) -> None:
    _login(api, double.id_token(user.phone, fault="expired"))
    stranger = next_phone()
    _login(api, double.id_token(stranger))
    api.post("/auth/invitations/accept", {"token": f"{user.id}.wrong", "password": "a lamp on every roof"})
    entries = audited(services, "signin.fail")
    assert {(entry["subject"], entry["facts"]["reason"]) for entry in entries} == {
        ("user:unknown", "id_token"),
        ("user:unknown", "not_enrolled"),
        (f"user:{user.id}", "invitation"),
    }
    assert stranger not in str(entries)


def test_a_recycled_number_opens_nothing(api: Api, user: User, double: Any, services: Services) -> None:
    _login(api, double.id_token(user.phone, uid="uid-1"))
    answer = _login(api, double.id_token(user.phone, uid="uid-2"))
    assert (answer.status_code, answer.json["code"]) == (401, "identity_changed")
    assert "signin.fail" in {entry["action"] for entry in audited(services)}


def test_a_new_invitation_lets_the_number_be_tied_anew(
    api: Api, user: User, double: Any, services: Services, headquarters
) -> None:
    _login(api, double.id_token(user.phone, uid="uid-1"))
    token = api.post(f"/users/{user.id}/invite", actor=headquarters).json["token"]
    api.post("/auth/invitations/accept", {"token": token, "password": "a lamp on every roof"})
    assert _login(api, double.id_token(user.phone, uid="uid-2")).status_code == 200


def test_another_number_is_tied_to_its_own_account(
    api: Api, user: User, double: Any, services: Services, headquarters
) -> None:
    _login(api, double.id_token(user.phone, uid="uid-1"))
    phone = next_phone()
    api.patch(f"/users/{user.id}", {"phone": phone}, headquarters)
    assert _login(api, double.id_token(phone, uid="uid-9")).status_code == 200


@pytest.mark.usefixtures("_identity")
@pytest.mark.parametrize("how", ["lost", "ended", "everywhere", "others", "password"])
def test_a_phone_that_was_signed_out_proves_nothing_by_its_old_sign_in(
    api: Api, app: Flask, double: Any, how: str
) -> None:
    here = make_person(app)
    gone = sign_in(app, here.user)
    _login(api, double.id_token(here.user.phone, uid="uid-1"))
    if how == "lost":
        api.post(f"/me/sessions/{gone.session_id}/lost", None, here)
    elif how == "ended":
        api.delete(f"/me/sessions/{gone.session_id}", here)
    elif how == "everywhere":
        api.post("/auth/logout", {"everywhere": True}, here)
    elif how == "others":
        api.delete("/me/sessions", here)
    else:
        api.post("/auth/password", {"old": PASSWORD, "new": "a lamp on every roof"}, here)
    # Its app goes on minting ID tokens, each as fresh as can be, of a sign-in that is older.
    refused = _login(api, double.id_token(here.user.phone, uid="uid-1", signed_in_s_ago=60))
    assert (refused.status_code, refused.json["code"]) == (401, "id_token_revoked")
    assert _login(api, double.id_token(here.user.phone, uid="uid-1")).status_code == 200


_TEN_DAYS_S = 10 * 24 * 3600


def _refused(api: Api, token: str) -> tuple[int, str]:
    answer = _login(api, token)
    return answer.status_code, answer.json["code"]


def test_who_had_the_number_before_the_enrolment_gets_no_account(api: Api, user: User, double: Any) -> None:
    before = double.id_token(user.phone, uid="uid-of-before", signed_in_s_ago=_TEN_DAYS_S)
    assert _refused(api, before) == (401, "id_token_revoked")
    assert _login(api, double.id_token(user.phone, uid="uid-1")).status_code == 200


def test_who_had_the_number_before_it_became_a_persons_gets_no_account(
    api: Api, user: User, double: Any, headquarters: Person
) -> None:
    phone = next_phone()
    api.patch(f"/users/{user.id}", {"phone": phone}, headquarters)
    before = double.id_token(phone, uid="uid-of-before", signed_in_s_ago=20)
    assert _refused(api, before) == (401, "id_token_revoked")


def test_who_signed_in_before_an_accepted_invitation_gets_no_account(
    api: Api, user: User, double: Any, headquarters: Person
) -> None:
    token = api.post(f"/users/{user.id}/invite", actor=headquarters).json["token"]
    api.post("/auth/invitations/accept", {"token": token, "password": "a lamp on every roof"})
    before = double.id_token(user.phone, uid="uid-of-before", signed_in_s_ago=20)
    assert _refused(api, before) == (401, "id_token_revoked")


@pytest.mark.parametrize("claimed", [True, False])
def test_an_account_of_one_person_is_never_tied_to_another(
    api: Api, user: User, double: Any, services: Services, claimed: bool
) -> None:
    _login(api, double.id_token(user.phone, uid="uid-1"))
    if not claimed:
        # As it was tied before accounts were claimed.
        services.stores.users._claims._claims.delete({"_id": "firebase:uid-1"})
    other = make_user(services, password=None)
    for _ in range(2):
        assert _refused(api, double.id_token(other.phone, uid="uid-1")) == (401, "identity_changed")
    assert _login(api, double.id_token(user.phone, uid="uid-1")).status_code == 200


def test_an_account_that_a_number_change_set_free_may_be_tied_anew(
    api: Api, user: User, double: Any, services: Services, headquarters: Person
) -> None:
    _login(api, double.id_token(user.phone, uid="uid-1"))
    api.patch(f"/users/{user.id}", {"phone": next_phone()}, headquarters)
    heir = make_user(services, password=None, phone=user.phone)
    assert _login(api, double.id_token(heir.phone, uid="uid-1")).json["user"]["id"] == heir.id


@pytest.mark.parametrize(("tied", "expected"), [(True, 200), (False, 401)])
def test_somebody_enrolled_before_that_was_noted(
    api: Api, user: User, double: Any, services: Services, tied: bool, expected: int
) -> None:
    if tied:
        _login(api, double.id_token(user.phone, uid="uid-1"))
    at = datetime.now(UTC) - timedelta(days=5)
    services.stores.users._users.update({"_id": user.id}, {"$set": {"created_at": at}, "$unset": {"proofs_after": 1}})
    old = double.id_token(user.phone, uid="uid-1", signed_in_s_ago=_TEN_DAYS_S)
    assert _login(api, old).status_code == expected
    assert _login(api, double.id_token(user.phone, uid="uid-1", signed_in_s_ago=3600)).status_code == 200


def test_somebody_who_is_not_enrolled(api: Api, user: User, double: Any) -> None:
    answer = _login(api, double.id_token(next_phone()))
    assert (answer.status_code, answer.json["code"]) == (401, "not_enrolled")


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_token_that_proves_nothing(api: Api, user: User, double: Any, fault: str) -> None:
    answer = _login(api, double.id_token(user.phone, fault=fault))
    assert (answer.status_code, answer.json["code"]) == (401, "id_token_invalid")


@pytest.mark.usefixtures("_identity")
def test_a_suspended_person(api: Api, services: Services, double: Any) -> None:
    suspended = make_user(services, state="suspended", suspended_at=services.clock.now())
    answer = _login(api, double.id_token(suspended.phone))
    assert (answer.status_code, answer.json["code"]) == (401, "session_revoked")
    assert not services.stores.users.credentials(user_id=suspended.id)[1].get("firebase_uid")


def test_certificates_that_cannot_be_had_are_no_ones_fault(api: Api, user: User, double: Any) -> None:
    double.script({"/certs": [500]})
    answer = _login(api, double.id_token(user.phone))
    assert (answer.status_code, answer.json["code"]) == (503, "identity_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


def test_where_phone_sign_in_is_not_set_up(api: Api) -> None:
    answer = _login(api, "x.y.z")
    assert (answer.status_code, answer.json["code"]) == (503, "firebase_not_configured")


def test_failures_are_counted_by_address(api: Api, user: User, double: Any) -> None:
    token = double.id_token(user.phone, fault="expired")
    codes = [_login(api, token).status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
