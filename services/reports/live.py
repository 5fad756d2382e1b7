"""Figures as they change: looked at every few seconds, told when they are others, for a bounded time."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from services.domain.errors import DomainError

Document = dict[str, Any]
LOOK_SECONDS = 5.0
# Shorter than the silence after which proxies and phone networks drop a connection.
HEARTBEAT_SECONDS = 15.0


class Event(NamedTuple):
    """Something to tell; a heartbeat has neither id nor data."""

    kind: str
    id: str | None = None
    data: Document | None = None


class Watching(NamedTuple):
    """One reader's stream: what they look at, until when, and how to sleep.

    `look` returns the figures, or raises a DomainError once the reader may no longer see them. `wait` sleeps so many
    seconds and tells whether the process is to stop. `ends_at` are moments of `now` with the reason that they mean.
    """

    look: Callable[[], Document]
    wait: Callable[[float], bool]
    ends_at: tuple[tuple[float, str], ...]
    seen: str | None = None
    now: Callable[[], float] = time.monotonic


def watch(watching: Watching) -> Iterator[Event]:
    """Yield `progress` when figures are others than the reader has seen, `heartbeat` when not, at last `end`."""
    seen, said_at = watching.seen, watching.now()
    end, reason = min(watching.ends_at)
    while True:
        try:
            figures = watching.look()
        except DomainError as error:
            yield Event("end", data={"reason": error.code})
            return
        version, now = version_of(figures), watching.now()
        if version != seen:
            yield Event("progress", version, figures)
            seen, said_at = version, now
        elif now - said_at >= HEARTBEAT_SECONDS:
            yield Event("heartbeat")
            said_at = now
        if now >= end:
            yield Event("end", data={"reason": reason})
            return
        if watching.wait(min(LOOK_SECONDS, end - now)):
            yield Event("end", data={"reason": "stopping"})
            return


def version_of(figures: Document) -> str:
    """Return the version of figures: the same for the same rows, whenever they were looked at."""
    plain = json.dumps(figures["rows"], sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()[:20]
