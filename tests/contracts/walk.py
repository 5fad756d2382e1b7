"""All declared routes with somebody who may ask each, for tests that hold for every route."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.test import TestResponse

from api.limits import PUBLIC
from api.operations import Declared
from services.domain.people.actor import Actor
from services.facade import Services
from tests.factories import Person

UUID = "6f1f3c0e-52ba-4d0e-9d53-5a4b4c1f2c11"
PROBLEM_FIELDS = {"type", "title", "status", "detail", "code", "request_id"}


class Step(NamedTuple):
    """A route, a path that leads to nothing that exists, and who asks."""

    name: str
    path: str
    declared: Declared
    asks: Person | None


def steps(app: Flask, person: Callable[..., Person]) -> Iterator[Step]:
    """Give every declared route, asked by the humblest role that may."""
    services: Services = app.extensions["sampark"]
    people: dict[str, Person] = {}
    for rule in app.url_map.iter_rules():
        declared = getattr(app.view_functions[rule.endpoint], "declared", None)
        if declared is None:
            continue
        asks = None
        if declared.verb != PUBLIC:
            role = next(role for role in ROLES_BY_RANK if _may(services, role, declared.verb))
            asks = people.get(role) or people.setdefault(role, person(role=role))
        path = re.sub(r"<int[^>]*>", "1", rule.rule)
        path = re.sub(r"<[^>]*outcome_id>", UUID, path)
        yield Step(f"{declared.method} {rule.rule}", re.sub(r"<[^>]+>", "nothing", path), declared, asks)


ROLES_BY_RANK = ("volunteer", "expert", "observer", "coordinator", "hq_admin")


def _may(services: Services, role: str, verb: str) -> bool:
    return services.policy.can(Actor(user_id="somebody", role=role, session_id="one"), verb)


def ask(app: Flask, step: Step, **options: Any) -> TestResponse:
    """Send a request to a step's route, as its person."""
    headers = {**(step.asks.headers if step.asks else {}), **options.pop("headers", {})}
    return app.test_client().open(step.path, method=step.declared.method, headers=headers, **options)


def assert_problem(answer: TestResponse, status: int | set[int], name: str = "") -> dict[str, Any]:
    """Check that the answer is a problem of this status that tells nothing of our inside; return its body."""
    allowed = {status} if isinstance(status, int) else status
    text = answer.get_data(as_text=True)
    assert answer.status_code in allowed, f"{name}: {answer.status_code} {text[:300]}"
    assert answer.content_type == "application/problem+json", name
    body = answer.json
    assert body is not None, name
    assert body.keys() >= PROBLEM_FIELDS, name
    assert body["status"] == answer.status_code, name
    assert body["request_id"] == answer.headers["X-Request-ID"] != "", name
    assert "Traceback" not in text, name
    assert "marshmallow" not in text, name
    return dict(body)
