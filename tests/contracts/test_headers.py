"""What every answer carries: security headers, a request id, no door for other sites, the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from api.factory import create_app
from config.settings import Settings
from tests.contracts.walk import ask, assert_problem, steps
from tests.factories import Person

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def test_every_answer_is_guarded(app: Flask, person: Callable[..., Person]) -> None:
    for step in steps(app, person):
        if step.declared.method == "GET":
            for headers in ({}, {"Authorization": ""}):
                answer = ask(app, step, headers={"Origin": "https://elsewhere.example", **headers})
                assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS, step.name
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"], step.name
                assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")], step.name
                assert not answer.headers.getlist("Set-Cookie"), step.name


def test_answers_are_not_kept_by_caches(app: Flask, volunteer_of_churu: Person) -> None:
    answer = app.test_client().get("/api/v1/me", headers=volunteer_of_churu.headers)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("scheme", "told"), [("https", True), ("http", False)])
def test_https_is_asked_for_where_it_is_spoken(app: Flask, scheme: str, *, told: bool) -> None:
    answer = app.test_client().get("/health/live", base_url=f"{scheme}://sampark.example")
    assert ("Strict-Transport-Security" in answer.headers) == told


def test_a_request_keeps_its_id(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/nothing", headers={"X-Request-ID": "phone-7f3a.42_b"})
    assert answer.headers["X-Request-ID"] == "phone-7f3a.42_b"
    assert assert_problem(answer, 404)["request_id"] == "phone-7f3a.42_b"


@pytest.mark.parametrize("given", ["short", "a" * 65, "with space 1", "a\tb345678", "<script>alert</script>", ""])
def test_an_id_that_is_none_is_replaced(app: Flask, given: str) -> None:
    answer = app.test_client().get("/api/v1/nothing", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] not in {given, ""}
    assert_problem(answer, 404)


def test_two_requests_have_two_ids(app: Flask) -> None:
    ids = {app.test_client().get("/health/live").headers["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        ("en", "Not found"),
        ("hi", "नहीं मिला"),
        ("hi-IN,en;q=0.5", "नहीं मिला"),
        ("en-IN,hi;q=0.5", "Not found"),
        ("mr,en;q=0.5", "Not found"),
        ("fr", "नहीं मिला"),
        (None, "नहीं मिला"),
    ],
)
def test_the_reader_chooses_the_language(app: Flask, accepted: str | None, title: str) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}
    answer = app.test_client().get("/api/v1/nothing", headers=headers)
    assert assert_problem(answer, 404)["title"] == title
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(("locale", "title"), [("hi", "नहीं मिला"), ("en", "Not found")])
def test_a_persons_setting_holds_where_nothing_is_asked_for(
    app: Flask, person: Callable[..., Person], locale: str, title: str
) -> None:
    somebody = person(role="hq_admin", locale=locale)
    answer = app.test_client().get("/api/v1/campaigns/nothing", headers=somebody.headers)
    assert assert_problem(answer, 404)["title"] == title


def test_metrics_name_routes_and_never_what_stands_in_them(app: Flask, settings: Settings) -> None:
    client = app.test_client()
    client.get("/api/v1/users/somebody-secret?q=+919876543210")
    text = client.get("/metrics").get_data(as_text=True)
    assert 'route="/api/v1/users/<user_id>"' in text
    assert "somebody-secret" not in text
    assert "9876543210" not in text


def test_an_answer_without_a_body_is_guarded_too(app: Flask, volunteer_of_churu: Person) -> None:
    answer = app.test_client().post("/api/v1/auth/logout", headers=volunteer_of_churu.headers)
    assert answer.status_code == 204
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS


LEADERS = "https://leaders.example"


@pytest.fixture
def open_app(app: Flask, settings: Settings) -> Flask:
    """The application of an installation that has named one other site."""
    return create_app(replace(settings, cors_origins=(LEADERS,)), app.extensions["sampark"])


def test_a_site_that_was_named_may_call(open_app: Flask, volunteer_of_churu: Person) -> None:
    answer = open_app.test_client().get("/api/v1/me", headers={**volunteer_of_churu.headers, "Origin": LEADERS})
    assert answer.headers["Access-Control-Allow-Origin"] == LEADERS
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_a_browser_is_told_before_what_it_may_send(open_app: Flask) -> None:
    asked = {"Origin": LEADERS, "Access-Control-Request-Method": "PATCH"}
    answer = open_app.test_client().options("/api/v1/me", headers=asked)
    assert answer.status_code == 200
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]


def test_a_browser_asks_before_it_shows_whose_app_it_is(open_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = open_app.extensions["sampark"].app_check
    monkeypatch.setattr(checks, "asked", True)
    monkeypatch.setattr(checks, "enforced", True)
    monkeypatch.setattr(checks, "judge", lambda token: "missing" if token is None else "valid")
    client = open_app.test_client()
    asked = {"Origin": LEADERS, "Access-Control-Request-Method": "GET"}
    answer = client.options("/api/v1/me", headers={**asked, "Access-Control-Request-Headers": "x-firebase-appcheck"})
    assert answer.status_code == 200
    accepted = {name.strip() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"X-Firebase-AppCheck", "X-API-Key", "Authorization", "If-Match", "Idempotency-Key"} <= accepted
    refused = client.get("/api/v1/me", headers={"Origin": LEADERS})
    assert (refused.status_code, refused.json["code"]) == (401, "app_check_failed")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://leaders.example", f"{LEADERS}.evil", "null"])
def test_no_other_site_may(open_app: Flask, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        answer = open_app.test_client().open("/api/v1/me", method=method, headers={"Origin": origin})
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]
