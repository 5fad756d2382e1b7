"""The worker's step that keeps the standing surveys of large campaigns: a few parts at a time, the stale ones first."""

from __future__ import annotations

import time
from typing import Any

from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.contacts.standing_surveys import StandingSurveys
from services.domain.batches.cutting import slabs
from services.gateways.clock import Clock
from services.store.campaigns.campaigns import CampaignStore
from services.store.outcomes.target_tallies import TargetTallyStore

Document = dict[str, Any]
# So many targets are looked at together.
AT_ONCE = 1000
_SPELL_SECONDS = 1.0
_PAUSE_SECONDS = 5.0


class SurveyKeeping:
    """Counts what plans would otherwise walk; campaigns so small that a plan walks them at once are left out."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        tallies: TargetTallyStore,
        surveys: StandingSurveys,
        places: Places,
        rulebook: Rulebook,
        large: int,
        clock: Clock,
    ) -> None:
        self._campaigns = campaigns
        self._tallies = tallies
        self._surveys = surveys
        self._places = places
        self._rulebook = rulebook
        self._large = large
        self._clock = clock
        self._rests_until = 0.0

    def run(self) -> int:
        """Count for about a second, and return how many parts; 0 when all are fresh."""
        if time.monotonic() < self._rests_until:
            return 0
        enough = time.monotonic() + _SPELL_SECONDS
        counted = 0
        for campaign in self._campaigns.list_live():
            counted += self._campaign(campaign, enough)
            if time.monotonic() > enough:
                return counted
        self._rests_until = time.monotonic() + _PAUSE_SECONDS
        return counted

    def _campaign(self, campaign: Document, enough: float) -> int:
        numbers = self._tallies.numbers(campaign["_id"], by="part_id")
        if sum(numbers.values()) <= self._large:
            return 0
        now = self._clock.now()
        ruling = self._rulebook.about(campaign, now, controls=self._rulebook.controls())
        parts = [part for seat in campaign["constituencies"] for part in self._places.children(seat)]
        places = [(part.id, part.parent_id or "", numbers[part.id]) for part in parts if numbers.get(part.id)]
        counted = 0
        stale = self._surveys.stale(ruling, places, old=True)
        for some in slabs(stale, weight=lambda place: place[2], most=AT_ONCE):
            self._surveys.count(ruling, [(part_id, seat) for part_id, seat, _ in some])
            counted += len(some)
            if time.monotonic() > enough:
                break
        return counted
