"""Keeps the tallies of final dispositions: parts whose people changed are counted anew, some at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from services.campaigns.places import Places
from services.domain.contacts.contacts import Place
from services.gateways.clock import Clock
from services.store.outcomes.result_tallies import Marked, Results, ResultTallyStore

PARTS_AT_ONCE = 50


class ResultCounts:
    """The worker's step; a count is never wrong, however often it is made, and may be cut off anywhere."""

    def __init__(self, tallies: ResultTallyStore, *, places: Places, clock: Clock) -> None:
        self._tallies = tallies
        self._places = places
        self._clock = clock

    def run(self) -> int:
        """Count the parts that wait and return how many there were."""
        waiting = self._tallies.marked()
        by_campaign: dict[str, list[Marked]] = defaultdict(list)
        for one in waiting:
            by_campaign[one.campaign_id].append(one)
        for campaign_id, marked in by_campaign.items():
            for at in range(0, len(marked), PARTS_AT_ONCE):
                self._count(campaign_id, marked[at : at + PARTS_AT_ONCE])
        return len(waiting)

    def differences(self, campaign_id: str, part_ids: Iterable[str]) -> Iterator[tuple[str, Results, Results]]:
        """Yield `(part, stored, counted)` where they differ; parts that wait to be counted differ for now, not here."""
        stored = {one["part_id"]: one["results"] for one in self._tallies.read(campaign_id)}
        parts = sorted({*stored, *part_ids} - self._tallies.waiting(campaign_id))
        for at in range(0, len(parts), PARTS_AT_ONCE):
            for part_id, counted in self._tallies.count(campaign_id, parts[at : at + PARTS_AT_ONCE]).items():
                if stored.get(part_id, {}) != counted:
                    yield part_id, stored.get(part_id, {}), counted

    def again(self, campaign_id: str, part_ids: Iterable[str]) -> None:
        """Ask for another count of some parts, and make it."""
        self._tallies.mark((campaign_id, part_id) for part_id in part_ids)
        self.run()

    def _count(self, campaign_id: str, marked: list[Marked]) -> None:
        revs = {one.part_id: one.rev for one in marked}
        counted = self._tallies.count(campaign_id, list(revs))
        at = self._clock.now()
        counts = {self._place(part_id): (revs[part_id], results) for part_id, results in counted.items()}
        self._tallies.put(campaign_id, counts, at=at)

    def _place(self, part_id: str) -> Place:
        area = self._places.find(part_id)
        return Place(*area.path) if area is not None and area.kind == "part" else Place(part_id=part_id)
