"""When one place may be contacted on one channel: contact window, night ban and silence on one time line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.domain.ist import Span
from services.domain.rules.calendar import Controls, Interval, ModelCode, Poll
from services.domain.rules.rules import Rules

# Each step of the search passes one closed stretch; a day has two, and a silence or the Model Code may follow.
_STEPS = 20


@dataclass(frozen=True, slots=True)
class Night:
    """The night ban, which holds only while the Model Code is in force."""

    span: Span
    code: ModelCode

    def banned(self, moment: datetime) -> bool:
        """Tell whether the ban holds at `moment`."""
        return self.code.in_force(moment) and self.span.contains(moment)

    def ends(self, moment: datetime) -> datetime:
        """Return when a ban that holds at `moment` ends."""
        end = self.span.next_end(moment)
        return min(end, self.code.ends_at) if self.code.ends_at is not None else end

    def next_start(self, moment: datetime) -> datetime | None:
        """Return when a ban next begins after `moment`: with the night, or with the Model Code in mid-night."""
        starts = (self.code.starts_at, self.span.next_start(max(moment, self.code.starts_at)))
        return min((start for start in starts if start > moment and self.banned(start)), default=None)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one place and channel; `night` is None where the ban does not reach."""

    window: Span
    night: Night | None
    silence: Interval | None

    @staticmethod
    def of(rules: Rules, controls: Controls, *, poll: Poll | None, channel: str) -> Hours:
        """Return the hours that a place's rules, its poll and the Model Code leave to a channel."""
        code = controls.model_code if channel in rules.night_ban.channels else None
        return Hours(
            window=rules.contact_window,
            night=Night(rules.night_ban.span, code) if code is not None else None,
            silence=poll.silence(rules.silence.before_close(channel)) if poll is not None else None,
        )

    def closed(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Return every reason of the clock that forbids contact at `moment`, with the time at which it ends."""
        reasons: list[tuple[str, datetime]] = []
        if self.silence is not None and self.silence.contains(moment):
            reasons.append(("silence", self.silence.end))
        if self.night is not None and self.night.banned(moment):
            reasons.append(("night_ban", self.night.ends(moment)))
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
        """Return when the open time that holds at `moment` ends."""
        ends = [self.window.next_end(moment)]
        if self.silence is not None and self.silence.start > moment:
            ends.append(self.silence.start)
        if self.night is not None and (banned := self.night.next_start(moment)) is not None:
            ends.append(banned)
        return min(ends)
