"""What a decision is about: a thing of some kind, whose it is, and which districts it belongs to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One thing; `kind` is one of `config/data/access.json`, `districts` those whose coordinators answer for it."""

    kind: str
    owner: str | None = None
    districts: frozenset[str] = frozenset()

    @classmethod
    def of_district(cls, kind: str, *districts: str | None) -> Subject:
        """Return a thing of some districts; none of them being known makes it headquarters' alone."""
        return cls(kind=kind, districts=frozenset(district for district in districts if district is not None))
