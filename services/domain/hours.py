"""When one place may be contacted on one channel: contact window, night ban and silence on one time line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.domain.calendar import Controls, Interval, ModelCode, Poll
from services.domain.ist import Span
from services.domain.rules import Rules

# Each step of the search passes one closed stretch; a day has two, and a silence may follow.
_STEPS = 20


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one place and channel; `night` is None where the ban does not name the channel."""

    window: Span
    night: Span | None
    code: ModelCode | None
    silence: Interval | None

    @staticmethod
    def of(rules: Rules, controls: Controls, *, poll: Poll | None, channel: str) -> Hours:
        """Return the hours that a place's rules, its poll and the Model Code leave to a channel."""
        return Hours(
            window=rules.contact_window,
            night=rules.night_ban.span if channel in rules.night_ban.channels else None,
            code=controls.model_code,
            silence=poll.silence(rules.silence.before_close(channel)) if poll else None,
        )

    def closed(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Return every reason of the clock that forbids contact at `moment`, with the time at which it ends."""
        reasons: list[tuple[str, datetime]] = []
        if self.silence is not None and self.silence.contains(moment):
            reasons.append(("silence", self.silence.end))
        if self.night is not None and self.code is not None and self._banned(moment):
            ends = self.night.next_end(moment)
            reasons.append(("night_ban", min(ends, self.code.ends_at) if self.code.ends_at else ends))
        if not self.window.contains(moment):
            reasons.append(("contact_window", self.window.next_start(moment)))
        return reasons

    def next_open(self, moment: datetime) -> datetime | None:
        """Return the first time from `moment` on at which the clock forbids nothing; None if none is near."""
        for _ in range(_STEPS):
            closed = self.closed(moment)
            if not closed:
                return moment
            moment = max(ends for _, ends in closed)
        return None

    def next_close(self, moment: datetime) -> datetime:
        """Return when an open time that holds at `moment` ends."""
        ends = [self.window.next_end(moment)]
        if self.silence is not None and self.silence.start > moment:
            ends.append(self.silence.start)
        if self.night is not None and self.code is not None:
            starts = [self.night.next_start(moment), self.code.starts_at]
            ends += [start for start in starts if start > moment and self._banned(start)]
        return min(ends)

    def _banned(self, moment: datetime) -> bool:
        return (
            self.night is not None
            and self.code is not None
            and self.code.in_force(moment)
            and self.night.contains(moment)
        )
