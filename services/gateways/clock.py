"""The product's clock: the machine's time, shifted by an offset outside production."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_OFFSET_KEPT_SECONDS = 0.2


class Clock:
    """Answers what time it is; `read_offset` gives the shift that every process of an installation shares."""

    def __init__(self, read_offset: Callable[[], timedelta] | None = None) -> None:
        self._read_offset = read_offset
        self._offset = timedelta(0)
        self._fresh_until = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the present as an aware UTC time, to the millisecond that the database keeps."""
        now = datetime.now(UTC) + self._shift()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def _shift(self) -> timedelta:
        if self._read_offset is None:
            return self._offset
        if time.monotonic() >= self._fresh_until:
            with self._lock:
                self._offset = self._read_offset()
                self._fresh_until = time.monotonic() + _OFFSET_KEPT_SECONDS
        return self._offset


class MachineClock(Clock):
    """The machine's own time: tokens, limits and what the database forgets by itself never follow the offset."""

    def __init__(self) -> None:
        super().__init__()


class FrozenClock(Clock):
    """A clock that stands still until it is moved; for tests and previews."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = at

    def now(self) -> datetime:
        """Return the moment at which the clock was set."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move the clock to `at`."""
        self._at = at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        self._at += by
