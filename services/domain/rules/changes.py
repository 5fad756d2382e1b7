"""What a change of the rules does to the hours of places: before and after, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from services.domain.rules.calendar import Controls, poll_for
from services.domain.rules.hours import Hours
from services.domain.rules.rules import Rules

Document = dict[str, Any]
# So far ahead open minutes are counted: each day of the week once.
_AHEAD = timedelta(days=7)
_MINUTE = timedelta(minutes=1)
# Each step of the count passes one open stretch; a day has one or two.
_STEPS = 40


class Ground(NamedTuple):
    """A constituency, or a part that has rules or poll hours of its own, with how many parts and targets it stands for.

    Of a constituency only the parts without their own are counted.
    """

    area_id: str
    part_id: str
    seat_id: str
    parts: int
    targets: int


def hours_changed(
    before: Rules, after: Rules, controls: Controls, *, grounds: Iterable[Ground], channels: Iterable[str], at: datetime
) -> list[Document]:
    """Return a row for each place and channel whose hours are others from `at` on, the most targets first."""
    named = list(channels)
    rows = []
    for ground in grounds:
        for channel in named:
            old, new = (_hours(rules, controls, ground, channel) for rules in (before, after))
            if old != new:
                rows.append(
                    {
                        "area_id": ground.area_id,
                        "channel": channel,
                        "parts": ground.parts,
                        "targets": ground.targets,
                        "before": _shown(old, at),
                        "after": _shown(new, at),
                    }
                )
    return sorted(rows, key=lambda row: (-row["targets"], row["area_id"], row["channel"]))


def open_minutes(hours: Hours, at: datetime) -> int:
    """Return for how many minutes of the next seven days the clock forbids nothing."""
    end, moment, total = at + _AHEAD, at, timedelta(0)
    for _ in range(_STEPS):
        start = hours.next_open(moment)
        if start is None or start >= end:
            break
        moment = min(hours.next_close(start), end)
        total += moment - start
    return total // _MINUTE


def value_at(wire: Any, path: str) -> Any:
    """Return what a set of rules says under a path such as `caps.total`; None where it says nothing."""
    for name in path.split("."):
        if not isinstance(wire, dict):
            return None
        wire = wire.get(name)
    return wire


def _hours(rules: Rules, controls: Controls, ground: Ground, channel: str) -> Hours:
    poll = poll_for(controls, ground.part_id, ground.seat_id)
    return Hours.of(rules.at(ground.part_id, ground.seat_id), controls, poll=poll, channel=channel)


def _shown(hours: Hours, at: datetime) -> Document:
    night, silence = hours.night, hours.silence
    return {
        "contact_window": hours.window.to_wire(),
        "night_ban": night.span.to_wire() if night is not None else None,
        "silence": {"from": silence.start, "to": silence.end} if silence is not None else None,
        "open_minutes": open_minutes(hours, at),
        "closed_by": [reason for reason, _ in hours.closed(at)],
    }
