"""Sends messages side by side through the gateway and hands the results on as they come; stops when told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import NamedTuple

from services.domain.push.push import Action, SendResult
from services.gateways.messaging import FirebaseMessaging
from services.push.selection import Ready

THREADS = 32
# The whole sender stops at these: going on would only repeat them.
STOPS = frozenset({Action.BREAKER, Action.MISCONFIGURED})
_FLUSH_SECONDS = 0.5


class Tried(NamedTuple):
    """A message with what became of it; `target_bad` when the smallest message was refused too."""

    ready: Ready
    result: SendResult
    target_bad: bool = False


class PushDispatch:
    """A pool of threads that is made at the first message."""

    def __init__(self, messaging: FirebaseMessaging, *, threads: int = THREADS) -> None:
        self._messaging = messaging
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None

    def run(self, ready: Sequence[Ready], stopping: threading.Event) -> Iterator[list[Tried]]:
        """Send all and yield the results every half second; what was not begun when it stops is left out."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="push")
        halted = threading.Event()
        resting: set[str] = set()
        pending = {self._pool.submit(self._try, one, halted, stopping, resting) for one in ready}
        try:
            while pending:
                done, pending = wait(pending, timeout=_FLUSH_SECONDS)
                yield [tried for tried in map(Future.result, done) if tried is not None]
        finally:
            # Also when whoever reads the results fails: nothing may go out behind their back.
            halted.set()
            wait(pending)

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _try(self, ready: Ready, halted: threading.Event, stopping: threading.Event, resting: set[str]) -> Tried | None:
        if halted.is_set() or stopping.is_set() or ready.device["platform"] in resting:
            return None
        result = self._messaging.send(ready.message)
        if result.action in STOPS:
            halted.set()
        elif result.action is Action.THIRD_PARTY_AUTH:
            resting.add(ready.device["platform"])
        bad = result.action is Action.INVALID and self._messaging.probe(ready.message.target).action is Action.INVALID
        return Tried(ready, result, bad)
