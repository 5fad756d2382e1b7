"""What waits for the worker, for those who watch the installation."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from services.gateways.clock import Clock
from services.store.queues import QueueStore

# Anybody who reaches the figures may ask for them: so the database is not asked more often than this.
_KEPT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much there is of what; `oldest_outcome_seconds` is how far the worker lags behind, 0 when nothing waits."""

    outcomes: int
    oldest_outcome_seconds: float
    batches: int
    suppressions: int
    pushes: Mapping[str, int]
    jobs: Mapping[str, int]


class Queues:
    """Counts at most every few seconds, whoever asks."""

    def __init__(self, store: QueueStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._found: Waiting | None = None
        self._fresh_until = 0.0

    def waiting(self) -> Waiting:
        """Return what waits, as of a few seconds ago at most; raise Unavailable when the database does not answer."""
        with self._lock:
            if self._found is None or time.monotonic() >= self._fresh_until:
                self._found = self._count()
                self._fresh_until = time.monotonic() + _KEPT_SECONDS
            return self._found

    def _count(self) -> Waiting:
        now = self._clock.now()
        outcomes, oldest = self._store.outcomes()
        return Waiting(
            outcomes=outcomes,
            oldest_outcome_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
            batches=self._store.batches(),
            suppressions=self._store.suppressions(),
            pushes=self._store.pushes(now),
            jobs=self._store.jobs(),
        )
