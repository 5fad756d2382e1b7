"""Server-sent events: progress as it changes, few streams at a time, none longer than its token or the time allowed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from flask import Flask, Response, current_app, request
from flask_babel import get_locale

from api import auth
from api.context import services
from api.operations import Resource
from config.paths import read_json
from config.settings import Settings
from schemas.reports import ProgressReportOut, StreamQuery
from services.domain.errors import Unavailable
from services.domain.people.actor import Actor
from services.reports.live import Event, Watching, watch
from services.reports.reports import ProgressQuery

resource = Resource("streams", __name__, description="Figures as they change")

_NAME = "streams"
_RECONNECT_MS = 3000
_BUSY_SECONDS = 30


class Streams:
    """How many streams this process has open: each holds a thread that other requests need as well."""

    def __init__(self, *, most: int, seconds: float) -> None:
        self.seconds = seconds
        self._free = threading.BoundedSemaphore(most)
        self._asked_to_stop = False
        self._stopping = threading.Event()

    def take(self) -> Callable[[], None]:
        """Take a place and return what gives it back, once however often it is called; raise Unavailable if none is."""
        if self._stopping.is_set() or not self._free.acquire(blocking=False):
            raise Unavailable("busy", retry_after=_BUSY_SECONDS)
        held = [self._free]

        def give_back() -> None:
            with contextlib.suppress(IndexError):
                held.pop().release()

        return give_back

    def wait(self, seconds: float) -> bool:
        """Sleep, but not through the end of the process; tell whether it is to stop."""
        return self._stopping.wait(seconds)

    def stop(self) -> None:
        """End every stream of this process now; safe to call from a signal handler, and from one that interrupts it."""
        if not self._asked_to_stop:
            self._asked_to_stop = True
            self._stopping.set()


def register(app: Flask, settings: Settings) -> None:
    """Give the application its places for streams: a share of its threads, at least one."""
    rules = read_json("streams.json")
    most = max(1, int(settings.api_threads * rules["share_of_threads"]))
    app.extensions[_NAME] = Streams(most=most, seconds=rules["seconds"])


def stop(app: Any) -> None:
    """End the streams of an application that is about to stop."""
    streams = getattr(app, "extensions", {}).get(_NAME)
    if streams is not None:
        streams.stop()


@resource.operation(
    "GET",
    "/reports/stream",
    verb="reports.read",
    query=StreamQuery,
    media="text/event-stream",
    problems=("not_found", "busy"),
)
def stream_progress(actor: Actor, query: dict[str, Any]) -> Response:  # noqa: ARG001 - asked again at each look
    """Tell progress now and whenever it changes; ends by itself with the token, to be asked for again.

    Events are `progress` (the answer of /reports/progress, its version as id; `Last-Event-ID` passes over what was
    seen) and `end` with a reason; a comment every fifteen seconds keeps the line open.
    """
    watching = _watching(ProgressQuery(**query))
    watching.look()
    streams: Streams = current_app.extensions[_NAME]
    give_back = streams.take()
    answer = Response(_written(watch(watching), give_back), mimetype="text/event-stream")
    # One that is never read has no end of its own.
    answer.call_on_close(give_back)
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _watching(query: ProgressQuery) -> Watching:
    # The stream outlives the request's context: all that it needs is taken along.
    found, proof, locale = services(), auth.proof(), str(get_locale())
    streams: Streams = current_app.extensions[_NAME]
    now = time.monotonic()

    def look() -> dict[str, Any]:
        # Who was suspended or moved meanwhile is asked again, as a new request would be.
        reader = proof.again()
        found.policy.require(reader, "reports.read")
        return found.reports.progress.progress(reader, query, locale=locale)

    return Watching(
        look=look,
        wait=streams.wait,
        ends_at=(
            (now + max(0.0, proof.expires - time.time()), "token_expired"),
            (now + streams.seconds, "time_limit"),
        ),
        seen=request.headers.get("Last-Event-ID"),
    )


def _written(events: Iterator[Event], give_back: Callable[[], None]) -> Iterator[bytes]:
    try:
        yield f"retry: {_RECONNECT_MS}\n\n".encode()
        for event in events:
            yield _lines(event)
    finally:
        give_back()


def _lines(event: Event) -> bytes:
    if event.data is None:
        return b": \n\n"
    data = ProgressReportOut().dump(event.data) if event.kind == "progress" else event.data
    head = f"id: {event.id}\n" if event.id else ""
    return f"{head}event: {event.kind}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
