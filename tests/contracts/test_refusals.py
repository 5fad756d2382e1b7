"""Refusals that any route may meet: too many requests, a database away, an error of ours, a role that may not."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask_limiter import Limit
from flask_limiter.util import get_remote_address

from api.factory import create_app
from api.limits import limiter
from config.settings import Settings
from services.domain.errors import BlockedByRule, Throttled, Unavailable
from services.domain.people.actor import Actor
from services.gateways.clock import FrozenClock
from services.operations.readiness import Readiness
from services.policy import Policy
from services.store.collection import open_client
from services.store.people.users import UserStore
from services.store.stores import ping
from tests.contracts.walk import ROLES_BY_RANK, ask, assert_problem, steps
from tests.factories import Person

SECRET = "the-inside-of-our-house"


@pytest.fixture
def failing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Make the route of the places raise."""

    def fail(error: BaseException) -> None:
        def raising(*_: object, **__: object) -> object:
            raise error

        monkeypatch.setattr(type(app.extensions["sampark"].places), "list_page", raising)

    return fail


def test_an_error_of_ours_tells_nothing(
    app: Flask, volunteer_of_churu: Person, failing: Callable[[BaseException], None]
) -> None:
    failing(RuntimeError(SECRET))
    answer = app.test_client().get("/api/v1/areas", headers=volunteer_of_churu.headers)
    assert assert_problem(answer, 500)["code"] == "internal_error"
    assert SECRET not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("error", "status", "code", "seconds"),
    [
        (Unavailable("database_unavailable", retry_after=7), 503, "database_unavailable", "7"),
        (Throttled("too_many_requests", retry_after=0), 429, "too_many_requests", "1"),
    ],
)
def test_a_refusal_for_a_while_says_how_long(
    app: Flask,
    volunteer_of_churu: Person,
    failing: Callable[[BaseException], None],
    error: BaseException,
    status: int,
    code: str,
    seconds: str,
) -> None:
    failing(error)
    answer = app.test_client().get("/api/v1/areas", headers=volunteer_of_churu.headers)
    assert assert_problem(answer, status)["code"] == code
    assert answer.headers["Retry-After"] == seconds


def test_a_refusal_by_rule_says_which_and_until_when(
    app: Flask, volunteer_of_churu: Person, failing: Callable[[BaseException], None], clock: FrozenClock
) -> None:
    failing(BlockedByRule(["night_ban", "cooldown"], allowed_from=clock.now()))
    answer = app.test_client().get("/api/v1/areas", headers=volunteer_of_churu.headers)
    body = assert_problem(answer, 423)
    assert (body["code"], body["reasons"]) == ("blocked_by_rule", ["night_ban", "cooldown"])
    assert body["allowed_from"] == "2026-11-23T05:00:00Z"


def test_a_database_that_is_away(app: Flask, settings: Settings, volunteer_of_churu: Person) -> None:
    services = app.extensions["sampark"]
    with open_client("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50") as client:
        away = client[settings.mongodb_database]
        sessions = copy.copy(services.sessions)
        sessions._users = UserStore(away, services.cipher)
        readiness = Readiness(lambda: ping(away), messaging_configured=False)
        client_of_app = create_app(settings, replace(services, sessions=sessions, readiness=readiness)).test_client()
        for path in ("/api/v1/areas", "/health/ready"):
            answer = client_of_app.get(path, headers=volunteer_of_churu.headers)
            assert assert_problem(answer, 503)["code"] == "database_unavailable"
            assert int(answer.headers["Retry-After"]) >= 1


