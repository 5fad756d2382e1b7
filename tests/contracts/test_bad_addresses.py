"""Whatever stands in an address or a header, the answer is a problem of the asker's, never an error of ours."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.contracts.walk import Step, ask, assert_problem, steps
from tests.factories import Person

ODD_IDS = (
    "%00",
    "a%00b",
    "%ff%fe",
    "%ED%A0%80",
    "..%2f..%2fetc",
    "a%2Fb",
    "a b",
    "a" * 5000,
    "{}",
    "$where",
    "%0a",
    "😀",
)
ODD_TEXTS = (
    "%00",
    "%ff",
    "%ED%A0%80",
    "a%0Ab",
    "-1",
    "0",
    "1e3",
    "NaN",
    "9" * 400,
    "[]",
    "{}",
    "$gt",
    "a" * 3000,
    "%F0%9F%98%80",
    "",
)
_NOT_KEYS = (
    b"[]",
    b"{}",
    b"null",
    b"[null]",
    b"[[]]",
    b'[{"$gt": ""}]',
    b"[1e999]",
    b"NaN",
    b"\xff",
    b"[" * 300,
    b'["a", 3]',
)
ODD_CURSORS = (
    *(base64.urlsafe_b64encode(text).decode().rstrip("=") for text in _NOT_KEYS),
    *("a", "=", "====", "%00", "é", "a" * 600),
)
ODD_HEADERS = {
    "accept-language": {"Accept-Language": "\xff;;q=,,=;q=9e9"},
    "accept": {"Accept": "image/png;q=x,,"},
    "accept-encoding": {"Accept-Encoding": "\xff;q=-1, br;q=zz"},
    "request id": {"X-Request-ID": "\xff" * 200},
    "host": {"Host": "[::bad"},
    "host with spaces": {"Host": "a b"},
    "if-none-match": {"If-None-Match": '"\xff'},
    "range": {"Range": "bytes=zz-9999999999999999999999"},
    "cookie": {"Cookie": "\xff=;;="},
    "forwarded": {"X-Forwarded-For": "\xff, 1", "X-Forwarded-Proto": "\xff"},
    "content type without a body": {"Content-Type": "application/json"},
}


@pytest.fixture
def all_steps(app: Flask, person: Callable[..., Person]) -> list[Step]:
    return list(steps(app, person))


@pytest.mark.parametrize(
    "path",
    [
        *("/api/v1", "/api/v1/", "/api/v1/unknown", "/api/v2/areas", "/nothing", "//api/v1/areas", "/api/v1//areas"),
        *("/api/v1/areas%00", "/api/v1/areas/../areas", "/%ff", "/docs/assets/%2e%2e/__init__.py"),
        *("/docs/assets/nothing.js", "/docs/assets/a%00b", "/docs/assets/..%2f..%2fplugin.py", "/.env", "/static/x"),
    ],
)
def test_an_address_that_does_not_exist(app: Flask, path: str) -> None:
    assert assert_problem(app.test_client().get(path), 404, path)["code"] == "not_found"


def test_a_slash_at_the_end_is_no_other_address(app: Flask, all_steps: list[Step]) -> None:
    for step in all_steps:
        if step.declared.method == "GET":
            plain, slashed = (app.test_client().get(path) for path in (step.path, f"{step.path}/"))
            assert plain.status_code == slashed.status_code, step.name


def test_ids_that_are_none(app: Flask, all_steps: list[Step]) -> None:
    for step in all_steps:
        if "nothing" in step.path:
            for odd in ODD_IDS:
                odd_step = step._replace(path=step.path.replace("nothing", odd))
                answer = ask(app, odd_step, json={} if step.declared.has_body else None)
                assert_problem(answer, {404, 405}, f"{step.name} {odd}")


def test_numbers_in_paths_that_are_none(app: Flask, all_steps: list[Step]) -> None:
    for step in all_steps:
        if re.search(r"<int", step.name):
            for odd in ("-1", "0", "1.5", "9" * 30, "x", "%00"):
                path = re.sub(r"/1(?=/|$)", f"/{odd}", step.path)
                answer = ask(app, step._replace(path=path), json={} if step.declared.has_body else None)
                assert_problem(answer, {404, 405, 422}, f"{step.name} {odd}")


def test_odd_texts_in_every_parameter(app: Flask, all_steps: list[Step]) -> None:
    unforeseen = set()
    for step in all_steps:
        shape = step.declared.shapes.get("query")
        for name in shape().fields if isinstance(shape, type) else ():
            for odd in ODD_TEXTS:
                answer = ask(app, step._replace(path=f"{step.path}?{name}={odd}"))
                if answer.status_code >= 300:
                    problem = assert_problem(answer, set(range(400, 500)), f"{step.name} {name}={odd}")
                    if problem["code"] not in step.declared.codes:
                        unforeseen.add((step.name, problem["code"]))
    assert unforeseen == set()


def test_cursors_that_were_never_ours(app: Flask, all_steps: list[Step]) -> None:
    for step in all_steps:
        shape = step.declared.shapes.get("query")
        if isinstance(shape, type) and "next_cursor" in getattr(step.declared.answer, "_declared_fields", {}):
            for odd in ODD_CURSORS:
                answer = ask(app, step._replace(path=f"{step.path}?cursor={odd}"))
                allowed = {200, *range(400, 500)}
                assert answer.status_code in allowed, f"{step.name} {odd}: {answer.get_data(as_text=True)[:200]}"


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1.5", "NaN", "", "9" * 400])
def test_a_limit_outside_its_bounds(app: Flask, all_steps: list[Step], limit: str) -> None:
    for step in all_steps:
        shape = step.declared.shapes.get("query")
        if isinstance(shape, type) and "limit" in shape().fields:
            answer = ask(app, step._replace(path=f"{step.path}?limit={limit}"))
            assert assert_problem(answer, {422, 404}, step.name)["code"] in step.declared.codes, step.name


@pytest.mark.parametrize("headers", ODD_HEADERS.values(), ids=ODD_HEADERS.keys())
def test_odd_headers(app: Flask, all_steps: list[Step], headers: dict[str, str]) -> None:
    for step in all_steps:
        if step.declared.method == "GET":
            answer = ask(app, step, headers=headers)
            assert answer.status_code < 500, f"{step.name}: {answer.get_data(as_text=True)[:200]}"


def test_a_method_that_a_route_does_not_take(app: Flask, all_steps: list[Step]) -> None:
    for step in all_steps:
        for method in ("TRACE", "PROPFIND", "X" * 300):
            answer = app.test_client().open(step.path, method=method)
            assert assert_problem(answer, 405, step.name)["code"] == "method_not_allowed"
            assert step.declared.method in answer.headers["Allow"], step.name


def test_head_is_get_without_a_body(app: Flask, all_steps: list[Step]) -> None:
    for step in all_steps:
        if step.declared.method == "GET":
            got, head = (app.test_client().open(step.path, method=method) for method in ("GET", "HEAD"))
            assert (head.status_code, head.get_data()) == (got.status_code, b""), step.name


def test_options_tells_the_methods_and_opens_nothing(app: Flask, all_steps: list[Step]) -> None:
    for step in all_steps:
        answer = app.test_client().options(step.path, headers={"Origin": "https://elsewhere.example"})
        assert (answer.status_code, answer.get_data()) == (200, b""), step.name
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")], step.name


@pytest.mark.parametrize("key", ["", "\xff", "a" * 201, "a\tb"])
def test_an_idempotency_key_that_is_none(app: Flask, all_steps: list[Step], key: str) -> None:
    for step in all_steps:
        if step.declared.creates:
            options = {"json": {}} if "body" in step.declared.shapes else {}
            if "files" in step.declared.shapes:
                options = {"data": {"a": "b"}, "content_type": "multipart/form-data"}
            answer = ask(app, step, headers={"Idempotency-Key": key}, **options)
            errors = assert_problem(answer, 422, step.name)["errors"]
            assert errors == {"Idempotency-Key": ["idempotency_key_invalid"]}, step.name


@pytest.mark.parametrize("tag", ["x", '"x"', '"x", "y"', '"99999999999999"', '"\xff"', "W/", ""])
def test_a_version_that_was_never_ours(app: Flask, all_steps: list[Step], tag: str) -> None:
    for step in all_steps:
        if step.declared.matches:
            answer = ask(app, step, headers={"If-Match": tag}, json={} if step.declared.has_body else None)
            assert assert_problem(answer, 412, step.name)["code"] == "stale_version", step.name
