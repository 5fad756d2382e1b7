"""A phone on a bad line with a wrong clock: requests and answers get lost, come twice, in any order, cut in half."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import orjson

from .connection import Json
from .phone import Phone

_AT_ONCE = 7
# In a hundred uploads; the rest arrive and are answered.
_REQUEST_LOST, _CUT, _ANSWER_LOST, _APP_KILLED, _TWICE = 15, 10, 10, 5, 10
_SKEWS = (timedelta(0), timedelta(0), timedelta(hours=3), timedelta(minutes=-40), timedelta(days=2))
_GAPS = (timedelta(0), timedelta(minutes=5), timedelta(hours=20))
_FIRST, _AGAIN = frozenset({"stored", "late"}), frozenset({"duplicate"})


class BadLine:
    """Keeps what the person records until a receipt names it; everything follows from the seed.

    `issued` are all receipts that the server gave out, those that got lost on the way included.
    """

    def __init__(self, phone: Phone, *, seed: str, heard: Callable[[Json, datetime], None] | None = None) -> None:
        self.phone = phone
        self.recorded: dict[str, Json] = {}
        self.true_at: dict[str, datetime] = {}
        self.issued: dict[str, list[str]] = {}
        self.first_issued_at: dict[str, datetime] = {}
        self.receipts: dict[str, list[str]] = {}
        self._waiting: dict[str, Json] = {}
        self._heard = heard
        self._dice = random.Random(seed)
        self.skew = self._dice.choice(_SKEWS)

    def record(self, outcomes: Sequence[Json], *, gaps: Sequence[timedelta] = _GAPS) -> None:
        """Note outcomes by the phone's own clock, each as of a while ago."""
        for outcome in outcomes:
            at = datetime.fromisoformat(outcome["occurred_at"]) - self._dice.choice(gaps)
            told = {**outcome, "occurred_at": _text(at + self.skew)}
            self.recorded[told["id"]] = self._waiting[told["id"]] = told
            self.true_at[told["id"]] = at

    def upload(self) -> bool:
        """Try to hand in what waits, once, in any order; tell whether all of it has its receipt."""
        waiting = list(self._waiting.values())
        self._dice.shuffle(waiting)
        for start in range(0, len(waiting), _AT_ONCE):
            if not self._send(waiting[start : start + _AT_ONCE]):
                break
        return not self._waiting

    def wrongly_answered(self) -> list[str]:
        """Return the outcomes that were not told `stored` or `late` once, and from then on that they are repeats."""
        return [key for key in self.recorded if not _right(self.issued.get(key, []))]

    def _send(self, outcomes: Sequence[Json]) -> bool:
        """Send outcomes; False when the app was killed over it, and begins anew with what it had kept."""
        luck = self._dice.randrange(100)
        body = {"outcomes": list(outcomes), "sent_at": _text(self.phone.now() + self.skew)}
        if luck < _REQUEST_LOST:
            return True
        if luck < _REQUEST_LOST + _CUT:
            self.phone.person.cut("POST", "/me/outcomes", orjson.dumps(body))
            return True
        receipts = self._answered(outcomes, body)
        if luck < _REQUEST_LOST + _CUT + _ANSWER_LOST:
            return True
        if luck < _REQUEST_LOST + _CUT + _ANSWER_LOST + _APP_KILLED:
            return False
        if luck < _REQUEST_LOST + _CUT + _ANSWER_LOST + _APP_KILLED + _TWICE:
            receipts = self._answered(outcomes, body)
        for outcome, receipt in zip(outcomes, receipts, strict=True):
            self.receipts.setdefault(outcome["id"], []).append(receipt["status"])
            self._waiting.pop(outcome["id"], None)
            if self._heard is not None:
                self._heard(outcome, self.true_at[outcome["id"]])
        return True

    def _answered(self, outcomes: Sequence[Json], body: Json) -> Sequence[Json]:
        receipts: Sequence[Json] = self.phone.person.post("/me/outcomes", body).body["receipts"]
        for outcome, receipt in zip(outcomes, receipts, strict=True):
            named = receipt["status"] if receipt["id"] == outcome["id"] else "another's"
            self.issued.setdefault(outcome["id"], []).append(named)
            self.first_issued_at.setdefault(outcome["id"], self.phone.now())
        return receipts


def _right(issued: Sequence[str]) -> bool:
    return bool(issued) and issued[0] in _FIRST and set(issued[1:]) <= _AGAIN


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