def test_too_many_requests_of_one_address(app: Flask, few_requests: int) -> None:
    client = app.test_client()
    answers = [client.get("/health/live") for _ in range(few_requests + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert assert_problem(answers[-1], 429)["code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61


def test_a_hall_of_volunteers_is_one_address(app: Flask, few_requests: int, volunteer_of_churu: Person) -> None:
    client = app.test_client()
    answers = {
        client.get("/api/v1/me", headers=volunteer_of_churu.headers).status_code for _ in range(few_requests + 3)
    }
    assert answers == {200}


def test_a_role_that_may_not(app: Flask, person: Callable[..., Person]) -> None:
    policy: Policy = app.extensions["sampark"].policy
    people = {role: person(role=role) for role in ROLES_BY_RANK}
    for step in steps(app, person):
        for role, somebody in people.items():
            actor = Actor(user_id=somebody.id, role=role, session_id="one")
            if step.asks and not policy.can(actor, step.declared.verb):
                answer = ask(app, step._replace(asks=somebody))
                assert assert_problem(answer, 403, f"{step.name} {role}")["code"] == "forbidden"


@pytest.fixture
def few_requests(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let an address ask each route that is limited three times a minute only."""
    exempt = limiter._default_limits_exempt_when
    narrow = [Limit("3 per minute", key_function=get_remote_address, exempt_when=exempt)]
    monkeypatch.setattr(limiter.limit_manager, "_default_limits", narrow)
    limiter.reset()
    yield 3
    limiter.reset()


def test_fields_for_a_route_that_reads_none_are_refused(app: Flask, headquarters: Person) -> None:
    client = app.test_client()
    answer = client.post("/api/v1/keys/reseal", json={"force": True}, headers=headquarters.headers)
    assert assert_problem(answer, 422, "reseal")["errors"] == {"force": ["unknown_field"]}
    assert client.post("/api/v1/keys/reseal", json={}, headers=headquarters.headers).status_code == 202


def test_the_cursor_of_another_list_is_refused(app: Flask, headquarters: Person) -> None:
    client = app.test_client()
    cursor = client.get("/api/v1/areas?limit=1", headers=headquarters.headers).json["next_cursor"]
    answer = client.get(f"/api/v1/users?cursor={cursor}", headers=headquarters.headers)
    assert assert_problem(answer, 422, "users")["errors"] == {"cursor": ["cursor_invalid"]}


def test_a_cursor_goes_on_with_the_filters_that_it_came_with_alone(app: Flask, headquarters: Person) -> None:
    client, headers = app.test_client(), headquarters.headers
    cursor = client.get("/api/v1/areas?kind=district&limit=1", headers=headers).json["next_cursor"]
    assert client.get(f"/api/v1/areas?kind=district&limit=2&cursor={cursor}", headers=headers).status_code == 200
    for others in ("", "kind=part&", "kind=district&parent=rj&"):
        answer = client.get(f"/api/v1/areas?{others}cursor={cursor}", headers=headers)
        assert assert_problem(answer, 422, others)["errors"] == {"cursor": ["cursor_invalid"]}


@pytest.mark.parametrize("told", ["yes", "no", 1, 0, "true"])
def test_a_flag_is_true_or_false_and_nothing_else(app: Flask, headquarters: Person, told: object) -> None:
    body = {"on": told, "reason": "test"}
    answer = app.test_client().post("/api/v1/kill-switch", json=body, headers=headquarters.headers)
    assert assert_problem(answer, 422, "kill switch")["errors"].keys() == {"on"}


def test_a_number_told_as_a_text_is_refused(app: Flask, headquarters: Person) -> None:
    body = {"campaign_id": "none", "channel": "call", "size": "25", "assign": {"mode": "pool"}}
    answer = app.test_client().post("/api/v1/batches/plan", json=body, headers=headquarters.headers)
    assert assert_problem(answer, 422, "plan")["errors"].keys() == {"size"}


@pytest.mark.parametrize(("body", "media", "status"), [(b"hello", "text/plain", 415), (b"[]", "application/json", 422)])
def test_a_body_for_a_route_that_reads_none_is_refused(
    app: Flask, headquarters: Person, body: bytes, media: str, status: int
) -> None:
    headers = {**headquarters.headers, "Content-Type": media}
    answer = app.test_client().post("/api/v1/keys/reseal", data=body, headers=headers)
    assert_problem(answer, status, "reseal")
