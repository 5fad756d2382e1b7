"""Indian time: the day, and spans of the clock that may pass midnight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

# India has kept one offset without summer time since 1945, so no time-zone database is asked.
IST = timezone(timedelta(hours=5, minutes=30), "Asia/Kolkata")
DAY = timedelta(days=1)
MINUTES_A_DAY = 1440


def day_start(moment: datetime) -> datetime:
    """Return, in UTC, the midnight at which the Indian day of `moment` began."""
    return moment.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def next_day_start(moment: datetime) -> datetime:
    """Return the next Indian midnight after `moment`."""
    return day_start(moment) + DAY


def same_day(one: datetime, other: datetime) -> bool:
    """Tell whether two moments lie on one Indian day."""
    return one.astimezone(IST).date() == other.astimezone(IST).date()


@dataclass(frozen=True, slots=True)
class Span:
    """A daily stretch `[start, end)` in minutes of the Indian day; it passes midnight when `end` is before `start`."""

    start: int
    end: int

    def contains(self, moment: datetime) -> bool:
        """Tell whether `moment` lies in the span."""
        local = moment.astimezone(IST)
        minute = local.hour * 60 + local.minute
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def next_start(self, moment: datetime) -> datetime:
        """Return the first start at or after `moment`."""
        return _next(self.start, moment)

    def next_end(self, moment: datetime) -> datetime:
        """Return the first end after `moment`."""
        end = _next(self.end, moment)
        return end if end > moment else end + DAY

    def covers(self, other: Span) -> bool:
        """Tell whether every minute of `other` lies in this span."""
        return other.minutes() <= self.minutes()

    def minutes(self) -> frozenset[int]:
        """Return the minutes of the day that the span holds."""
        last = self.end if self.start < self.end else self.end + MINUTES_A_DAY
        return frozenset(minute % MINUTES_A_DAY for minute in range(self.start, last))

    def to_wire(self) -> dict[str, str]:
        """Return `{from, to}` as clock times."""
        return {"from": clock_text(self.start), "to": clock_text(self.end)}


def _next(minute: int, moment: datetime) -> datetime:
    at = day_start(moment) + timedelta(minutes=minute)
    return at if at >= moment else at + DAY


def clock_text(minute: int) -> str:
    """Write a minute of the day as `HH:MM`."""
    return f"{minute // 60:02}:{minute % 60:02}"
