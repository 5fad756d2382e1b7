"""The OpenAPI document is valid and says all that a client needs to know."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.factory import create_app
from config.settings import Settings
from schemas.glossary import MEANINGS
from services.facade import Services


@pytest.fixture(scope="module")
def document(bare_app: Flask) -> dict[str, Any]:
    answer = bare_app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json is not None
    return dict(answer.json)


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    methods = {"get", "post", "put", "patch", "delete"}
    return {
        f"{method.upper()} {path}": {**operation, "parameters": [*item.get("parameters", []), *operation["parameters"]]}
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in methods
    }


def test_an_independent_validator_accepts_it(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_those_who_ask_first_at_once_get_the_same_whole_document(
    base_settings: Settings, document: dict[str, Any]
) -> None:
    app = create_app(base_settings, cast("Services", None))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: app.test_client().get("/api/v1/openapi.json"), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert all(answer.json == document for answer in answers)


def test_every_route_below_the_base_is_in_it(bare_app: Flask, operations: dict[str, Any]) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in bare_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1") and rule.endpoint != "openapi"
    }
    described = {name for name in operations if "/api/v1" in name}
    assert len(routes) == len(described)


def test_every_operation_says_what_it_does(operations: dict[str, Any]) -> None:
    for name, operation in operations.items():
        assert operation["summary"].endswith("."), name
        assert re.search(r"For [a-z].*\.$", operation["description"]), name
        assert operation["tags"], name
        assert "security" in operation, name
    twice = [name for name, times in Counter(one["operationId"] for one in operations.values()).items() if times > 1]
    assert twice == []


def test_every_parameter_is_described(operations: dict[str, Any]) -> None:
    silent = {
        f"{name} {parameter['name']}"
        for name, operation in operations.items()
        for parameter in operation["parameters"]
        if not parameter.get("description")
    }
    assert silent == set(), "say it in the shape's metadata, in config/data/glossary.json, or in api/paths.py"


def test_every_field_is_described(document: dict[str, Any]) -> None:
    silent = {
        f"{shape}.{name}"
        for shape, schema in document["components"]["schemas"].items()
        for name, field in schema.get("properties", {}).items()
        if not field.get("description")
    }
    assert silent == set(), "say it in the shape's metadata or in config/data/glossary.json"


def test_the_glossary_explains_what_there_is(document: dict[str, Any], operations: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    fields = {name for schema in shapes.values() for name in schema.get("properties", {})}
    fields |= {parameter["name"] for operation in operations.values() for parameter in operation["parameters"]}
    fields |= {f"{shape}.{name}" for shape, schema in shapes.items() for name in schema.get("properties", {})}
    assert MEANINGS.keys() - fields == set()


def test_every_body_and_answer_has_an_example_that_fits(document: dict[str, Any], operations: dict[str, Any]) -> None:
    for name, content in _contents(document, operations):
        assert "example" in content or "examples" in content, name
        shown = [content["example"]] if "example" in content else [_shown(document, content)]
        for example in shown:
            schema = {**content["schema"], "components": document["components"]}
            found = [
                f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(example)
            ]
            assert found == [], name


def test_every_error_is_a_problem_with_its_codes(document: dict[str, Any], operations: dict[str, Any]) -> None:
    for name, operation in operations.items():
        failures = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {"429", "500", "503"} <= failures.keys(), name
        assert "401" in failures or not operation["security"], name
        for answer in failures.values():
            shared = document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
            assert list(shared["content"]) == ["application/problem+json"], name


def _contents(document: dict[str, Any], operations: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, operation in operations.items():
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            if media == "application/json":
                yield f"{name} request", content
        for status, answer in operation["responses"].items():
            whole = (
                document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]] if "$ref" in answer else answer
            )
            for media, content in whole.get("content", {}).items():
                if media in {"application/json", "application/problem+json"}:
                    yield f"{name} {status}", content


def _shown(document: dict[str, Any], content: dict[str, Any]) -> Any:
    reference = next(iter(content["examples"].values()))["$ref"]
    return document["components"]["examples"][reference.rsplit("/", 1)[1]]["value"]
