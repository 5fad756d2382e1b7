"""How many targets each part of a campaign has: counted from the targets, part by part, and kept as tallies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from services.campaigns.places import Places
from services.domain.contacts.contacts import Place
from services.gateways.clock import Clock
from services.store.contacts.targets import TargetStore
from services.store.outcomes.target_tallies import TargetTallyStore

_PARTS_AT_ONCE = 50


class TargetCounts:
    """Recounts what enrolment and undoing changed; a recount is never wrong, however often it is made."""

    def __init__(self, targets: TargetStore, tallies: TargetTallyStore, *, places: Places, clock: Clock) -> None:
        self._targets = targets
        self._tallies = tallies
        self._places = places
        self._clock = clock

    def recount(self, campaign: Mapping[str, Any], part_ids: Iterable[str]) -> int:
        """Count the targets of those of the parts anew that are the campaign's; return how many targets they have."""
        seats = set(campaign["constituencies"])
        known = self._places.tree()
        waiting = iter(sorted(one for one in part_ids if one in known and known[one].parent_id in seats))
        total = 0
        while some := list(islice(waiting, _PARTS_AT_ONCE)):
            counted = self._targets.count_by_part(campaign["_id"], some)
            counts = {Place(*known[part_id].path): number for part_id, number in counted.items()}
            self._tallies.put(campaign["_id"], counts, at=self._clock.now())
            total += sum(counted.values())
        return total
