"""Whatever a body holds, no route answers with an error of ours: a problem says what is wrong with it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask

from api.limits import JSON_LIMIT
from tests.contracts.walk import Step, ask, assert_problem, steps
from tests.factories import Person

NOT_JSON = {
    "not a number": b'{"name": NaN}',
    "infinity": b'{"name": -Infinity}',
    "a number past all bounds": b'{"name": 1e999}',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a lone surrogate": rb'{"name": "\ud800"}',
    "bytes that are no text": b'{"name": "\xff\xfe"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nothing": b"",
    "half of it": b'{"name": "a',
    "two of it": b"{}{}",
    "a form": b"name=a&phone=b",
}
NOT_AN_OBJECT = (b"[]", b"null", b'"text"', b"1", b"true", b"[[]]")
ODD_VALUES = (
    *(
        '"\\u0000"',
        '""',
        "[]",
        "{}",
        "[null]",
        "null",
        "-1",
        "0.5",
        "true",
        f"{10**18}",
        f"-{10**30}",
        '"\\ud83d\\ude00"',
    ),
    *('{"$gt": ""}', '[{"a": [{}]}]', f'"{"a" * 5000}"', '"9999-99-99T99:99:99Z"', '"0001-01-01T00:00:00+14:00"'),
)


@pytest.fixture
def with_json(app: Flask, person: Callable[..., Person]) -> list[Step]:
    return [step for step in steps(app, person) if "body" in step.declared.shapes]


@pytest.fixture
def with_files(app: Flask, person: Callable[..., Person]) -> list[Step]:
    return [step for step in steps(app, person) if "files" in step.declared.shapes or "form" in step.declared.shapes]


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_a_body_that_is_not_json(app: Flask, with_json: list[Step], body: bytes) -> None:
    for step in with_json:
        if body or not step.declared.body_optional:
            answer = ask(app, step, data=body, content_type="application/json")
            assert assert_problem(answer, 400, step.name)["code"] == "malformed_body", step.name


def test_a_body_that_is_not_an_object(app: Flask, with_json: list[Step]) -> None:
    for step in with_json:
        for body in NOT_AN_OBJECT:
            answer = ask(app, step, data=body, content_type="application/json")
            assert assert_problem(answer, 422, step.name)["errors"], step.name


def test_a_body_of_another_media_type(app: Flask, with_json: list[Step]) -> None:
    for step in with_json:
        for media in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "\xff/;=",
            "",
        ):
            answer = ask(app, step, data=b"{}", content_type=media)
            assert assert_problem(answer, 415, step.name)["code"] == "unsupported_media_type", step.name


def test_a_body_with_an_unknown_field(app: Flask, with_json: list[Step]) -> None:
    for step in with_json:
        answer = ask(app, step, json={"surely_unknown": 1, "$where": "1", "a.b": 2, "": 3})
        body = assert_problem(answer, {422, 404}, step.name)
        if answer.status_code == 422:
            assert body["errors"]["surely_unknown"] == ["unknown_field"], step.name


def test_odd_values_in_every_field(app: Flask, with_json: list[Step]) -> None:
    for step in with_json:
        shape = step.declared.shapes["body"]
        schema = shape() if isinstance(shape, type) else shape
        names = [field.data_key or name for name, field in schema.fields.items()]
        for value in ODD_VALUES:
            body = "{" + ", ".join(f'"{name}": {value}' for name in names) + "}"
            answer = ask(app, step, data=body.encode(), content_type="application/json")
            if answer.status_code >= 300:
                # 503 is for what is not set up in a test, such as Firebase; both servers of ours are there.
                problem = assert_problem(answer, {*range(400, 500), 503}, f"{step.name} {value}")
                foreseen = set(step.declared.codes) - {"internal_error", "database_unavailable"}
                assert problem["code"] in foreseen, f"{step.name} {value}: {problem['code']}"


def test_a_body_that_is_too_large(app: Flask, with_json: list[Step]) -> None:
    for step in with_json:
        body = b'{"a": "' + b"a" * (5 * JSON_LIMIT) + b'"}'
        answer = ask(app, step, data=body, content_type="application/json")
        assert assert_problem(answer, 413, step.name)["code"] == "too_large", step.name
        assert answer.headers["Connection"] == "close", step.name


def test_a_form_without_parts(app: Flask, with_files: list[Step]) -> None:
    bodies = (
        b"",
        b"--x",
        b"--x\r\n\r\n--x--",
        b"\xff" * 100,
        b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
    )
    for step in with_files:
        for body in bodies:
            answer = ask(app, step, data=body, content_type="multipart/form-data; boundary=x")
            assert assert_problem(answer, 422, step.name)["errors"], step.name


def test_a_form_without_a_boundary(app: Flask, with_files: list[Step]) -> None:
    for step in with_files:
        answer = ask(app, step, data=b"--x--", content_type="multipart/form-data")
        assert assert_problem(answer, 400, step.name)["code"] == "malformed_body", step.name


def test_a_form_of_another_media_type(app: Flask, with_files: list[Step]) -> None:
    for step in with_files:
        for media in ("application/json", "application/x-www-form-urlencoded", ""):
            answer = ask(app, step, data=b"{}", content_type=media)
            assert assert_problem(answer, 415, step.name)["code"] == "unsupported_media_type", step.name


def test_a_form_of_many_parts(app: Flask, with_files: list[Step]) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\na\r\n'
    for step in with_files:
        answer = ask(app, step, data=part * 1000 + b"--x--\r\n", content_type="multipart/form-data; boundary=x")
        assert assert_problem(answer, 413, step.name)["code"] == "too_large", step.name


def test_a_file_where_text_belongs_and_text_where_a_file_belongs(app: Flask, with_files: list[Step]) -> None:
    for step in with_files:
        names = {name for shape in step.declared.shapes.values() for name in getattr(shape, "_declared_fields", ())}
        files = {name: (io.BytesIO(b"a"), "a.csv") for name in names}
        for data in (files, dict.fromkeys(names, "a")):
            answer = ask(app, step, data=data, content_type="multipart/form-data")
            assert_problem(answer, set(range(400, 500)), step.name)
