"""When an attempt happened by the server's clock: a phone's wrong clock is set right and flagged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

CLOCK_SKEW, FORBIDDEN_TIME, SUPPORT_NOT_TAKEN = "clock_skew", "forbidden_time", "support_not_taken"
# A phone within this of the server's time is taken to be right; beyond it `sent_at` says by how much it is wrong.
TOLERATED_SKEW = timedelta(minutes=2)
_FURTHEST_AHEAD = timedelta(hours=24)
_FURTHEST_BEFORE_BATCH = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Timing:
    """When an attempt happened by the server's clock, and what was wrong with the phone's: how far it runs `ahead`."""

    at: datetime
    flags: tuple[str, ...] = ()
    wrong: str | None = None
    ahead: timedelta = timedelta(0)

    def of(self, told: datetime | None) -> datetime | None:
        """Return another time that was told by the same clock, such as that of an agreed call, set right alike."""
        return told - self.ahead if told is not None else None


def set_right(occurred_at: datetime, *, sent_at: datetime | None, now: datetime, batch_made_at: datetime) -> Timing:
    """Return the time of an attempt, corrected by the skew that `sent_at` shows; `wrong` for an impossible one."""
    skew = sent_at - now if sent_at is not None else timedelta(0)
    if abs(skew) <= TOLERATED_SKEW:
        skew = timedelta(0)
    at, flags = occurred_at - skew, (CLOCK_SKEW,) if skew else ()
    if at > now + TOLERATED_SKEW:
        if at > now + _FURTHEST_AHEAD:
            return Timing(at, flags, "occurred_at_in_future")
        at, flags = now, (CLOCK_SKEW,)
    if at < batch_made_at - _FURTHEST_BEFORE_BATCH:
        return Timing(at, flags, "occurred_at_before_batch")
    return Timing(min(at, now), flags, ahead=skew)
