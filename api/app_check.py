"""The App Check header of sign-ins and of the phone's own routes: counted, logged, and refused where that is asked."""

from __future__ import annotations

import structlog
from flask import Flask, request
from prometheus_client import Counter

from api.context import services
from services.domain.errors import Unauthenticated, Unavailable

HEADER = "X-Firebase-AppCheck"
_log = structlog.get_logger("sampark.app_check")
_JUDGED = Counter("sampark_app_check_total", "App Check tokens by what they turned out to be", ["result"])


def guards(rule: str) -> bool:
    """Tell whether a route below /api/v1 is one that the app uses; a desk is a browser, which has no such token."""
    return rule == "/me" or rule.startswith(("/auth/", "/me/"))


def register(app: Flask, base: str) -> None:
    """Judge the header before every guarded request; a browser's preflight can carry none, and opens nothing."""

    def check() -> None:
        if request.method != "OPTIONS" and guards(request.path.removeprefix(base)) and services().app_check.asked:
            _judge()

    app.before_request(check)


def _judge() -> None:
    checks = services().app_check
    result = checks.judge(request.headers.get(HEADER))
    _JUDGED.labels(result).inc()
    if result != "valid":
        route = request.url_rule.rule if request.url_rule else "unknown"
        _log.info("app_check", result=result, route=route, enforced=checks.enforced)
    if checks.enforced and result == "unavailable":
        raise Unavailable("identity_unavailable")
    if checks.enforced and result != "valid":
        raise Unauthenticated("app_check_failed")
