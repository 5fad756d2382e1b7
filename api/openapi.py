"""The OpenAPI 3.1 document that the app serves, and the page that shows it with assets of its own."""

from __future__ import annotations

import functools
from copy import deepcopy
from pathlib import Path
from typing import Any

import flask_swagger_ui
from flask import Flask, Response, redirect, send_from_directory
from flask_babel import gettext
from flask_smorest import Api
from markupsafe import escape

from api import auth
from api.catalogue import PROBLEMS
from api.openapi_document import complete
from schemas.base import ProblemOut

_ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)
_ABOUT = """Assigns volunteers to contact batches, records call and message outcomes exactly once,
and pushes tasks to phones.

Sign in (`POST /api/v1/auth/login`) and send the access token as `Authorization: Bearer`.
Every error is `application/problem+json` (RFC 9457) with a stable `code`; `Accept-Language: hi` or `en`
picks the language of its texts. Lists page by `cursor`. Times are RFC 3339 in UTC. What has an `ETag`
takes it back as `If-Match`. A field that a body does not know is refused."""

CONFIG: dict[str, Any] = {
    "API_TITLE": "Sampark",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {"description": _ABOUT},
        "servers": [{"url": "/"}],
    },
}


def register(app: Flask, api: Api) -> None:
    """Serve the document, the page and its assets."""
    api.spec.components.security_scheme(
        "access_token",
        {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From any kind of sign-in"},
    )
    api.spec.components.security_scheme(
        "refresh_token",
        {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The newest refresh token"},
    )
    api.spec.components.security_scheme(
        "api_key",
        {
            "type": "apiKey",
            "in": "header",
            "name": auth.KEY_HEADER,
            "description": "A service account's key; it may also be sent as bearer token, never both",
        },
    )
    api.spec.components.schema("ProblemOut", schema=ProblemOut)
    # Its making reads every shape: done once, when somebody asks. Of a copy, as two may be the first to ask at once.
    document = functools.cache(lambda: app.json.dumps(complete(deepcopy(api.spec.to_dict()), app)))
    app.add_url_rule("/api/v1/openapi.json", "openapi", lambda: Response(document(), content_type="application/json"))
    app.add_url_rule("/docs", "docs", _page)
    app.add_url_rule("/docs/problems", "docs_problems", _problems)
    app.add_url_rule("/docs/assets/<path:name>", "docs_asset", lambda name: send_from_directory(_ASSETS, name))
    start = 'SwaggerUIBundle({url: "/api/v1/openapi.json", dom_id: "#swagger-ui", deepLinking: true});'
    app.add_url_rule("/docs/start.js", "docs_start", lambda: Response(start, content_type="text/javascript"))
    app.add_url_rule("/", "home", lambda: redirect("/docs"))


def _page() -> Response:
    return _html(Path(__file__).with_name("docs.html").read_text(encoding="utf-8"))


def _problems() -> Response:
    """Show what each problem's `type` points to, in the reader's language."""
    rows = [
        f'<h2 id="{code}">{code}</h2><p>{entry.status} {escape(gettext(entry.title))}: {escape(gettext(entry.detail))}'
        for code, entry in PROBLEMS.items()
    ]
    return _html(f'<!doctype html><meta charset="utf-8"><title>Sampark</title>{"".join(rows)}')


def _html(page: str) -> Response:
    answer = Response(page, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer
