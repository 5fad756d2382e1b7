"""What a revoked sign-in opens: two routes for seven days, whatever its person's role may, and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from services.domain.people.actor import Actor
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.contracts.walk import Step, ask, assert_problem, steps
from tests.factories import Person, make_user

HANDING_IN = {"POST /api/v1/me/outcomes", "GET /api/v1/me/sync"}
_ORDERS = {"cursor", "server_time", "purge"}


@pytest.fixture
def walk(app: Flask, person: Callable[..., Person]) -> list[Step]:
    """Every route that asks for a person's access token, asked by somebody who may."""
    # Stays when all who ask are suspended: the last of headquarters cannot be.
    person(role="hq_admin", name="Kailash Purohit")
    return [step for step in steps(app, person) if step.asks is not None and step.declared.token == "access_token"]


def _revoke(app: Flask, walk: list[Step], how: str) -> list[Step]:
    """End the sign-ins of all who ask, and let them ask with what they have left."""
    services: Services = app.extensions["sampark"]
    # Stays when all who ask go, for the last of headquarters cannot be suspended.
    stays = make_user(services, role="hq_admin")
    chief = Actor(user_id=stays.id, role="hq_admin", session_id="another")
    left: dict[str, Person] = {}
    for asks in {step.asks.id: step.asks for step in walk if step.asks}.values():
        if how == "lost":
            services.signouts.lose(chief, asks.session_id, owner=asks.id)
        else:
            services.roster.suspend(chief, asks.id, version=None)
        left[asks.id] = asks
        if how == "refreshed":
            headers = {"Authorization": f"Bearer {asks.tokens['refresh_token']}"}
            tokens = app.test_client().post("/api/v1/auth/refresh", headers=headers).json
            left[asks.id] = replace(asks, tokens=dict(tokens or {}))
    return [step._replace(asks=left[step.asks.id]) for step in walk if step.asks]


@pytest.mark.parametrize("how", ["suspended", "lost", "refreshed"])
def test_no_route_but_two_opens(app: Flask, walk: list[Step], how: str) -> None:
    opened = set()
    for step in _revoke(app, walk, how):
        answer = ask(app, step)
        if step.name in HANDING_IN:
            opened.add(step.name)
            assert answer.status_code not in {401, 403}, step.name
        else:
            assert assert_problem(answer, 401, step.name)["code"] == "session_revoked", step.name
    assert opened == HANDING_IN


@pytest.mark.parametrize("how", ["suspended", "lost"])
def test_sync_carries_purge_orders_and_nothing_else(app: Flask, walk: list[Step], how: str) -> None:
    (step,) = [step for step in _revoke(app, walk, how) if step.name == "GET /api/v1/me/sync"]
    ordered = ask(app, step).json or {}
    assert ordered["purge"] == {"all": True, "batches": []}
    rest = {name: value for name, value in ordered.items() if name not in _ORDERS and value}
    assert {name: value for name, value in rest.items() if not isinstance(value, dict) or any(value.values())} == {}


def test_after_seven_days_nothing_opens(app: Flask, walk: list[Step], clock: FrozenClock) -> None:
    revoked = _revoke(app, walk, "suspended")
    clock.advance(timedelta(days=7))
    for step in revoked:
        assert assert_problem(ask(app, step), 401, step.name)["code"] == "session_revoked", step.name
