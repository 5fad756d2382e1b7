"""What a filter names must be there for the one who asks: in every list the same refusal, which names the parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from marshmallow import fields

from schemas.base import Identifier, Reference
from services.domain.people.actor import Actor
from services.facade import Services
from tests.batch_factories import make_campaign
from tests.contracts.walk import Step, ask, assert_problem, steps
from tests.factories import Person

CODES = {
    "area": "area_unknown",
    "district": "area_unknown",
    "campaign": "campaign_unknown",
    "person": "user_unknown",
    "script": "script_unknown",
}
# Ids that name what may be gone by now, or no document at all: there is simply nothing under one that is unknown.
TRACES = {
    *("GET /api/v1/audit actor", "GET /api/v1/audit subject", "GET /api/v1/audit session_id"),
    *("GET /api/v1/audit action", "GET /api/v1/outcomes/held session_id", "GET /api/v1/reports/answers question"),
    # Refused by the use case: whoever is none of the request's number.
    "GET /api/v1/rights/requests/<request_id>/report contact_id",
}


@pytest.fixture
def all_steps(app: Flask, person: Callable[..., Person]) -> list[Step]:
    return list(steps(app, person))


def test_every_optional_id_of_a_query_is_a_reference_or_a_trace(all_steps: list[Step]) -> None:
    plain = {
        f"{step.name} {name}"
        for step, name, field in _parameters(all_steps)
        if isinstance(field, Identifier) and not isinstance(field, Reference) and not field.required
    }
    assert plain == TRACES, "declare it as a Reference, or say here why it is a trace"


@pytest.mark.parametrize("role", ["hq_admin", None])
def test_a_filter_that_names_nothing(
    app: Flask, services: Services, person: Callable[..., Person], all_steps: list[Step], role: str | None
) -> None:
    campaign_id = make_campaign(services)
    chief = person(role=role) if role else None
    told = {}
    for step, name, field in _references(all_steps):
        asks = chief if chief and services.policy.can(_actor(chief), step.declared.verb) else step.asks
        answer = _asked(app, step._replace(asks=asks), name, "nothing-of-ours", campaign_id)
        told[f"{step.name} {name}"] = assert_problem(answer, 422, f"{step.name} {name}")["errors"] == {
            name: [CODES[field.to]]
        }
    assert len(told) > 20
    assert {which for which, right in told.items() if not right} == set()


def test_what_is_not_the_askers_is_answered_as_if_it_were_not_there(
    app: Flask, services: Services, person: Callable[..., Person], all_steps: list[Step]
) -> None:
    campaign_id = make_campaign(services)
    of_others = {"district": "rj-bhilwara", "person": person(role="volunteer", home_area="rj-bhilwara").id}
    coordinator = person(role="coordinator", home_area="rj-churu")
    tried = 0
    for step, name, field in _references(all_steps):
        if field.to in of_others and services.policy.can(_actor(coordinator), step.declared.verb):
            answer = _asked(app, step._replace(asks=coordinator), name, of_others[field.to], campaign_id)
            errors = assert_problem(answer, 422, f"{step.name} {name}")["errors"]
            assert errors == {name: [CODES[field.to]]}, step.name
            tried += 1
    assert tried > 5


def test_what_is_there_is_let_through(
    app: Flask, services: Services, person: Callable[..., Person], all_steps: list[Step]
) -> None:
    campaign_id = make_campaign(services)
    volunteer = person(role="volunteer", home_area="rj-churu")
    there = {"area": "ac-24", "district": "rj-churu", "campaign": campaign_id, "person": volunteer.id}
    coordinator = person(role="coordinator", home_area="rj-churu")
    for step, name, field in _references(all_steps):
        may = services.policy.can(_actor(coordinator), step.declared.verb)
        if field.to in there and may and step.declared.method == "GET" and "nothing" not in step.path:
            answer = _asked(app, step._replace(asks=coordinator), name, there[field.to], campaign_id)
            assert answer.status_code == 200, f"{step.name} {name}: {answer.json}"


def _parameters(all_steps: list[Step]) -> Iterator[tuple[Step, str, fields.Field[Any]]]:
    for step in all_steps:
        shape = step.declared.shapes.get("query")
        schema = shape() if isinstance(shape, type) else shape
        for name, field in schema.fields.items() if schema else ():
            yield step, field.data_key or name, field


def _references(all_steps: list[Step]) -> Iterator[tuple[Step, str, Reference]]:
    for step, name, field in _parameters(all_steps):
        if isinstance(field, Reference):
            yield step, name, field


def _asked(app: Flask, step: Step, name: str, value: str, campaign_id: str) -> Any:
    needed = {one: campaign_id for _, one, field in _parameters([step]) if field.required and one == "campaign_id"}
    query = {**needed, name: value}
    body: dict[str, Any] = {"json": {}} if "body" in step.declared.shapes else {}
    return ask(app, step, query_string=query, **body)


def _actor(person: Person) -> Actor:
    return Actor(user_id=person.id, role=person.user.role, session_id=person.session_id)
