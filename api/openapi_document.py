"""Completes the document that flask-smorest makes: problems, headers, meanings, examples; nothing unused stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

from api import openapi_examples as examples
from api import paths
from api.catalogue import PROBLEMS
from api.limits import PUBLIC
from api.operations import Declared
from api.problems import PROBLEM_TYPE
from config.paths import read_json
from schemas.glossary import MEANINGS
from services.domain.people.actor import Actor
from services.policy import Policy

_RULE_NAME = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_HEADERS: dict[str, Any] = {
    "Accept-Ranges": {"description": "Always `bytes`", "schema": {"type": "string"}},
    "Content-Range": {"description": "With 206: which part of how many bytes", "schema": {"type": "string"}},
    "ETag": {"description": "The version of what is shown, for `If-Match`", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "Always `Bearer`", "schema": {"type": "string"}},
    "X-Request-ID": {"description": "Names this request in the logs", "schema": {"type": "string"}},
}
_ROLES = {
    "hq_admin": "headquarters",
    "coordinator": "coordinators",
    "volunteer": "volunteers",
    "observer": "observers",
    "expert": "experts",
}
_POLICY = Policy(read_json("roles.json"))
# What an answer of another media type is; of a stream, what each event is.
_NOT_JSON: dict[str, Any] = {
    "text/event-stream": {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "id": {"type": "string", "description": "Version of the figures, for `Last-Event-ID`"},
            "event": {"type": "string", "enum": ["progress", "end"], "description": "What the data is"},
            "data": {"type": "string", "description": "JSON: the figures, or the reason of the end"},
        },
    }
}
_OF_FILES = ("Accept-Ranges", "Content-Range", "ETag")
_OF_STATUS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def declared_routes(app: Flask) -> Iterator[tuple[str, Declared]]:
    """Give each route that was declared by `operation`: its path as OpenAPI writes it, and its promise."""
    for rule in app.url_map.iter_rules():
        declared = getattr(app.view_functions[rule.endpoint], "declared", None)
        if declared is not None:
            yield _RULE_NAME.sub(r"{\1}", rule.rule), declared


def complete(document: dict[str, Any], app: Flask) -> dict[str, Any]:
    """Return the document with everything said that a client needs to know."""
    parts = document["components"]
    parts["headers"] = _HEADERS
    parts["responses"] = {}
    parts["examples"] = {}
    for path, declared in declared_routes(app):
        item = document["paths"][path]
        operation = item[declared.method.lower()]
        operation["description"] = _explanation(operation.get("description", ""), declared)
        operation.setdefault("parameters", []).extend(_header_parameters(declared))
        if not declared.shapes.keys().isdisjoint({"form", "files"}):
            operation["requestBody"] = _multipart(operation, parts["schemas"])
        _explain_parameters(item.get("parameters", []) + operation["parameters"])
        _explain_body(operation, parts["schemas"])
        operation["responses"] = _successes(operation, declared, parts["schemas"]) | _failures(declared, parts)
    for name, schema in parts["schemas"].items():
        _explain_fields(name, schema)
        if name.endswith("In") and "properties" in schema:
            schema["example"] = examples.example_of(schema, parts["schemas"], whole=False)
    _drop_unused(document)
    return document


def _explanation(said: str, declared: Declared) -> str:
    """Return what the view says beyond its summary, and who may ask."""
    who = [text for role, text in _ROLES.items() if _POLICY.can(_somebody(role), declared.verb)]
    allowed = f"For {', '.join(who)}." if declared.verb != PUBLIC else "For everybody, without signing in."
    if declared.for_services:
        allowed += f" A service account needs the verb `{declared.verb}`."
    if declared.verb == PUBLIC and declared.token:
        allowed = f"For whoever holds a {declared.token.replace('_', ' ')}."
    return " ".join([*said.split(), allowed])


def _somebody(role: str) -> Actor:
    return Actor(user_id="", role=role, session_id="")


def _header_parameters(declared: Declared) -> Iterator[dict[str, Any]]:
    if declared.creates:
        text = "Same key and same request: the same answer for 24 hours. Another request under it is refused with 409"
        schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"}
        yield _header("Idempotency-Key", text, schema, example="claim-2026-11-23-1")
    if declared.matches:
        text = "The ETag that was loaded; 412 when it is no longer current"
        yield _header("If-Match", text, {"type": "string"}, example='"3"')
    if (declared.versioned or declared.ranged) and declared.method == "GET":
        text = "The ETag at hand; unchanged is answered 304 without a body"
        yield _header("If-None-Match", text, {"type": "string"}, example='"3"')
    if declared.ranged:
        text = "One part of the file, for going on after a break; several at once get the whole file"
        yield _header("Range", text, {"type": "string"}, example="bytes=65536-")
        text = "The ETag of the part at hand: another file is sent whole"
        yield _header("If-Range", text, {"type": "string"}, example='"9f86d081884c7d65"')


def _header(name: str, description: str, schema: dict[str, Any], *, example: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "description": description,
        "required": False,
        "schema": schema,
        "example": example,
    }


def _explain_parameters(parameters: list[dict[str, Any]]) -> None:
    for parameter in parameters:
        name = parameter["name"]
        meanings = paths.MEANINGS if parameter["in"] == "path" else MEANINGS
        if "description" not in parameter and name in meanings:
            parameter["description"] = meanings[name]
        if parameter["in"] == "path" and "example" not in parameter:
            parameter["example"] = paths.EXAMPLES.get(name) or examples.example_of(
                parameter["schema"], {}, whole=True, name=name
            )


def _explain_fields(shape: str, schema: dict[str, Any]) -> None:
    """Say what each field means, where the shape itself does not."""
    for name, field in schema.get("properties", {}).items():
        said = MEANINGS.get(f"{shape}.{name}") or MEANINGS.get(name)
        if said and "description" not in field:
            field["description"] = said


def _explain_body(operation: dict[str, Any], shapes: dict[str, Any]) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if "example" not in content and "schema" in content:
            content["example"] = examples.example_of(content["schema"], shapes, whole=False)


def _multipart(operation: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """Return fields and files as the one body that they are sent as."""
    whole: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        form = shapes[content["schema"]["$ref"].rsplit("/", 1)[1]] if "$ref" in content["schema"] else content["schema"]
        whole["properties"] |= form["properties"]
        whole["required"] += form.get("required", [])
    for part in [part for part in operation["parameters"] if part["in"] == "formData"]:
        operation["parameters"].remove(part)
        whole["properties"][part["name"]] = {**part["schema"], "description": part.get("description", "The file")}
        whole["required"] += [part["name"]] if part["required"] else []
    return {"required": True, "content": {"multipart/form-data": {"schema": whole}}}


def _successes(operation: dict[str, Any], declared: Declared, shapes: dict[str, Any]) -> dict[str, Any]:
    answers = {status: answer for status, answer in operation["responses"].items() if str(status)[0] in "123"}
    for answer in answers.values():
        answer["headers"] = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
        if declared.versioned:
            answer["headers"]["ETag"] = {"$ref": "#/components/headers/ETag"}
        if declared.ranged:
            answer["headers"] |= {name: {"$ref": f"#/components/headers/{name}"} for name in _OF_FILES}
        if not declared.is_json and "204" not in answers:
            answer["content"] = {media: {"schema": _NOT_JSON.get(media, _shape_of(media))} for media in declared.media}
        for content in answer.get("content", {}).values():
            if "$ref" in content.get("schema", {}):
                content["example"] = examples.example_of(content["schema"], shapes, whole=True)
    if (declared.versioned or declared.ranged) and declared.method == "GET":
        answers["304"] = {"description": "Not changed", "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}}
    return answers


def _shape_of(media: str) -> dict[str, Any]:
    """Return the schema of a text, or none: OpenAPI 3.1 says so that an answer is bytes."""
    return {"type": "string"} if media.startswith("text/") else {}


def _failures(declared: Declared, parts: dict[str, Any]) -> dict[str, Any]:
    """Return the problems of a route by status; the same set of codes is said once, among the components."""
    by_status: dict[int, list[str]] = {}
    for code in sorted(declared.codes):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    answers = {}
    for status, codes in sorted(by_status.items()):
        name = ".".join(codes)
        parts["responses"].setdefault(name, _problem_answer(status, codes))
        parts["examples"].update({code: examples.problem_example(code) for code in codes})
        answers[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return answers


def _problem_answer(status: int, codes: list[str]) -> dict[str, Any]:
    titles = list(dict.fromkeys(PROBLEMS[code].title for code in codes))
    names = ["X-Request-ID", *([_OF_STATUS[status]] if status in _OF_STATUS else [])]
    content = {"schema": {"$ref": "#/components/schemas/ProblemOut"}, "examples": examples.problem_examples(codes)}
    return {
        "description": f"{'; '.join(titles)}: {', '.join(f'`{code}`' for code in codes)}",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {PROBLEM_TYPE: content},
    }


def _drop_unused(document: dict[str, Any]) -> None:
    """Leave out what flask-smorest registers by itself and no route names."""
    used: set[str] = set()
    waiting = list(_references(document["paths"]))
    while waiting:
        reference = waiting.pop()
        if reference not in used:
            used.add(reference)
            kind, name = reference.removeprefix("#/components/").split("/", 1)
            waiting += _references(document["components"][kind][name])
    for kind, parts in document["components"].items():
        if kind != "securitySchemes":
            for name in [name for name in parts if f"#/components/{kind}/{name}" not in used]:
                del parts[name]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _references(inner)
