"""Every error as problem+json (RFC 9457): the one table from codes to statuses, and the handlers that use it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from flask_babel import gettext
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api import limits
from api.catalogue import CODE_OF_STATUS, PROBLEMS
from schemas.codes import FIELD_CODES
from services.domain.errors import BlockedByRule, DomainError, StaleVersion, Throttled, Unavailable
from services.domain.wire_time import utc_text

PROBLEM_TYPE = "application/problem+json"
_log = structlog.get_logger(__name__)


def problem(
    code: str,
    *,
    errors: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    params: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
) -> Response:
    """Return the answer for `code`, in the language of the request."""
    entry = PROBLEMS[code]
    body: dict[str, Any] = {
        "type": f"/docs/problems#{code}",
        "title": gettext(entry.title),
        "status": entry.status,
        "detail": gettext(entry.detail) % (params or {}) if params else gettext(entry.detail),
        "code": code,
        "request_id": g.get("request_id", ""),
        **(more or {}),
    }
    if errors:
        body["errors"] = errors
    answer = Response(orjson.dumps(body), status=entry.status, content_type=PROBLEM_TYPE)
    answer.headers.update(headers or {})
    if entry.status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def register(app: Flask) -> None:
    """Answer domain errors, HTTP errors of the framework, and anything unforeseen as problems."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(HTTPException, http_error)
    for broken in (ParseException, NoMoreData):
        app.register_error_handler(broken, _broken_body)
    app.register_error_handler(Exception, _unforeseen)


def sentence(code: str) -> str:
    """Return what a code of a field or of a problem means, in the language of the request."""
    said: str = gettext(FIELD_CODES.get(code) or PROBLEMS.get(code, PROBLEMS["validation_failed"]).detail)
    return said


def _domain_error(error: DomainError) -> Response:
    headers: dict[str, str] = {}
    more: dict[str, Any] = {}
    if isinstance(error, Throttled | Unavailable):
        headers["Retry-After"] = str(max(1, error.retry_after))
    if isinstance(error, BlockedByRule):
        more["reasons"] = error.reasons
        more["allowed_from"] = utc_text(error.allowed_from) if error.allowed_from else None
    elif "details" in error.params:
        more.update(error.params["details"])
    code = "stale_version" if isinstance(error, StaleVersion) else error.code
    if code not in PROBLEMS:
        _log.error("problem code without an entry", code=code)
        code = "validation_failed" if error.fields else "internal_error"
    return problem(code, errors=error.fields or None, headers=headers, more=more)


def http_error(error: HTTPException) -> Response:
    """Return a problem for an error that Flask, Werkzeug, webargs or the limiter raised."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    headers = dict(error.get_headers() or [])
    headers = {
        name: value for name, value in headers.items() if name in {"Allow", "Retry-After", "Location", "Content-Range"}
    }
    data = getattr(error, "data", None) or {}
    errors = flatten(data.get("messages", {}))
    if isinstance(error, RequestEntityTooLarge):
        # The rest of a refused body is still on the wire: a kept connection would read it as the next request.
        headers["Connection"] = "close"
    code = CODE_OF_STATUS.get(status)
    if code is None:
        code = "internal_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad_request"
    if code == "too_many_requests":
        headers.setdefault("Retry-After", str(limits.seconds_to_wait()))
    return problem(code, errors=errors or None, headers=headers)


def flatten(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Turn marshmallow's nested messages into `path → codes`; the location (json, query, …) is left out."""
    if isinstance(messages, list):
        return {prefix or "body": [str(message) for message in messages]}
    if isinstance(messages, str):
        return {prefix or "body": [messages]}
    flat: dict[str, list[str]] = {}
    for name, inner in (messages or {}).items():
        at_top = not prefix and name in {"json", "query", "form", "files", "path", "headers"}
        path = "" if at_top else prefix if name == "_schema" else f"{prefix}.{name}" if prefix else str(name)
        flat.update(flatten(inner, path))
    return flat


def _broken_body(_error: Exception) -> Response:
    """A chunk that gunicorn cannot read shows only when the body is asked for; what follows on the line is noise."""
    return problem("bad_request", headers={"Connection": "close"})


def _unforeseen(error: Exception) -> Response:
    _log.error("unforeseen error", path=request.url_rule.rule if request.url_rule else None, exc_info=error)
    return problem("internal_error")
