"""What gunicorn says by itself, before a request reaches the application: problems as well."""

from __future__ import annotations

import gc
import socket
import struct
from http import HTTPStatus
from types import FrameType
from typing import Any

import orjson
from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from api import streams
from api.catalogue import PROBLEMS
from services.domain.ids import new_id

# The function that every worker answers a broken request with.
_HOOK = "write_error"
# What gunicorn calls "not implemented" or forbidden is the client's mistake as well: 400.
_CODES = {414: "uri_too_long", 431: "headers_too_large", 500: "internal_error"}


# A client that says nothing for so long in the middle of a request, or takes nothing of an answer, is let go: it holds
# a thread that others need.
SILENCE_SECONDS = 20


class ProblemWorker(ThreadWorker):
    """gunicorn's threaded worker, answering requests that it cannot read as the application would."""

    def handle(self, conn: Any) -> Any:
        """Bound how long a connection may be silent, by the kernel's own clock; then serve it."""
        bound = struct.pack("ll", SILENCE_SECONDS, 0)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            conn.sock.setsockopt(socket.SOL_SOCKET, option, bound)
        return super().handle(conn)  # type: ignore[no-untyped-call]

    def init_process(self) -> None:
        """Take the place of gunicorn's HTML errors, then serve."""
        if not hasattr(util, _HOOK):
            message = f"this gunicorn has no util.{_HOOK}: its own errors would not be problems"
            raise RuntimeError(message)
        setattr(util, _HOOK, write_problem)
        super().init_process()  # type: ignore[no-untyped-call]

    def load_wsgi(self) -> None:
        """Load the application, and let the collector of garbage never again go through what it is made of."""
        super().load_wsgi()  # type: ignore[no-untyped-call]
        gc.collect()
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain: requests may finish, streams would go on for minutes and are ended."""
        streams.stop(getattr(self, "wsgi", None))
        super().handle_exit(sig, frame)  # type: ignore[no-untyped-call]

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at once."""
        streams.stop(getattr(self, "wsgi", None))
        super().handle_quit(sig, frame)  # type: ignore[no-untyped-call]


def write_problem(sock: socket.socket, status: int, reason: str, message: str) -> None:  # noqa: ARG001
    """Send a problem in place of gunicorn's page; `message` quotes the request and goes to the log only."""
    util.write_nonblock(sock, problem_bytes(status))


def problem_bytes(status: int) -> bytes:
    """Return the whole answer for a status that gunicorn chose."""
    code = _CODES.get(status, "bad_request")
    entry = PROBLEMS[code]
    request_id = new_id()
    body = orjson.dumps(
        {
            "type": f"/docs/problems#{code}",
            "title": entry.title,
            "status": entry.status,
            "detail": entry.detail,
            "code": code,
            "request_id": request_id,
        }
    )
    head = (
        f"HTTP/1.1 {entry.status} {HTTPStatus(entry.status).phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        f"X-Request-ID: {request_id}\r\n\r\n"
    )
    return head.encode("ascii") + body
