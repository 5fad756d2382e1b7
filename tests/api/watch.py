"""Holds every answer in the tests against what its route promises, so that no test has to say the common things again.

Once for each route it also tries what the route says it can do: refuse another version than the current one, answer
304 to whoever has the current one, answer a repeated Idempotency-Key with the first answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import jsonschema_rs
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from api.catalogue import PROBLEMS
from api.operations import JSON, Declared
from schemas.codes import FIELD_CODES
from tests import asked

Send = Callable[[Mapping[str, str]], TestResponse]
_PROBLEM = {"type", "title", "status", "detail", "code", "request_id"}
_TIMES = re.compile(r'"(\d{4}-\d\d-\d\dT[^"]*)"')
_WIRE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
# What the contract promises beside the problem itself.
_BESIDE = {422: {"errors"}, 423: {"reasons", "allowed_from"}}
_HEADER_OF = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
_ANOTHER_VERSION = '"999999999"'


class Watch:
    """One for each application; what was tried is remembered for the whole run."""

    _tried: ClassVar[set[tuple[str, str]]] = set()

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._document: dict[str, Any] | None = None
        self._validators: dict[str, Any] = {}
        for rule in app.url_map.iter_rules():
            promise = getattr(app.view_functions[rule.endpoint], "declared", None)
            if promise is not None:
                asked.declare(f"{promise.method} {rule.rule}")

    def over(self, method: str, path: str, send: Send, given: Mapping[str, str], *, quiet: bool) -> TestResponse:
        """Return what `send` gets, checked; `quiet` tries nothing beside it."""
        rule, promise = self._promise(method, path)
        if promise is None:
            return send({})
        if quiet:
            answer = send({})
        elif promise.matches and "If-Match" not in given and self._first(rule, "If-Match"):
            answer = self._refusing_another_version(rule, send)
        elif promise.creates and "Idempotency-Key" not in given and self._first(rule, "Idempotency-Key"):
            answer = self._answering_the_same_twice(rule, send)
        else:
            answer = send({})
        self.check(f"{method} {rule}", promise, answer)
        if promise.versioned and method == "GET" and answer.status_code == 200 and not quiet:
            again = send({"If-None-Match": answer.headers["ETag"]})
            assert (again.status_code, again.get_data()) == (304, b""), f"{method} {rule}: If-None-Match"
        asked.answer(f"{method} {rule}", answer.status_code)
        return answer

    def check(self, name: str, promise: Declared, answer: TestResponse) -> None:
        """Fail unless the route promised such an answer."""
        status = answer.status_code
        assert answer.headers["X-Request-ID"], name
        if status >= 400:
            self._check_problem(name, promise, answer)
        elif status != 304:
            assert status in {promise.status, *promise.also}, f"{name}: {status} is not documented"
            assert "ETag" in answer.headers or not promise.versioned, f"{name}: versioned, but without an ETag"
            if status == 204:
                assert answer.get_data() == b"", name
            elif promise.is_json:
                self._check_shape(name, promise, answer)
            else:
                assert answer.mimetype in promise.media, f"{name}: {answer.mimetype} is not documented"

    def _check_problem(self, name: str, promise: Declared, answer: TestResponse) -> None:
        assert answer.content_type == "application/problem+json", f"{name}: {answer.get_data(as_text=True)[:200]}"
        body = answer.json or {}
        assert body.keys() >= _PROBLEM | _BESIDE.get(answer.status_code, set()), name
        header = _HEADER_OF.get(answer.status_code)
        assert header is None or answer.headers.get(header), f"{name}: {answer.status_code} without {header}"
        known = {*promise.codes, "method_not_allowed"}
        assert body["code"] in known, f"{name}: {body['code']} is not among the problems of its route"
        for field, codes in body.get("errors", {}).items():
            self._check_explained(codes, f"{name}: {field}")

    def _check_explained(self, codes: Iterable[str], name: str) -> None:
        unknown = set(codes) - FIELD_CODES.keys() - PROBLEMS.keys()
        assert not unknown, f"{name} says {unknown}, which config/data/field_codes.json does not explain"

    def _check_shape(self, name: str, promise: Declared, answer: TestResponse) -> None:
        assert answer.mimetype == JSON, f"{name}: {answer.content_type}"
        if "Content-Encoding" in answer.headers:
            return  # the client of the tests reads plain answers; a compressed one is the same, made smaller
        other = [time for time in _TIMES.findall(answer.get_data(as_text=True)) if not _WIRE_TIME.fullmatch(time)]
        assert other == [], f"{name}: times of another form than the wire's: {other}"
        receipts = (answer.json or {}).get("receipts", ())
        self._check_explained([one["code"] for one in receipts if "code" in one], name)
        validator = self._validator(name, answer.status_code)
        if validator is not None:
            wrong = [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(answer.json)]
            assert wrong == [], f"{name}: not as the OpenAPI document has it: {wrong}"

    def _refusing_another_version(self, rule: str, send: Send) -> TestResponse:
        stale = send({"If-Match": _ANOTHER_VERSION})
        answer = send({})
        if answer.status_code < 300:
            assert stale.status_code == 412, f"{rule}: If-Match of another version was answered {stale.status_code}"
        else:
            self._tried.discard((rule, "If-Match"))
        return answer

    def _answering_the_same_twice(self, rule: str, send: Send) -> TestResponse:
        key = {"Idempotency-Key": f"watch {rule}"}
        answer = send(key)
        if answer.status_code < 300:
            again = send(key)
            assert (again.status_code, again.get_data()) == (answer.status_code, answer.get_data()), f"{rule}: repeated"
            assert again.headers.get("ETag") == answer.headers.get("ETag"), f"{rule}: repeated"
        else:
            self._tried.discard((rule, "Idempotency-Key"))
        return answer

    def _first(self, rule: str, what: str) -> bool:
        if (rule, what) in self._tried:
            return False
        self._tried.add((rule, what))
        return True

    def _promise(self, method: str, path: str) -> tuple[str, Declared | None]:
        try:
            rule, _ = self._app.url_map.bind("localhost").match(path.partition("?")[0], method, return_rule=True)
        except HTTPException:
            return path, None
        return rule.rule, getattr(self._app.view_functions[rule.endpoint], "declared", None)

    def _validator(self, name: str, status: int) -> Any:
        """Return what checks an answer of a route, made once."""
        key = f"{name} {status}"
        if key not in self._validators:
            document = self._document = self._document or self._app.test_client().get("/api/v1/openapi.json").json or {}
            method, rule = name.split(" ", 1)
            path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)
            answers = document["paths"][path][method.lower()]["responses"]
            schema = answers[str(status)].get("content", {}).get(JSON, {}).get("schema")
            whole = {**schema, "components": document["components"]} if schema else None
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole) if whole else None
        return self._validators[key]
