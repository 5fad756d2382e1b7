"""What every request and answer carries: an id, security headers, a log line and its figures."""

from __future__ import annotations

import re
import time
from http import HTTPStatus

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from services.domain.ids import new_id

_log = structlog.get_logger("sampark.http")
_SAFE_ID = re.compile(r"^[A-Za-z0-9_.-]{8,64}$")
REQUESTS = Counter("sampark_requests_total", "Answered requests", ["method", "route", "status"])
SECONDS = Histogram("sampark_request_seconds", "Time to answer", ["method", "route"])
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
# The server reads a small rest off by itself; of a large one we read some, so that the client hears the refusal.
_LEFT_TO_THE_SERVER = 32 * 1024
_CHUNK = 64 * 1024
_CHUNKS_TAKEN_OFF = 64
# They guard what a browser makes of a body. A phone with nothing new to sync gets an answer without one all day, on a
# line where bytes are dear: that answer alone goes without them.
_OF_A_BODY = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def register(app: Flask) -> None:
    """Wrap every request of the application."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_forget)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _SAFE_ID.match(given) else new_id()
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _forget(_: BaseException | None) -> None:
    """Let nothing that this thread does next go by the request's name."""
    structlog.contextvars.clear_contextvars()


def _take_off(answer: Response) -> None:
    """Read what a refused request still has on the wire, or close: a kept connection would take it for the next one."""
    left = request.content_length or 0
    if answer.status_code < HTTPStatus.BAD_REQUEST or left <= _LEFT_TO_THE_SERVER or "Connection" in answer.headers:
        return
    stream = request.environ["wsgi.input"]
    for _ in range(_CHUNKS_TAKEN_OFF):
        if not stream.read(_CHUNK):
            return
    answer.headers["Connection"] = "close"


def _finish(answer: Response) -> Response:
    _take_off(answer)
    route = request.url_rule.rule if request.url_rule else "unknown"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    REQUESTS.labels(request.method, route, answer.status_code).inc()
    SECONDS.labels(request.method, route).observe(seconds)
    answer.headers["X-Request-ID"] = g.get("request_id", "")
    bare = answer.status_code == HTTPStatus.NO_CONTENT and g.get("bytes_are_dear", False)
    for name, value in (_HEADERS if bare else _HEADERS | _OF_A_BODY).items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.vary.add("Accept-Language")
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    actor = g.get("actor")
    # The route's pattern, not its path: a path may hold an id, a query string anything at all.
    _log.info(
        "request",
        method=request.method,
        route=route,
        status=answer.status_code,
        ms=round(seconds * 1000, 1),
        user=actor.user_id if actor else None,
    )
    return answer
