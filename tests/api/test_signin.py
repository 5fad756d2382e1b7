"""Signing in with a password, and what stands against guessing it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import argon2
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from services.domain.people.users import User
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api, Commands
from tests.factories import PASSWORD, Person, audited, make_user, next_phone

NEW_PASSWORD = "seven tall lamps at dusk"


def _login(api: Api, phone: str, password: str = PASSWORD, *, address: str = "10.0.0.1", **more: Any) -> TestResponse:
    body = {"phone": phone, "password": password, **more}
    return api.post("/auth/login", body, environ_overrides={"REMOTE_ADDR": address})


@pytest.fixture
def user(services: Services) -> User:
    return make_user(services, name="सीता देवी")


def test_login_with_the_right_password(api: Api, user: User) -> None:
    answer = _login(api, user.phone)
    assert answer.status_code == 200
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert answer.json["user"]["name"] == "सीता देवी"
    assert api.get("/me/sessions", token=answer.json["access_token"]).status_code == 200


def test_login_with_a_phone_as_people_write_it(api: Api, user: User) -> None:
    assert _login(api, "0" + user.phone.removeprefix("+91")).status_code == 200


def test_login_with_a_number_that_is_no_mobile(api: Api) -> None:
    answer = _login(api, "+91 141 2222222")
    assert (answer.status_code, answer.json["errors"]) == (422, {"phone": ["phone_invalid"]})


def test_wrong_password_and_unknown_phone_get_the_same_answer(api: Api, user: User) -> None:
    wrong = _login(api, user.phone, "not the right one")
    unknown = _login(api, next_phone(), "not the right one")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        answer.json.pop("request_id")
    assert wrong.json["code"] == "credentials_invalid"
    assert {**wrong.json, "request_id": ""} == {**unknown.json, "request_id": ""}


def test_wrong_password_and_unknown_phone_cost_the_same_work(
    api: Api, user: User, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[argon2.Parameters] = []
    verify = argon2.PasswordHasher.verify

    def watched(hasher: argon2.PasswordHasher, stored: str, given: str) -> bool:
        worked.append(argon2.extract_parameters(stored))
        return verify(hasher, stored, given)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", watched)
    with commands.noted() as for_known:
        _login(api, user.phone, "not the right one", installation_id="installation-1")
    with commands.noted() as for_unknown:
        _login(api, next_phone(), "not the right one", installation_id="installation-1")
    assert for_known == for_unknown
    known, unknown = worked
    assert (known, known.type) == (unknown, argon2.Type.ID)


def test_an_invited_person_has_no_password_yet(api: Api, services: Services) -> None:
    invited = make_user(services, password=None)
    assert _login(api, invited.phone).json["code"] == "credentials_invalid"


def test_a_suspended_person_cannot_sign_in(api: Api, services: Services) -> None:
    suspended = make_user(services, state="suspended", suspended_at=services.clock.now())
    answer = _login(api, suspended.phone)
    assert (answer.status_code, answer.json["code"]) == (401, "session_revoked")


def test_repeated_failures_make_a_phone_wait(api: Api, user: User) -> None:
    codes = [_login(api, user.phone, "wrong password").status_code for _ in range(7)]
    assert codes == [401, 401, 401, 401, 401, 429, 429]
    refused = _login(api, user.phone)
    assert (refused.status_code, refused.json["code"]) == (429, "signin_throttled")
    assert 1 <= int(refused.headers["Retry-After"]) <= 30


def test_an_unknown_phone_waits_alike(api: Api) -> None:
    phone = next_phone()
    codes = [_login(api, phone, "wrong password").status_code for _ in range(7)]
    assert codes == [401, 401, 401, 401, 401, 429, 429]


def test_a_strangers_failures_do_not_lock_out_a_known_phone(api: Api, user: User) -> None:
    assert _login(api, user.phone, installation_id="own-phone").status_code == 200
    for _ in range(6):
        _login(api, user.phone, "wrong password")
    assert _login(api, user.phone, installation_id="another").status_code == 429
    assert _login(api, user.phone, installation_id="own-phone").status_code == 200


def test_a_success_forgets_the_slips_before_it(api: Api, user: User) -> None:
    for _ in range(2):
        for _ in range(4):
            assert _login(api, user.phone, "wrong password", address="10.0.4.1").status_code == 401
        assert _login(api, user.phone, address="10.0.4.1").status_code == 200


def test_an_address_may_fail_ten_times_a_minute(api: Api, services: Services) -> None:
    codes = [_login(api, next_phone(), "wrong password").status_code for _ in range(12)]
    assert codes == [401] * 10 + [429] * 2
    user = make_user(services)
    answer = _login(api, user.phone, "wrong password")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    # One guess was heard; whoever has failed there waits like the others.
    assert _login(api, user.phone).status_code == 429
    assert _login(api, user.phone, address="10.9.9.9").status_code == 200


def test_others_failures_in_the_hall_keep_nobody_out_who_has_not_failed(api: Api, services: Services) -> None:
    for _ in range(12):
        _login(api, next_phone(), "wrong password")
    people = [make_user(services) for _ in range(5)]
    assert [_login(api, person.phone).status_code for person in people] == [200] * 5


def test_an_address_that_guesses_on_is_heard_no_more(api: Api, services: Services) -> None:
    throttle = services.signin._throttle
    for _ in range(10 + 300):
        throttle.failed(address="10.0.0.1")
    assert _login(api, make_user(services).phone).status_code == 429
    assert _login(api, make_user(services).phone, address="10.9.9.9").status_code == 200


def test_a_known_installation_gets_in_whatever_others_fail_behind_its_address(
    api: Api, user: User, services: Services
) -> None:
    assert _login(api, user.phone, installation_id="own-phone").status_code == 200
    throttle = services.signin._throttle
    for _ in range(10 + 300):
        throttle.failed(address="10.0.0.1")
    assert _login(api, user.phone, installation_id="another").status_code == 429
    assert _login(api, user.phone, installation_id="own-phone").status_code == 200


def test_the_wait_of_a_phone_grows_but_ends_within_a_quarter_of_an_hour(
    api: Api, user: User, monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    machine = FrozenClock(datetime.now(UTC))
    monkeypatch.setattr(services.signin._throttle, "_machine", machine)
    waits = []
    for _ in range(14):
        _login(api, user.phone, "wrong password")
        refused = _login(api, user.phone, "wrong password")
        if refused.status_code == 429:
            waits.append(int(refused.headers["Retry-After"]))
            machine.advance(timedelta(seconds=waits[-1]))
    assert waits[:3] == [30, 60, 120]
    assert max(waits) == waits[-1] == 900
    assert _login(api, user.phone).status_code == 200


def test_a_stranger_who_fails_now_and_then_keeps_nobody_out(
    api: Api, user: User, monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    machine = FrozenClock(datetime.now(UTC))
    monkeypatch.setattr(services.signin._throttle, "_machine", machine)
    for _ in range(40):
        _login(api, user.phone, "wrong password", address="10.3.0.1")
        machine.advance(timedelta(minutes=15))
    assert _login(api, user.phone, "wrong password", address="10.3.0.1").status_code == 401
    assert _login(api, user.phone, address="10.3.0.1").status_code == 429
    assert _login(api, user.phone, installation_id="first-time", address="10.3.0.2").status_code == 200


def test_a_phone_that_many_addresses_guess_waits_as_a_whole(api: Api, user: User) -> None:
    codes = [_login(api, user.phone, "wrong password", address=f"10.4.0.{n}").status_code for n in range(31)]
    assert codes == [401] * 30 + [429]
    refused = _login(api, user.phone, address="10.4.1.1")
    assert 1 <= int(refused.headers["Retry-After"]) <= 900


def test_guesses_side_by_side_count_as_if_one_had_waited_for_the_other(
    api: Api, user: User, monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    matches, throttle = services.signin.passwords.matches, services.signin._throttle

    def while_others_fail(stored: str | None, given: str) -> bool:
        for _ in range(5):
            throttle.failed(address="10.0.0.1", person=services.stores.users.phone_key(user.phone))
        return matches(stored, given)

    monkeypatch.setattr(services.signin.passwords, "matches", while_others_fail)
    assert _login(api, user.phone).status_code == 429


def test_three_hundred_people_behind_one_address_get_in(api: Api, services: Services) -> None:
    people = [make_user(services) for _ in range(300)]
    assert {_login(api, person.phone).status_code for person in people} == {200}


def test_changing_the_password_ends_the_other_sessions(api: Api, user: User) -> None:
    here = _login(api, user.phone).json
    there = _login(api, user.phone).json
    change = {"old": PASSWORD, "new": NEW_PASSWORD}
    assert api.post("/auth/password", change, token=here["access_token"]).status_code == 204
    assert api.get("/me/sessions", token=there["access_token"]).json["code"] == "session_revoked"
    assert api.post("/auth/refresh", token=there["refresh_token"]).json["code"] == "session_revoked"
    assert api.get("/me/sessions", token=here["access_token"]).status_code == 200
    refreshed = api.post("/auth/refresh", token=here["refresh_token"])
    assert refreshed.status_code == 200
    assert api.get("/me/sessions", token=refreshed.json["access_token"]).status_code == 200
    assert _login(api, user.phone).status_code == 401
    assert _login(api, user.phone, NEW_PASSWORD).status_code == 200


def test_changing_the_password_twice_from_two_places(api: Api, user: User) -> None:
    here = _login(api, user.phone).json
    api.post("/auth/password", {"old": PASSWORD, "new": NEW_PASSWORD}, token=here["access_token"])
    there = _login(api, user.phone, NEW_PASSWORD).json
    change = {"old": NEW_PASSWORD, "new": "eight tall lamps at dusk"}
    assert api.post("/auth/password", change, token=there["access_token"]).status_code == 204
    assert api.get("/me/sessions", token=here["access_token"]).status_code == 401
    assert api.get("/me/sessions", token=there["access_token"]).status_code == 200


def test_changing_the_password_needs_the_old_one(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.post("/auth/password", {"old": "wrong", "new": NEW_PASSWORD}, volunteer_of_churu)
    assert (answer.status_code, answer.json["errors"]) == (422, {"old": ["password_wrong"]})


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", "password_too_short"),
        ("Rajasthan@123", "password_too_common"),
        ("aaaaaaaaaaaa", "password_too_common"),
        ("abcdefghijkl", "password_too_common"),
        ("my name is सीतादेवी", "password_personal"),
    ],
)
def test_a_weak_password_is_refused(api: Api, volunteer_of_churu: Person, new: str, code: str) -> None:
    answer = api.post("/auth/password", {"old": PASSWORD, "new": new}, volunteer_of_churu)
    assert (answer.status_code, answer.json["errors"]) == (422, {"new": [code]})


def test_failed_and_good_sign_ins_are_in_the_audit_without_the_phone(
    api: Api, user: User, services: Services, app: Flask
) -> None:
    _login(api, user.phone, "wrong password")
    _login(api, user.phone)
    entries = audited(services)
    assert {entry["action"] for entry in entries} == {"signin.fail", "session.open"}
    assert all(user.phone not in str(entry) for entry in entries)
    assert {entry["address"] for entry in entries} == {"10.0.0.1"}


def test_the_processs_own_limit_says_when_to_come_back(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.limits import limiter

    monkeypatch.setattr(limiter.limiter, "hit", lambda *_, **__: False)
    answer = api.get("/health/live")
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
