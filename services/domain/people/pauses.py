"""Complaints against a caller: what counts, and when they pause the caller's work until somebody has looked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

CLEAR, PAUSED = "clear", "paused"
STATES = (CLEAR, PAUSED)
# A complaint that a volunteer wrote down, and one that a person made themselves.
TOLD, MADE = "legal_complaint", "rights_request"
KINDS = (TOLD, MADE)


class Complaint(NamedTuple):
    """One complaint; `ref` is the outcome or request that it comes from, `about` the address that was reached."""

    ref: str
    kind: str
    about: str
    user_id: str
    district_id: str | None
    campaign_id: str
    at: datetime

    def to_document(self) -> dict[str, Any]:
        """Return what is kept of it beside the volunteer."""
        kept = ("ref", "kind", "about", "campaign_id", "at")
        return {name: getattr(self, name) for name in kept}


def counting(complaints: Iterable[Mapping[str, Any]]) -> int:
    """Return how many people's complaints count: those of one address are one, and settled ones none."""
    return len({one["about"] for one in complaints if not one["settled"]})


def settled(complaints: Iterable[Mapping[str, Any]], *, ref: str | None = None) -> list[dict[str, Any]]:
    """Return the complaints with one, or all, taken as looked into."""
    return [{**one, "settled": one["settled"] or ref in {None, one["ref"]}} for one in complaints]
