"""A witness who knows the rules by their letter and nothing of our engine: which numbers were shown against them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

IST = timezone(timedelta(hours=5, minutes=30))
_WINDOW = (10, 19)
_COOLDOWN, _SILENCE = timedelta(hours=24), timedelta(hours=48)
_MOST_TRIES = 3
# Only these are tried again before the cooldown is over.
_EARLIER = {"busy": timedelta(minutes=30), "no_answer": timedelta(hours=3), "switched_off": timedelta(0)}
_WISHES, _DEAD = ("do_not_contact", "opted_out"), ("wrong_number", "disconnected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """A number on a screen: asked for and had by the server's clock, to be used from `start`, held until `end`.

    `tick` is when it was asked for by this machine's steady clock, which alone says what came before what.
    """

    number: str
    user_id: str
    place: tuple[str, str]
    seat: str
    asked: datetime
    tick: float
    start: datetime
    end: datetime
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt: when it really was, and the tick at which the phone had the server's word that it is known."""

    number: str
    disposition: str
    at: datetime
    known: float


@dataclass
class Witness:
    """Hears of everything that phones show and tell; `closes` is when the poll closes, by constituency code."""

    closes: Mapping[str, datetime] = field(default_factory=dict)
    showings: list[Showing] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def saw(self, showing: Showing) -> None:
        """Note a number that a phone was given."""
        with self._lock:
            self.showings.append(showing)

    def heard(self, told: Try) -> None:
        """Note an attempt of which a phone has the receipt."""
        with self._lock:
            self.tries.append(told)

    def let_go(self, user_id: str, place: tuple[str, str], *, at: datetime) -> None:
        """Note that a volunteer's work on an item ended not before `at`: from then on others may have the number."""
        with self._lock:
            for number, one in enumerate(self.showings):
                if (one.user_id, one.place) == (user_id, place):
                    self.showings[number] = replace(one, end=min(one.end, at))

    def against_rules(self) -> list[tuple[str, str]]:
        """Return `(number, reason)` for everything that was shown and must not have been."""
        tries: defaultdict[str, list[Try]] = defaultdict(list)
        for told in self.tries:
            tries[told.number].append(told)
        return [(one.number, why) for one in self.showings for why in self._wrong(one, tries[one.number])]

    def with_two_holders(self) -> list[str]:
        """Return the numbers that two volunteers had at the same time."""
        by_number: defaultdict[str, list[Showing]] = defaultdict(list)
        for one in self.showings:
            by_number[one.number].append(one)
        return [number for number, some in by_number.items() if _overlap(some)]

    def _wrong(self, one: Showing, tries: list[Try]) -> Iterator[str]:
        first, last = _WINDOW
        if not first <= one.start.astimezone(IST).hour < last:
            yield "contact_window"
        if one.not_after is not None and _hours(one.not_after) > last:
            yield "contact_window"
        closes = self.closes.get(one.seat)
        if closes is not None and closes - _SILENCE <= one.start < closes:
            yield "silence"
        known = [told for told in tries if told.known < one.tick]
        if any(told.disposition in _WISHES for told in known):
            yield "suppressed"
        if any(told.disposition in _DEAD for told in known):
            yield "dead_number"
        if len(known) >= _MOST_TRIES:
            yield "attempts"
        if any(one.start < _again(told) for told in known):
            yield "cooldown"


def _again(told: Try) -> datetime:
    """Return when the number may be tried again at the earliest."""
    if told.disposition == "switched_off":
        day = told.at.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0)
        return day + timedelta(days=1)
    return told.at + _EARLIER.get(told.disposition, _COOLDOWN)


def _hours(moment: datetime) -> float:
    local = moment.astimezone(IST)
    return local.hour + local.minute / 60 + local.second / 3600


def _overlap(showings: list[Showing]) -> bool:
    ordered = sorted(showings, key=lambda one: one.asked)
    return any(
        later.user_id != one.user_id and later.asked < one.end
        for place, one in enumerate(ordered)
        for later in ordered[place + 1 :]
    )
