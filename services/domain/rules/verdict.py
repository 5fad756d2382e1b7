"""What the rules answer: allowed, or every reason against contact and when each ends."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

REASONS = (
    *("silence", "night_ban", "contact_window", "cooldown", "attempts", "channel_today", "not_due", "suppressed"),
    *("quarantined", "no_address", "dead_number", "held", "final", "campaign_inactive", "kill_switch"),
    *("volunteer_cap", "volunteer_paused", "uncertified"),
)


# An attempt told of such a time is kept and flagged; all other reasons are about who may be given to whom.
CLOCK_REASONS = frozenset({"silence", "night_ban", "contact_window"})
# Only what passes by itself within hours may be opened ahead; silence, suppression and caps never.
OPENS_AHEAD = frozenset({"contact_window", "night_ban", "cooldown", "not_due"})


class Blocked(NamedTuple):
    """One reason against contact, and when it ends if that is known."""

    reason: str
    until: datetime | None = None


class Verdict(NamedTuple):
    """All reasons against contact, none if it is allowed, and the first time at which all of them have ended."""

    reasons: tuple[Blocked, ...]
    allowed_from: datetime | None

    @property
    def allowed(self) -> bool:
        """Whether contact is allowed now."""
        return not self.reasons

    @property
    def codes(self) -> tuple[str, ...]:
        """The reasons' names."""
        return tuple(blocked.reason for blocked in self.reasons)


class Window(NamedTuple):
    """The stretch `[not_before, not_after)` in which a phone may show a number."""

    not_before: datetime
    not_after: datetime
