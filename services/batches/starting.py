"""Where a claim starts: the rules as they are now, the volunteer's desk and the pools open to them, read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.batches.desk import Desk, Desks
from services.batches.pool_search import Search, pools_of
from services.campaigns.rulebook import Rulebook, Ruling, parse_controls
from services.domain.errors import NotFound
from services.domain.outcomes.outcomes import day_of
from services.domain.people.actor import Actor
from services.store.batches.looks import LookStore
from services.store.batches.pools import PoolStore

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
    """What is known when a claim begins; `seen` is the batch on the desk, `asked` are the pools that were read."""

    ruling: Ruling
    desk: Desk
    seen: str | None
    asked: frozenset[str]
    pools: Mapping[str, Document]


class Starting:
    """Reads starts. Which pools to read follows from the campaign as it was last seen: its seats hardly ever change."""

    def __init__(self, looks: LookStore, pools: PoolStore, *, desks: Desks, rulebook: Rulebook) -> None:
        self._looks = looks
        self._pools = pools
        self._desks = desks
        self._rulebook = rulebook
        self._last_seen: dict[str, Document] = {}

    def of(
        self, user_id: str, campaign_id: str, channel: str, *, place: str, now: datetime, who: Actor | None = None
    ) -> Start:
        """Return the start of a claim whose desk is `place` (one round trip), or raise NotFound.

        `who` is the volunteer as they signed in, from which it is guessed what pools will be wanted.
        """
        asked = self._likely(who, campaign_id, channel) if who is not None else []
        day = day_of(now)
        look = self._looks.of_volunteer(user_id, campaign_id, day=day, desk=place, pools=asked)
        if look is None or look.campaign is None:
            raise NotFound
        self._last_seen[campaign_id] = look.campaign
        ruling = self._rulebook.about(look.campaign, now, controls=parse_controls(look.controls))
        return Start(ruling, Desk(look.user, day, look.used), look.desk, frozenset(asked), look.pools)

    def pools(self, start: Start, search: Search) -> dict[str, Document]:
        """Return the pools of a search that exist: those of the start, or if others are wanted, read by themselves."""
        wanted = list(search.pools())
        if start.asked.issuperset(wanted):
            return {pool: start.pools[pool] for pool in wanted if pool in start.pools}
        return self._pools.read(wanted)

    def _likely(self, who: Actor, campaign_id: str, channel: str) -> Sequence[str]:
        campaign = self._last_seen.get(campaign_id)
        if campaign is None:
            return []
        return list(pools_of(campaign_id, channel, self._desks.seats(who, campaign), who.home_area))
