"""What of the figures each of those who lead may see: whose work, which places, and nothing of a few people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.campaigns.campaigns import helps
from services.campaigns.places import Places
from services.domain.areas import Area
from services.domain.people.actor import CHANNELS, Actor
from services.domain.reports.small_cells import counts_in_tens, in_tens, row_in_tens

Document = dict[str, Any]
# Who may see a row about a single volunteer: headquarters any, a coordinator those of the own district.
SINGLE_PEOPLE = frozenset({"hq_admin", "coordinator"})
# A cell of fewer people than this could be told back to one of them (design §4, field-facts §1).
FEWEST_PEOPLE = 10
_CHANNEL_NAMES = {
    "hi": ("कॉल", "एसएमएस", "व्हाट्सऐप", "फ़ेसबुक", "इंस्टाग्राम", "एक्स", "वॉइस संदेश"),
    "en": ("Calls", "SMS", "WhatsApp", "Facebook", "Instagram", "X", "Voice messages"),
}


class ReportScope:
    """Answers for one reader at a time; places are all that it needs to know."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def of_work(self, actor: Actor) -> Document:
        """Return the part of a query over cells of work that keeps others' figures out."""
        if actor.role == "coordinator":
            return {"district_id": actor.home_area}
        if watched := actor.watches:
            # Their districts' volunteers wherever they work, and whoever works their places.
            seats = [area.id for area in self._places.tree().values() if lies_in(area, "constituency", watched)]
            return {"$or": [{"district_id": {"$in": list(watched)}}, {"constituency_id": {"$in": seats}}]}
        return {}

    def of_parts(self, actor: Actor, campaign: Mapping[str, Any], *, area: str | None = None) -> list[Area]:
        """Return a campaign's parts whose people's figures the actor may see; raise Invalid for an unknown area.

        A coordinator sees the constituencies where the own district helps, an observer or expert of some places those
        parts that lie in them.
        """
        if area is not None:
            self._places.require([area], field="area")
        seats = campaign["constituencies"]
        if actor.role == "coordinator":
            seats = [seat for seat in seats if helps(campaign, actor.home_area, seat)]
        parts = [part for seat in seats for part in self._places.children(seat) if part.kind == "part"]
        if watched := actor.watches:
            parts = [part for part in parts if not set(part.path).isdisjoint(watched)]
        return [part for part in parts if area is None or area in part.path]

    def names(self, keys: Sequence[str], locale: str) -> dict[str, str]:
        """Return the names of places, by id, in the reader's language."""
        found = {key: self._places.find(key) for key in keys}
        return {key: area.name_hi if locale == "hi" else area.name_en for key, area in found.items() if area}


def channel_names(locale: str) -> dict[str, str]:
    """Return the names of channels in the reader's language."""
    return dict(zip(CHANNELS, _CHANNEL_NAMES[locale], strict=True))


def lies_in(area: Area, kind: str, wider: Sequence[str]) -> bool:
    """Tell whether a place is of this kind and is, or lies in, one of some places."""
    return area.kind == kind and not set(area.path).isdisjoint(wider)


def natural(key: str) -> list[str | int]:
    """Return what sorts part 9 before part 10: words and numbers by turns."""
    return [int(piece) if at % 2 else piece for at, piece in enumerate(re.split(r"([0-9]+)", key))]


def told(actor: Actor, number: int) -> int | None:
    """Return a number of people as the actor may see it: exactly, or in tens and None below for who may see no one."""
    return number if sees_single_people(actor) else in_tens(number, fewest=FEWEST_PEOPLE)


def told_counts(actor: Actor, counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts of people as the actor may see them; those that are not told are left out."""
    return dict(counts) if sees_single_people(actor) else counts_in_tens(counts, fewest=FEWEST_PEOPLE)


def told_row(actor: Actor, row: Document) -> Document:
    """Return a row of figures as the actor may see it."""
    return row if sees_single_people(actor) else row_in_tens(row, fewest=FEWEST_PEOPLE)


def sees_single_people(actor: Actor) -> bool:
    """Tell whether the actor may see rows, and figures, of single people."""
    return actor.role in SINGLE_PEOPLE


def rounded_to(actor: Actor) -> int | None:
    """Return what the actor's figures are rounded down to; None for exact ones."""
    return None if sees_single_people(actor) else FEWEST_PEOPLE
