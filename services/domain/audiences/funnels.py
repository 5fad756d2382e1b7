"""A funnel from groups of people who are blocked for the same reasons until the same time.

What passes by itself (a cooldown, a lease) is kept with its end, and what holds for a whole place (silence, the contact
window, a kill switch) is asked when the funnel is read: so groups stay true while nothing happens to the people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.domain.rules.verdict import Blocked

Reasons = tuple[Blocked, ...]
# Ends are kept to the next quarter of an hour: people fall into few groups, and nobody is ready too early.
_STEP = timedelta(minutes=15)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
HELD, FINAL = "held", "final"


@dataclass(slots=True)
class Funnel:
    """People counted: each blocked one under each of its reasons; ready and distinct blocked make matched."""

    matched: int = 0
    ready: int = 0
    done: int = 0
    blocked: Counter[str] = field(default_factory=Counter)

    def add(self, groups: Mapping[Reasons, int], common: frozenset[str], now: datetime) -> None:
        """Count the groups of a place in, whose people are all blocked by `common` too."""
        for reasons, people in groups.items():
            codes = {one.reason for one in reasons if one.until is None or one.until > now} | common
            self.matched += people
            self.done += people if FINAL in codes else 0
            if codes:
                self.blocked.update(dict.fromkeys(codes, people))
            else:
                self.ready += people

    def to_wire(self) -> dict[str, Any]:
        """Return `{matched, ready, blocked, done}`."""
        blocked = dict(sorted(self.blocked.items()))
        return {"matched": self.matched, "ready": self.ready, "blocked": blocked, "done": self.done}


def grouped(reasons: Iterable[Blocked]) -> Reasons:
    """Return reasons as a group has them: one a name, that which ends last, its end rounded up."""
    ends: dict[str, datetime | None] = {}
    for reason, until in reasons:
        if reason in ends and (ends[reason] is None or until is None):
            ends[reason] = None
        else:
            ends[reason] = max(until, ends.get(reason) or until) if until is not None else None
    return tuple(Blocked(name, _rounded(until) if until else None) for name, until in sorted(ends.items()))


def plain(groups: Mapping[Reasons, int]) -> list[dict[str, Any]]:
    """Return groups as plain data."""
    return [
        {"why": [{"reason": one.reason, "until": one.until} for one in reasons], "people": people}
        for reasons, people in groups.items()
    ]


def from_plain(rows: Iterable[Mapping[str, Any]]) -> Counter[Reasons]:
    """Return groups from plain data."""
    groups: Counter[Reasons] = Counter()
    for row in rows:
        groups[tuple(Blocked(one["reason"], one["until"]) for one in row["why"])] += row["people"]
    return groups


def _rounded(until: datetime) -> datetime:
    steps = -((_EPOCH - until) // _STEP)
    return _EPOCH + steps * _STEP
