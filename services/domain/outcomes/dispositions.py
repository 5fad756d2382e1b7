"""The catalogue of call results and message steps: what each means, what must come with it, what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from services.domain.identifiers.channels import CHANNELS
from services.domain.ist import Span, next_day_start
from services.domain.reading import Reader
from services.domain.rules.rules import Rules

CLASSES = ("I", "P", "R", "NC", "O", "UH", "UO", "NE")
EFFECTS = (
    *("suppress", "number_dead", "channel_dead", "moved", "deceased", "callback", "language", "drop_speech"),
    *("escalate", "complaint"),
)
_NAMES = ("needs", "may", "effects")
_MAY = ("answers", "support", "note")
_NEEDS = ("contact_id", "callback_at")


class Told(NamedTuple):
    """What of an outcome is checked against the catalogue."""

    disposition: str
    channel: str
    occurred_at: datetime
    contact_id: str | None = None
    callback_at: datetime | None = None
    answers: Mapping[str, Any] | None = None
    support: int | None = None
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Disposition:
    """One result code; `step` orders a message's steps, `retry` names its rule in `Rules.retry`: its own, or another's.

    `aapor_class` is the class of the AAPOR Standard Definitions, NE (not eligible) being outside the rates' seven;
    None where the code says nothing about the person. `unverified` is what only the volunteer's word stands for.
    """

    name: str
    labels: Mapping[str, str]
    channels: frozenset[str]
    aapor_code: str | None
    aapor_class: str | None
    final: bool
    retry: str
    step: int | None
    needs: frozenset[str]
    may: frozenset[str]
    effects: frozenset[str]
    unverified: bool = False

    @staticmethod
    def read(reader: Reader) -> Disposition:
        """Read one row of the catalogue."""
        reader.only({"name", "label", "channels", "aapor", "final", "retry", "step", "unverified", *_NAMES})
        label = reader.child("label")
        aapor = reader.child("aapor") if reader.has("aapor") else None
        return Disposition(
            name=reader.text("name"),
            labels=MappingProxyType({language: label.text(language) for language in ("hi", "en")}),
            channels=reader.names("channels", allowed=CHANNELS),
            aapor_code=aapor.text("code") if aapor else None,
            aapor_class=aapor.choice("class", CLASSES) if aapor else None,
            final=reader.flag("final"),
            retry=reader.text("retry") if reader.has("retry") else reader.text("name"),
            step=reader.integer("step", low=1, high=100) if reader.has("step") else None,
            needs=reader.names("needs", allowed=_NEEDS),
            may=reader.names("may", allowed=_MAY),
            effects=reader.names("effects", allowed=EFFECTS),
            unverified=reader.flag("unverified", default=False),
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All dispositions by name."""

    version: int
    by_name: Mapping[str, Disposition]
    callback_within: timedelta = timedelta(days=30)

    @staticmethod
    def parse(data: Mapping[str, Any]) -> Catalogue:
        """Read the catalogue; raises `Invalid` that names every wrong field."""
        reader = Reader(data, "catalogue")
        rows = [Disposition.read(row) for row in reader.children("dispositions")]
        version = reader.integer("version", low=1, high=10**6)
        within = timedelta(days=reader.integer("callback_within_days", low=1, high=365))
        reader.finish()
        return Catalogue(version, MappingProxyType({row.name: row for row in rows}), within)

    def find(self, name: str) -> Disposition | None:
        """Return a disposition, None if there is no such code."""
        return self.by_name.get(name)

    def for_channel(self, channel: str) -> tuple[Disposition, ...]:
        """Return what may be told of a channel, in the order of the file."""
        return tuple(row for row in self.by_name.values() if channel in row.channels)

    def further(self, one: str, other: str) -> str:
        """Return the further of two steps of one message: `opened`, `declared_sent`, `replied`, and the endings."""
        return max(one, other, key=lambda name: (self.by_name[name].step or 0, name))

    def check(self, told: Told, *, people: int) -> list[tuple[str, str]]:
        """Return `(field, code)` for everything wrong with an outcome on an item that lists `people`."""
        row = self.find(told.disposition)
        if row is None:
            return [("disposition", "unknown_disposition")]
        wrong = list(_wrong(row, told, people))
        # Until then the number is kept for whoever agreed to call: nobody agrees on next year.
        if not wrong and told.callback_at is not None and told.callback_at > told.occurred_at + self.callback_within:
            return [("callback_at", "callback_at_too_far")]
        return wrong


def _wrong(row: Disposition, told: Told, people: int) -> Iterator[tuple[str, str]]:
    if told.channel not in row.channels:
        yield "disposition", "disposition_not_for_channel"
    if "contact_id" in row.needs and people > 1 and told.contact_id is None:
        yield "contact_id", "contact_id_required"
    if "callback_at" in row.needs and told.callback_at is None:
        yield "callback_at", "callback_at_required"
    if told.callback_at is not None and "callback_at" not in row.needs:
        yield "callback_at", "callback_at_not_allowed"
    elif told.callback_at is not None and told.callback_at <= told.occurred_at:
        yield "callback_at", "callback_at_not_after_occurred_at"
    if told.duration_s is not None and told.duration_s < 0:
        yield "duration_s", "duration_negative"
    # What was said in talk with a minor is dropped, not refused: the phone's report itself must not be lost.
    if "drop_speech" not in row.effects:
        if told.answers and "answers" not in row.may:
            yield "answers", "answers_not_allowed"
        if told.support and "support" not in row.may:
            yield "support", "support_not_allowed"


def next_at(
    row: Disposition, *, occurred_at: datetime, rules: Rules, callback_at: datetime | None = None
) -> datetime | None:
    """Return when a disposition's own rule allows the next try; None where only the cooldown speaks."""
    if "callback" in row.effects:
        return callback_at
    retry = rules.retry.get(row.retry)
    if retry is None:
        return None
    earliest = occurred_at + retry.after
    if retry.next_day:
        earliest = max(earliest, next_day_start(occurred_at))
    return _in_other_band(rules.bands, occurred_at, earliest) if retry.other_band else earliest


def _in_other_band(bands: tuple[Span, ...], occurred_at: datetime, earliest: datetime) -> datetime:
    others = [band for band in bands if not band.contains(occurred_at)]
    starts = (earliest if band.contains(earliest) else band.next_start(earliest) for band in others)
    return min(starts, default=earliest)
