"""The sender as a whole: when it must stop, which platforms it leaves alone, how fast it may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

_FIRST_STOP = timedelta(seconds=30)
_LONGEST_STOP = timedelta(minutes=10)
_PLATFORM_PAUSE = timedelta(minutes=15)
_FULL_PACE = 400.0
_SLOWEST_PACE = 1.0
_PACE_STEP = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Shared by all workers; `pace` is messages a second, None for as fast as it goes."""

    stopped_until: datetime | None = None
    stop_code: str | None = None
    stops: int = 0
    paused: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    pace: float | None = None
    pace_until: datetime | None = None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Sender:
        """Read what `fields` wrote."""
        return cls(**{name: document[name] for name in cls.__dataclass_fields__ if document.get(name) is not None})

    def fields(self) -> dict[str, Any]:
        """Return what is kept."""
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "paused": dict(self.paused)}

    def stopped(self, now: datetime) -> bool:
        """Tell whether the breaker holds."""
        return self.stopped_until is not None and now < self.stopped_until

    def platform_rests(self, platform: str, now: datetime) -> datetime | None:
        """Return until when a platform is left alone, None if it is not."""
        until = self.paused.get(platform)
        return until if until is not None and now < until else None

    def stop(self, code: str, now: datetime) -> Sender:
        """Open the breaker, each time in a row for twice as long."""
        rest = min(_FIRST_STOP * 2 ** min(self.stops, 10), _LONGEST_STOP)
        return replace(self, stopped_until=now + rest, stop_code=code, stops=self.stops + 1)

    def go_on(self) -> Sender:
        """Close the breaker after a message got through."""
        return replace(self, stopped_until=None, stop_code=None, stops=0) if self.stops else self

    def pause(self, platform: str, now: datetime) -> Sender:
        """Leave a platform alone for a while."""
        return replace(self, paused={**self.paused, platform: now + _PLATFORM_PAUSE})

    def slow_down(self, now: datetime) -> Sender:
        """Halve the pace of all sending after a quota was exceeded."""
        pace = max((self.pace or _FULL_PACE) / 2, _SLOWEST_PACE)
        return replace(self, pace=pace, pace_until=now + _PACE_STEP)

    def speed_up(self, now: datetime) -> Sender:
        """Double the pace after a minute in which no quota was exceeded."""
        if self.pace is None or self.pace_until is None or now < self.pace_until:
            return self
        pace = self.pace * 2
        return replace(self, pace=pace if pace < _FULL_PACE else None, pace_until=now + _PACE_STEP)
