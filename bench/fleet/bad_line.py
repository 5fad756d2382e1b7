"""A phone on a bad line with a wrong clock: requests and answers get lost, come twice, in any order, cut in half."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson

from .connection import Json
from .phone import Phone

_AT_ONCE = 7
# In a hundred uploads; the rest arrive and are answered.
_REQUEST_LOST, _ANSWER_LOST, _TWICE, _CUT = 15, 15, 10, 10
_SKEWS = (timedelta(0), timedelta(0), timedelta(hours=3), timedelta(minutes=-40), timedelta(days=2))
_GAPS = (timedelta(0), timedelta(minutes=5), timedelta(hours=20))
_BAD_REQUEST = (400, 422)


class BadLine:
    """Keeps what the person records until a receipt names it; everything follows from the seed."""

    def __init__(self, phone: Phone, *, seed: str) -> None:
        self.phone = phone
        self.recorded: dict[str, Json] = {}
        self.receipts: dict[str, list[str]] = {}
        self._waiting: dict[str, Json] = {}
        self._dice = random.Random(seed)
        self._skew = self._dice.choice(_SKEWS)

    def record(self, outcomes: Sequence[Json]) -> None:
        """Note outcomes by the phone's own clock, some of them as of the day before."""
        for outcome in outcomes:
            at = datetime.fromisoformat(outcome["occurred_at"]) - self._dice.choice(_GAPS) + self._skew
            told = {**outcome, "occurred_at": _text(at)}
            self.recorded[told["id"]] = self._waiting[told["id"]] = told

    def upload(self) -> bool:
        """Try to hand in what waits, once, in any order; tell whether all of it has its receipt."""
        waiting = list(self._waiting.values())
        self._dice.shuffle(waiting)
        for start in range(0, len(waiting), _AT_ONCE):
            self._send(waiting[start : start + _AT_ONCE])
        return not self._waiting

    def _send(self, outcomes: Sequence[Json]) -> None:
        luck = self._dice.randrange(100)
        if luck < _REQUEST_LOST:
            return
        body = {"outcomes": list(outcomes), "sent_at": _text(self.phone.now() + self._skew)}
        if luck < _REQUEST_LOST + _CUT:
            content = orjson.dumps(body)
            self.phone.person.ask("POST", "/me/outcomes", body=content[: len(content) // 2], foreseen=_BAD_REQUEST)
            return
        receipts = self.phone.person.post("/me/outcomes", body).body["receipts"]
        if luck < _REQUEST_LOST + _CUT + _ANSWER_LOST:
            return  # or the app was killed before it had read the answer
        if luck < _REQUEST_LOST + _CUT + _ANSWER_LOST + _TWICE:
            receipts = self.phone.person.post("/me/outcomes", body).body["receipts"]
        for outcome, receipt in zip(outcomes, receipts, strict=True):
            self.receipts.setdefault(outcome["id"], []).append(receipt["status"])
            self._waiting.pop(outcome["id"], None)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
