"""What a proposed version of the rules would be: its own changes, the rules before and after, and what it widens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from services.campaigns.places import Places
from services.domain.errors import Invalid
from services.domain.ids import new_id
from services.domain.outcomes.dispositions import Catalogue
from services.domain.reading import Reader
from services.domain.rules.layers import Change, changed_by, live_changes, misplaced_nulls, timeline, unknown_fields
from services.domain.rules.rules import Rules
from services.domain.rules.versions import effective, widened_over_time
from services.gateways.clock import Clock

Document = dict[str, Any]
Timeline = tuple[Rules, ...]
Place = tuple[str, str]
# What an answer shows beside the rules; a client may send its answer back with one field changed.
SHOWN_ONLY = frozenset(
    {"state", "pending", "scheduled", "version", "proposed_by", "effective_from", "area", "widens", "starts_at"}
)
_POLLING = frozenset({"constituency", "part"})


@dataclass(frozen=True, kw_only=True)
class Book:
    """The versions that a proposal joins: a campaign's over the state's, or the state's below some `others`."""

    state: Document
    campaign: Document | None
    others: tuple[Document, ...] = ()

    @property
    def entries(self) -> list[Document]:
        """The versions of the layer that is to change."""
        return list((self.campaign or self.state)["rules"])

    @property
    def tag(self) -> int:
        """The version of the document that holds them."""
        return int((self.campaign or self.state).get("version", 0))


class Proposal(NamedTuple):
    """A version to be kept, with the rules before and after by campaign (None: the state's own), and what it widens."""

    entry: Document
    fields: tuple[str, ...]
    widens: tuple[str, ...]
    before: Timeline
    after: Timeline
    others: dict[str, tuple[Timeline, Timeline]]


