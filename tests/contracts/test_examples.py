"""What the OpenAPI document shows as a request is one that the API takes: each example is sent, about real things."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.limits import limiter
from api.openapi_examples import MADE_UP_ID
from services.domain.people.actor import Actor
from services.facade import Services
from tests.api.conftest import Api
from tests.contracts.world import make_world
from tests.factories import Person, sign_in

METHODS = ("get", "post", "put", "patch", "delete")
# What may be wrong with an example: that what it names is not there, or not so that it could be done to it.
OF_WHAT_IS_NAMED = {"contact_unknown", "plan_unknown", "user_unknown", "user_not_active", "password_wrong"}
PICTURE = b"\x89PNG\r\n\x1a\n"
SHEET = "name,मोबाइल नंबर,First vote\nAsha Verma,9876543210,yes\n".encode()


class Example(NamedTuple):
    name: str
    method: str
    path: str
    verb: str
    media: str
    body: Any


def test_no_request_example_is_refused_for_what_it_says(
    app: Flask, api: Api, services: Services, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    chief, holder = person(role="hq_admin"), person(role="volunteer", home_area="rj-churu")
    world = make_world(api, services, person, holder)
    refused, taken = {}, set()
    for example in _examples(app.test_client().get("/api/v1/openapi.json").json or {}, world):
        may = services.policy.can(Actor(user_id=chief.id, role="hq_admin", session_id="one"), example.verb)
        asks = sign_in(app, (chief if may else holder).user)  # the example before may have ended the session
        answer = _send(app, example, _about(world, example.body), asks)
        if answer.status_code < 300:
            taken.add(example.name)
        elif answer.status_code in {400, 413, 415, 422}:
            wrong = (answer.json or {}).get("errors", {None: [answer.status]})
            if not {code for codes in wrong.values() for code in codes} <= OF_WHAT_IS_NAMED:
                refused[example.name] = wrong
    assert refused == {}
    assert len(taken) > 40, "most of them can be done in a world that has one of everything"


def _examples(document: dict[str, Any], world: dict[str, Any]) -> Iterator[Example]:
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method, operation in [(method, item[method]) for method in METHODS if method in item]:
            shown = {one["name"]: one.get("example") for one in [*shared, *operation["parameters"]]}
            name = f"{method.upper()} {path}"
            for media, content in operation.get("requestBody", {}).get("content", {}).items():
                at = path.format_map({**shown, **world})
                yield Example(name, method, at, operation["x-verb"], media, content["example"])


def _about(world: dict[str, Any], value: Any) -> Any:
    """Return a body with the ids of real things in the place of the made-up one."""
    if isinstance(value, list):
        return [_about(world, one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: world[name] if inner == MADE_UP_ID and name in world else _about(world, inner)
        for name, inner in value.items()
    }


def _send(app: Flask, example: Example, body: Any, asks: Person) -> TestResponse:
    options: dict[str, Any] = {"json": body}
    if example.media == "multipart/form-data":
        # The document can only say of a file that there is one.
        file = PICTURE if example.path.endswith("/media") else SHEET
        options = {"data": {**body, "file": (io.BytesIO(file), "sheet.csv")}}
    return app.test_client().open(example.path, method=example.method.upper(), headers=asks.headers, **options)
