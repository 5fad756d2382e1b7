"""Who of some people belongs to an audience: asked a slab at a time, by whoever walks a campaign's parts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from services.domain.audiences.filters import Filter, belongs, covers, of_places_alone
from services.store.audiences.audiences import AudienceStore
from services.store.audiences.candidates import CandidateStore

Document = dict[str, Any]
_AT_ONCE = 1000


class Membership:
    """One audience's filter over the people of one campaign."""

    def __init__(self, wanted: Filter, candidates: CandidateStore, *, campaign_id: str) -> None:
        self._wanted = wanted
        self._candidates = candidates
        self._campaign_id = campaign_id

    @property
    def tells_support(self) -> bool:
        """Whether it can be seen by who is a member what people told of their support."""
        return "exclude_support" in self._wanted

    def covers(self, path: Collection[str]) -> bool:
        """Tell whether a part, given with all above it, may hold members."""
        return covers(self._wanted, path)

    def among(self, contact_ids: Sequence[str]) -> set[str]:
        """Return those of some people, of parts that it covers, who belong."""
        if of_places_alone(self._wanted):
            return set(contact_ids)
        found: set[str] = set()
        asks = {"support": "exclude_support" in self._wanted, "fields": "fields" in self._wanted}
        for at in range(0, len(contact_ids), _AT_ONCE):
            people = self._candidates.read(self._campaign_id, contact_ids[at : at + _AT_ONCE], **asks)
            found |= {key for key, candidate in people.items() if belongs(self._wanted, candidate)}
        return found


class Memberships:
    """Finds the membership that a request names."""

    def __init__(self, audiences: AudienceStore, candidates: CandidateStore) -> None:
        self._audiences = audiences
        self._candidates = candidates

    def find(self, audience_id: str, *, campaign_id: str, district_id: str | None = None) -> Membership | None:
        """Return the membership of an audience of a campaign, None if there is none like it.

        With a district, only of audiences that headquarters or this district's coordinators made.
        """
        audience = self._audiences.find(audience_id)
        if audience is None or audience["campaign_id"] != campaign_id:
            return None
        if district_id is not None and audience["district_id"] not in {None, district_id}:
            return None
        return self.of(audience)

    def of(self, audience: Document) -> Membership:
        """Return the membership of an audience."""
        return Membership(audience["filter"], self._candidates, campaign_id=audience["campaign_id"])
