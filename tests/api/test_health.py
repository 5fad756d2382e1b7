"""Liveness, readiness and figures, for whoever watches: without signing in, and without a word about people."""

from __future__ import annotations

from tests.api.conftest import Api


def test_a_process_that_answers_lives(api: Api) -> None:
    assert api.get("/health/live").json == {"status": "live"}


def test_readiness_names_what_is_not_set_up(api: Api) -> None:
    answer = api.get("/health/ready")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert answer.json["checks"]["database"] == "ok"
    assert answer.json["checks"]["messaging"] == "not_configured"


def test_figures_are_in_the_text_format_of_prometheus(api: Api) -> None:
    api.get("/health/live")
    answer = api.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert 'sampark_requests_total{method="GET",route="/health/live",status="200"}' in answer.text
