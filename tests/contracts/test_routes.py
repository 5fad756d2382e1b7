"""What holds for every route, whoever adds it: a walk over the whole url map."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from marshmallow import RAISE, Schema, fields

from api.catalogue import PROBLEMS
from api.operations import PUBLIC, Declared
from config.paths import read_json
from schemas.base import Flag
from services.domain.people.actor import ROLES, Actor
from services.policy import Policy

ROLE_TABLE: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[2] / "config" / "data" / "roles.json").read_text(encoding="utf-8")
)
# The pages and files that describe the API, and nothing else.
UNDECLARED = {"openapi", "docs", "docs_problems", "docs_asset", "docs_start", "home"}
OPEN_TO_ALL = {
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "POST /api/v1/auth/firebase",
    "POST /api/v1/auth/invitations/accept",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/join/requests",
    "POST /api/v1/rights/requests",
}
# Held through headquarters' `*` alone; a verb that is in no role's list must be here, so that a slip of the pen shows.
OF_HEADQUARTERS = {
    "audit.export",
    "audit.read",
    "campaigns.create",
    "campaigns.edit",
    "campaigns.enrol",
    "campaigns.move",
    "contacts.erase",
    "contacts.import",
    "content.approve",
    "exports.approve",
    "exports.create",
    "exports.read",
    "keys.reseal",
    "kill_switch.set",
    "model_code.write",
    "polls.write",
    "rules.write",
    "service_accounts.manage",
    "service_accounts.read",
    "sources.attest",
    "sources.read",
    "suppressions.lift",
    "tasks.approve",
}
# Answered before a route is known, for any route at all, or told of a job.
OF_NO_ROUTE = {"method_not_allowed", "not_acceptable", "busy", "conflict", "headers_too_large", "uri_too_long"} | {
    *("duplicate", "job_failed")
}
# Route → why it takes no Idempotency-Key although it answers 201 or 202.
REPEATABLE: dict[str, str] = {
    "POST /api/v1/sources/<source_id>/attest": "its job is named after the source: asked again it is the same",
    "POST /api/v1/contacts/imports/<import_id>/undo": "its job is named after the import: asked again it is the same",
}
# Route → why it has no version although it shows or changes one thing.
UNVERSIONED: dict[str, str] = {}
# Route → why it takes no If-Match although it changes what is shown with an ETag.
UNVERSIONED_CHANGES: dict[str, str] = {}
# The domain reads these and names each wrong field by its path.
READ_BY_THE_DOMAIN = {"RulesIn"}


class Route(NamedTuple):
    name: str
    rule: str
    declared: Declared
    doc: str


@pytest.fixture(scope="module")
def routes(bare_app: Flask) -> list[Route]:
    return list(_routes(bare_app))


def test_every_route_is_declared(bare_app: Flask) -> None:
    silent = {
        rule.endpoint
        for rule in bare_app.url_map.iter_rules()
        if not hasattr(bare_app.view_functions[rule.endpoint], "declared")
    }
    assert silent == UNDECLARED


def test_no_route_is_open_by_accident(routes: list[Route]) -> None:
    assert {route.name for route in routes if route.declared.verb == PUBLIC} == OPEN_TO_ALL


def test_every_verb_is_held_by_a_role(routes: list[Route]) -> None:
    policy = Policy(ROLE_TABLE)
    listed = {verb for verbs in ROLE_TABLE.values() for verb in verbs}
    asked = {route.declared.verb for route in routes} - {PUBLIC}
    assert {verb for verb in asked if not any(policy.can(_actor(role), verb) for role in ROLES)} == set()
    assert asked - listed - OF_HEADQUARTERS == set(), "neither in config/data/roles.json nor listed in this test"


def test_every_verb_of_a_role_opens_a_route(routes: list[Route]) -> None:
    asked = {route.declared.verb for route in routes}
    listed = {verb for verbs in ROLE_TABLE.values() for verb in verbs} | OF_HEADQUARTERS
    assert listed - asked - {"*"} == set()


def test_every_route_says_whose_things_it_shows(routes: list[Route]) -> None:
    known = read_json("access.json")
    named = {route.name.replace("/api/v1", "") for route in routes}
    assert named - known["routes"].keys() == set(), "add a line to `routes` of config/data/access.json"
    assert known["routes"].keys() - named == set(), "config/data/access.json names routes that are not there"
    assert set(known["routes"].values()) == known["kinds"].keys()


def test_every_role_that_holds_a_verb_reaches_something(routes: list[Route]) -> None:
    known, policy = read_json("access.json"), Policy(ROLE_TABLE)
    for route in [route for route in routes if route.declared.verb != PUBLIC]:
        reach = known["kinds"][known["routes"][route.name.replace("/api/v1", "")]]["reach"]
        may = {role for role in ROLES if policy.can(_actor(role), route.declared.verb)}
        assert may <= reach.keys(), f"{route.name}: {may - reach.keys()} hold the verb, but reach nothing"


def test_every_route_documents_its_problems(routes: list[Route]) -> None:
    for route in routes:
        unknown = set(route.declared.codes) - PROBLEMS.keys()
        assert not unknown, f"{route.name}: {unknown} not in api/catalogue.py"
        assert {"internal_error", "database_unavailable", "too_many_requests"} <= set(route.declared.codes), route.name


def test_every_code_is_answered_by_a_route(routes: list[Route]) -> None:
    named = {code for route in routes for code in route.declared.codes}
    assert PROBLEMS.keys() - named - OF_NO_ROUTE == set(), "name it in the problems of its route, or drop it"


def test_every_route_says_what_it_does(routes: list[Route]) -> None:
    for route in routes:
        first = route.doc.strip().partition("\n")[0]
        assert re.fullmatch(r"[A-Z].{8,}\.", first), f"{route.name}: a first line that ends with a dot"


def test_every_list_pages(routes: list[Route]) -> None:
    for route in routes:
        answer = _fields(route.declared.answer)
        if route.declared.method == "GET" and "items" in answer and "id" not in answer:
            assert "next_cursor" in answer, route.name
            assert {"limit", "cursor"} <= _fields(route.declared.shapes.get("query")).keys(), route.name


def test_no_route_answers_a_bare_list(routes: list[Route]) -> None:
    bare = [route.name for route in routes if isinstance(route.declared.answer, Schema) and route.declared.answer.many]
    assert bare == []


def test_what_creates_takes_an_idempotency_key(routes: list[Route]) -> None:
    makes = {
        route.name
        for route in routes
        if route.declared.method == "POST" and route.declared.status in {201, 202} and not route.declared.creates
    }
    assert makes == REPEATABLE.keys()


def test_what_shows_or_changes_one_thing_has_a_version(routes: list[Route]) -> None:
    plain = {
        route.name
        for route in routes
        if not route.declared.versioned and route.declared.is_json and _is_about_one_thing(route)
    }
    assert plain == UNVERSIONED.keys()


def test_a_change_of_what_is_shown_with_a_version_heeds_if_match(routes: list[Route]) -> None:
    shown = {
        _class_of(route.declared.answer)
        for route in routes
        if route.declared.method == "GET" and route.declared.versioned and route.rule.count("<") > 0
    }
    blind = {
        route.name
        for route in routes
        if route.declared.method != "GET"
        and _class_of(route.declared.answer) in shown
        and not (route.declared.versioned or route.declared.creates or route.declared.status == 202)
    }
    assert blind == UNVERSIONED_CHANGES.keys()


def test_a_body_with_an_unknown_field_is_refused(routes: list[Route]) -> None:
    for route in routes:
        for location, shape in route.declared.shapes.items():
            if location in {"body", "form"}:
                lax = {name for name, schema in _with_inner(shape) if schema.unknown != RAISE} - READ_BY_THE_DOMAIN
                assert not lax, f"{route.name}: {lax} must be a BodyIn"


def test_a_flag_in_a_body_is_true_or_false_alone(routes: list[Route]) -> None:
    lenient = {
        f"{name}.{field_name}"
        for route in routes
        if "body" in route.declared.shapes
        for name, schema in _with_inner(route.declared.shapes["body"])
        for field_name, field in schema.fields.items()
        if isinstance(_one_of(field), fields.Boolean) and not isinstance(_one_of(field), Flag)
    }
    assert lenient == set(), "fields.Boolean takes `yes`, `on` and 1: declare it as a Flag"


def _routes(app: Flask) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        declared = getattr(view, "declared", None)
        if declared is not None:
            yield Route(f"{declared.method} {rule.rule}", rule.rule, declared, view.__doc__ or "")


def _actor(role: str) -> Actor:
    return Actor(user_id="somebody", role=role, session_id="one")


def _is_about_one_thing(route: Route) -> bool:
    method = route.declared.method
    return method == "PATCH" or (method == "GET" and route.rule.endswith(">"))


def _class_of(shape: Any) -> Any:
    return shape if shape is None or isinstance(shape, type) else type(shape)


def _fields(shape: Any) -> dict[str, Any]:
    if shape is None:
        return {}
    return dict((shape() if isinstance(shape, type) else shape).fields)


def _with_inner(shape: Any) -> Iterator[tuple[str, Schema]]:
    """Give a shape and all shapes inside it."""
    schema = shape() if isinstance(shape, type) else shape
    yield type(schema).__name__, schema
    for inner in map(_one_of, schema.fields.values()):
        if isinstance(inner, fields.Nested):
            yield from _with_inner(inner.schema)


def _one_of(field: fields.Field[Any]) -> fields.Field[Any]:
    """Return the field itself, or that of what a list holds."""
    return field.inner if isinstance(field, fields.List) else field