class RuleProposals:
    """Reads a proposal against the rules as they will be when it begins."""

    def __init__(self, *, defaults: Mapping[str, Any], catalogue: Catalogue, places: Places, clock: Clock) -> None:
        self._defaults = dict(defaults)
        self._catalogue = catalogue
        self._places = places
        self._clock = clock

    def timeline(self, book: Book, extra: Document | None = None, *, under: Document | None = None) -> Timeline:
        """Return the rules over time, with one more version of the layer that changes; `under` is another campaign."""
        added = _changes(extra)
        state, campaign = live_changes(book.state["rules"]), under or book.campaign
        if book.campaign is None:
            state = (*state, *added)
        own = live_changes(campaign["rules"]) if campaign is not None else ()
        if campaign is not None and under is None:
            own = (*own, *added)
        return timeline(self._defaults, state, own) if campaign is not None else timeline(self._defaults, state)

    def propose(self, book: Book, override: Mapping[str, Any], *, by: str, area: str | None = None) -> Proposal:
        """Return the version that an override makes; raise Invalid that names each wrong field by its path."""
        now = self._clock.now()
        starts = max(now, _starts_at(override, now))
        before = self.timeline(book)
        current = effective(before, starts)
        given = self._given(book, current, override, area)
        numbers = [entry["version"] for entry in book.entries]
        entry: Document = {
            "id": new_id(),
            "version": max(numbers, default=self._defaults["version"]) + 1,
            "state": "live",
            "override": given,
            "starts_at": starts,
            "proposed_by": by,
            "proposed_at": now,
        }
        after = self.timeline(book, entry)
        self._check_retries(rules_in(after, starts))
        others = {
            one["_id"]: (self.timeline(book, under=one), self.timeline(book, entry, under=one)) for one in book.others
        }
        widens: dict[str, None] = {}
        for earlier, later in ((before, after), *others.values()):
            found = widened_over_time(earlier, later, since=starts, seats=self._seats(earlier, later))
            widens |= dict.fromkeys(found)
        entry["state"] = "pending" if widens else "live"
        return Proposal(entry, tuple(_paths(given)), tuple(widens), before, after, others)

    def check(self, book: Book, entry: Document) -> None:
        """Raise Invalid if a version makes no rules, here or in a campaign above."""
        self.timeline(book, entry)
        for one in book.others:
            self.timeline(book, entry, under=one)

    def told(self, book: Book, entry: Document) -> Document:
        """Return a version that is not in force yet as it would be: whole rules, and who proposed it."""
        whole = rules_in(self.timeline(book, {**entry, "state": "live"}), entry["starts_at"])
        facts = {"version": entry["version"], "state": entry["state"], "proposed_by": entry["proposed_by"]}
        return {**whole.to_wire(), **facts}

    def place(self, book: Book, area: str | None) -> Place | None:
        """Return the part and constituency of an area that may have rules of its own; raise Invalid for another."""
        if area is None:
            return None
        (found,) = self._places.require([area], field="area", kinds=_POLLING)
        if book.campaign is not None and not set(book.campaign["constituencies"]) & set(found.path):
            raise Invalid(area="area_not_in_campaign")
        return (found.id, found.parent_id or "") if found.kind == "part" else ("", found.id)

    def _given(self, book: Book, current: Rules, override: Mapping[str, Any], area: str | None) -> Document:
        """Return what of the override is new, each place's against the rules that hold there."""
        wrong = unknown_fields(override, SHOWN_ONLY) | misplaced_nulls(override)
        if wrong:
            raise Invalid(**wrong)
        wanted = {name: value for name, value in override.items() if name not in SHOWN_ONLY}
        if area is not None:
            self.place(book, area)
            wanted = {"areas": {area: wanted}}
        areas = wanted.pop("areas", None)
        given = changed_by(current.to_wire(), wanted)
        if areas is None:
            return given
        if not isinstance(areas, Mapping):
            raise Invalid(**{"rules.areas": "not_an_object"})
        own: Document = {}
        for area_id, inside in areas.items():
            if inside is None or not isinstance(inside, Mapping):
                own[area_id] = inside
                continue
            here = current.at(*self._here(book, area_id)).to_wire()
            own[area_id] = changed_by(here, inside)
        own = {area_id: inside for area_id, inside in own.items() if inside != {}}
        return {**given, "areas": own} if own else given

    def _here(self, book: Book, area_id: str) -> Place:
        try:
            return self.place(book, area_id) or ("", "")
        except Invalid as error:
            raise Invalid(**{f"rules.areas.{area_id}": error.fields["area"][0]}) from error

    def _seats(self, *timelines: Timeline) -> dict[str, str]:
        named = {area_id for found in timelines for rules in found for area_id in rules.areas}
        areas = [area for area in map(self._places.find, named) if area is not None]
        return {area.id: area.parent_id or "" for area in areas if area.kind == "part"}

    def _check_retries(self, rules: Rules) -> None:
        """Refuse a retry for what is no result, or for one that ends the matter."""
        retried = {row.retry for row in self._catalogue.by_name.values() if not row.final}
        wrong = {f"rules.retry.{name}": "disposition_has_no_retry" for name in rules.retry if name not in retried}
        if wrong:
            raise Invalid(**wrong)


def rules_in(found: Sequence[Rules], moment: datetime) -> Rules:
    """Return the rules of a timeline that are in force at a moment."""
    return effective(found, moment)


def shown_at(rules: Rules, place: Place | None) -> Document:
    """Return rules as the wire has them, as they hold in a place if one is named."""
    if place is None:
        return rules.to_wire()
    return {name: value for name, value in rules.at(*place).to_wire().items() if name != "areas"}


def _changes(entry: Document | None) -> tuple[Change, ...]:
    return live_changes([{**entry, "state": "live"}]) if entry is not None else ()


def _starts_at(override: Mapping[str, Any], now: datetime) -> datetime:
    if override.get("effective_from") is None:
        return now
    reader = Reader(override, "rules")
    found = reader.moment("effective_from")
    reader.finish()
    return found


def _paths(given: Mapping[str, Any], above: str = "") -> list[str]:
    """Return the paths of the fields that an override names, two deep: `caps.total`, `areas.ac-24`."""
    paths = []
    for name, value in given.items():
        if isinstance(value, Mapping) and not above:
            paths += _paths(value, f"{name}.")
        else:
            paths.append(f"{above}{name}")
    return paths
