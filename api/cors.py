"""Which other sites' pages may call the API from a browser: none, unless the installation names them."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, Response, request

_METHODS = "GET, POST, PUT, PATCH, DELETE"
_ACCEPTED = (
    "Authorization, Content-Type, Accept-Language, Idempotency-Key, X-Request-ID, X-API-Key, X-Firebase-AppCheck, "
    "If-Match, If-None-Match, Range, If-Range, Last-Event-ID"
)
_SHOWN = "ETag, Retry-After, X-Request-ID, Content-Disposition, Content-Range, Accept-Ranges"
_ASK_AGAIN_SECONDS = "600"


def register(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of these origins call the API; there are no cookies, so nothing is sent along without their knowing."""
    if not origins:
        return

    def allow(answer: Response) -> Response:
        answer.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin not in origins:
            return answer
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Expose-Headers"] = _SHOWN
        if request.method == "OPTIONS" and answer.status_code == HTTPStatus.OK:
            answer.headers["Access-Control-Allow-Methods"] = _METHODS
            answer.headers["Access-Control-Allow-Headers"] = _ACCEPTED
            answer.headers["Access-Control-Max-Age"] = _ASK_AGAIN_SECONDS
        return answer

    app.after_request(allow)
