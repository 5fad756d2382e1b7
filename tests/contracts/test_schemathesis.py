"""Requests made up from the OpenAPI document, right and wrong: no error of ours, no answer that it does not foresee.

Through WSGI, as headquarters and as a volunteer; the same requests in every run, few enough for a minute or two.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.limits import PUBLIC, limiter
from api.routes import RESOURCES
from services.domain.people.actor import Actor
from services.facade import Services
from tests.api.conftest import Api
from tests.contracts.walk import PROBLEM_FIELDS
from tests.contracts.world import about, make_world
from tests.factories import Person, sign_in

# A night's run may ask for more.
EXAMPLES = int(os.environ.get("SAMPARK_TEST_EXAMPLES", "8"))
# The role may never: whatever is asked, the answer is the same.
EXAMPLES_OF_FORBIDDEN = 2
# Parameters that a query does not know are passed over, and our tokens are not for guessing.
CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"allow-extra-parameters": False, "with-security-parameters": False},
        "checks": {"negative_data_rejection": {"expected-statuses": [400, 403, 404, 409, 412, 413, 415, 422, 423]}},
    }
)
GROUPS = sorted(resource.name for resource, _ in RESOURCES)


def a_problem_is_whole(_context: CheckContext, response: Response, case: Case) -> None:
    """Every refusal is RFC 9457 with our members, and names a code that its route documents."""
    if response.status_code >= 400:
        assert response.headers["content-type"] == ["application/problem+json"]
        body = response.json()
        assert body.keys() >= PROBLEM_FIELDS
        assert (body["status"], [body["request_id"]]) == (response.status_code, response.headers["x-request-id"])
        answers = case.operation.definition.raw["responses"]
        documented = answers.get(str(response.status_code), {}).get("$ref", "").rsplit("/", 1)[-1].split(".")
        assert body["code"] in documented, f"{body['code']} is not documented"


def no_error_of_ours(_context: CheckContext, response: Response, _case: Case) -> None:
    """Nothing fails; phone sign-in says that a test has no Firebase."""
    assert response.status_code < 500 or response.json()["code"] == "firebase_not_configured"


CHECKS = [
    no_error_of_ours,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    a_problem_is_whole,
]


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("role", ["hq_admin", "volunteer"])
@pytest.mark.parametrize("group", GROUPS)
def test_generated_requests(
    app: Flask, api: Api, services: Services, person: Callable[..., Person], group: str, role: str
) -> None:
    asks = person(role=role, home_area="rj-churu" if role == "volunteer" else None)
    holder = asks if role == "volunteer" else person(role="volunteer", home_area="rj-churu")
    world = make_world(api, services, person, holder)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=CONFIG)
    for found in schema.get_all_operations():
        operation = found.ok()
        if group in operation.definition.raw["tags"]:
            # An operation before this one may have ended the session.
            headers = {**sign_in(app, asks.user).headers, "Accept-Encoding": "identity"}
            known = {name: world[name] for name in (one.name for one in operation.path_parameters) if name in world}
            verb = operation.definition.raw["x-verb"]
            may = verb == PUBLIC or services.policy.can(Actor(user_id=asks.id, role=role, session_id="one"), verb)
            number = EXAMPLES if may else EXAMPLES_OF_FORBIDDEN
            right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE, path_parameters=known or None)
            _ask(right.map(functools.partial(_about, world)), headers, number, CHECKS)
            if may:
                wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
                with contextlib.suppress(Unsatisfiable):  # there may be nothing about it that could be wrong
                    _ask(wrong, headers, number, [*CHECKS, *_rejection(operation)])


def _rejection(operation: Any) -> list[Any]:
    """Wrong data must be refused; in a form everything is text, so that a number is no wrong one.

    Who has signed out, which needs no body, is not known any more when the next wrong one comes.
    """
    media = operation.definition.raw.get("requestBody", {}).get("content", {})
    lenient = "multipart/form-data" in media or operation.path.endswith("/auth/logout")
    return [] if lenient else [negative_data_rejection]


def _about(world: dict[str, Any], case: Case) -> Case:
    case.query = about(world, case.query)
    case.body = about(world, case.body)
    return case


def _ask(cases: SearchStrategy[Case], headers: dict[str, str], number: int, checks: list[Any]) -> None:
    @settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def run(case: Case) -> None:
        response = case.call(headers=headers)
        case.validate_response(response, checks=checks)

    run()
