"""Puts the application together: services, problems, limits, routes; nothing is global."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response, g, request
from flask.json.provider import JSONProvider
from flask_babel import Babel
from flask_compress import Compress
from flask_smorest import Api
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from api import app_check, auth, cors, hygiene, openapi, paths, problems, streams
from api.limits import JSON_LIMIT, limiter
from api.routes import RESOURCES
from api.uploads import UploadRequest
from config.paths import LOCALES
from config.settings import Settings
from schemas.base import UploadedFile, UtcTime
from services.facade import Services

BASE = "/api/v1"
LANGUAGES = ("hi", "en")


class OrjsonProvider(JSONProvider):
    """JSON by orjson."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Return `obj` as text."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Return what `s` says."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        """Return an answer whose body is the argument."""
        return Response(orjson.dumps(self._prepare_response_obj(args, kwargs)), mimetype="application/json")


class ProblemApi(Api):
    """flask-smorest, answering problems where it would answer its own error shape."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def handle_http_exception(self, error: HTTPException) -> Any:
        """Return the problem of `error`."""
        return problems.http_error(error)


def create_app(settings: Settings, services: Services) -> Flask:
    """Return the application that serves `services`."""
    app = Flask("sampark", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=JSON_LIMIT,
        MAX_FORM_MEMORY_SIZE=JSON_LIMIT,
        MAX_FORM_PARTS=50,
        BABEL_TRANSLATION_DIRECTORIES=str(LOCALES),
        COMPRESS_MIMETYPES=[
            "application/json",
            "application/problem+json",
            "text/html",
            "text/css",
            "text/javascript",
            "text/csv",
        ],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIN_SIZE=500,
        **openapi.CONFIG,
    )
    app.json = OrjsonProvider(app)
    app.request_class = UploadRequest
    app.url_map.strict_slashes = False
    # `//areas` is no other name of `/areas`: a redirect would be an answer that is neither JSON nor a problem.
    app.url_map.merge_slashes = False
    app.extensions["sampark"] = services
    app.extensions["settings"] = settings
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1)  # type: ignore[method-assign]
    Babel(app, locale_selector=chosen_locale)
    Compress(app)
    # First, so that whatever refuses a request names it.
    hygiene.register(app)
    cors.register(app, settings.cors_origins)
    limiter.init_app(app)
    app_check.register(app, BASE)
    auth.register(app, settings)
    streams.register(app, settings)
    api = ProblemApi(app)
    api.register_field(UtcTime, "string", "date-time")
    api.register_field(UploadedFile, "string", "binary")
    paths.register(app, api)
    problems.register(app)
    for resource, prefixed in RESOURCES:
        api.register_blueprint(resource, url_prefix=BASE if prefixed else "")
    openapi.register(app, api)
    return app


def chosen_locale() -> str:
    """Return `hi` or `en`: what the request likes best (`hi-IN` is `hi`), else the person's setting, else Hindi."""
    for tag, _quality in request.accept_languages:
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    actor = g.get("actor")
    return (actor.locale if actor else None) or "hi"
