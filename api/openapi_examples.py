"""Examples in the OpenAPI document: made from the shapes themselves, so that they cannot fall behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.catalogue import PROBLEMS
from schemas.glossary import EXAMPLES

MADE_UP_ID = "01m83jzv0175bq8zry1grw1d"
_FORMATS = {"date-time": "2026-11-23T05:00:00Z", "date": "2026-11-23", "uuid": "6f1f3c0e-52ba-4d0e-9d53-5a4b4c1f2c11"}
_PLAIN: dict[str, Any] = {"boolean": True, "number": 0.5, "object": {}, "null": None}
_NAMES_OF_IDS = ("_id", "_ids", "_by")
_DEEPEST = 14


def example_of(schema: Mapping[str, Any], shapes: Mapping[str, Any], *, whole: bool, name: str = "") -> Any:
    """Return a value of `schema`; `whole` fills every field, else only those that are required or have an example."""
    return _value(schema, shapes, whole, name, 0)


def problem_examples(codes: list[str]) -> dict[str, Any]:
    """Return one example a code, as an answer's `examples`."""
    return {code: {"$ref": f"#/components/examples/{code}"} for code in codes}


def problem_example(code: str) -> dict[str, Any]:
    """Return the example of one problem, in English."""
    entry = PROBLEMS[code]
    value: dict[str, Any] = {
        "type": f"/docs/problems#{code}",
        "title": entry.title,
        "status": entry.status,
        "detail": entry.detail,
        "code": code,
        "request_id": MADE_UP_ID,
    }
    if code == "validation_failed":
        value["errors"] = {"name": ["required"]}
    if code == "blocked_by_rule":
        value |= {"reasons": ["night_ban"], "allowed_from": "2026-11-24T00:30:00Z"}
    if code == "no_batch":
        value["reasons"] = {"held": 3}
    return {"summary": entry.title, "value": value}


def _value(schema: Mapping[str, Any], shapes: Mapping[str, Any], whole: bool, name: str, depth: int) -> Any:  # noqa: FBT001
    # A field may show something better than what its shape shows.
    if "example" in schema:
        return schema["example"]
    if "$ref" in schema:
        shape = shapes[schema["$ref"].rsplit("/", 1)[1]]
        said = EXAMPLES.get(name)
        in_both = isinstance(said, dict) and said.keys() == shape.get("properties", {}).keys()
        return said if in_both else _value(shape, shapes, whole, name, depth + 1)
    for key in ("enum", "anyOf", "oneOf", "allOf"):
        if key in schema:
            first = schema[key][0]
            return first if key == "enum" else _value(first, shapes, whole, name, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind == "object" and "properties" in schema:
        return _object(schema, shapes, whole, depth)
    if kind == "array":
        return [] if depth > _DEEPEST else [_value(schema.get("items", {}), shapes, whole, name, depth + 1)]
    return _plain(schema, kind, name)


def _object(schema: Mapping[str, Any], shapes: Mapping[str, Any], whole: bool, depth: int) -> dict[str, Any]:  # noqa: FBT001
    if depth > _DEEPEST:
        return {}
    required = schema.get("required", ())
    return {
        name: _value(inner, shapes, whole, name, depth + 1)
        for name, inner in schema["properties"].items()
        if whole or name in required or "example" in inner
    }


def _plain(schema: Mapping[str, Any], kind: str, name: str) -> Any:
    if kind in {"integer", "string"} and name in EXAMPLES and not isinstance(EXAMPLES[name], dict):
        return EXAMPLES[name]
    if kind == "integer":
        return schema.get("minimum", 1)
    if kind != "string":
        return _PLAIN[kind]
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    return MADE_UP_ID if "pattern" in schema or name == "id" or name.endswith(_NAMES_OF_IDS) else "text"
