"""Keeping volunteers supplied: where a campaign wishes it, each active one has an open batch, within caps and rules."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import structlog

from services.batches.claiming import Claiming
from services.campaigns.campaigns import helping_districts
from services.campaigns.places import Places
from services.domain.batches.batches import EXPIRED, LIVE
from services.domain.errors import BlockedByRule, DomainError, NotFound, Unavailable
from services.domain.people.actor import Actor
from services.domain.people.users import User
from services.store.batches.batches import BatchStore
from services.store.campaigns.campaigns import CampaignStore
from services.store.people.users import UserStore

Document = dict[str, Any]
_AT_ONCE = 100
_PAUSE_SECONDS = 15.0
# Who the audit trail names as having claimed.
BY = Actor(user_id="auto_refill", role="system", session_id="auto_refill")
_OWN_REASONS = frozenset({"volunteer_cap", "volunteer_paused"})
_log = structlog.get_logger(__name__)


class Refilling:
    """Claims for those who have nothing open, as they would themselves: two workers at it give one batch."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        users: UserStore,
        batches: BatchStore,
        claiming: Claiming,
        places: Places,
    ) -> None:
        self._campaigns = campaigns
        self._users = users
        self._batches = batches
        self._claiming = claiming
        self._places = places
        self._round: Iterator[int] = iter(())
        self._rests_until = 0.0

    def run(self) -> int:
        """Supply the next hundred volunteers; the worker's step. Return how many batches were given."""
        if time.monotonic() < self._rests_until:
            return 0
        for given in self._round:
            if given:
                return given
        self._round = self._all()
        self._rests_until = time.monotonic() + _PAUSE_SECONDS
        return 0

    def all(self) -> int:
        """Supply everybody once; return how many batches were given."""
        return sum(self._all())

    def _all(self) -> Iterator[int]:
        for campaign in self._campaigns.list_live():
            if campaign.get("auto_refill") and campaign["state"] == "active":
                for district in self._districts(campaign):
                    yield from self._district(campaign, district)

    def _districts(self, campaign: Document) -> list[str]:
        lists = [helping_districts(campaign, seat) for seat in campaign["constituencies"]]
        if any(helpers is None for helpers in lists):
            return self._places.district_ids()
        return sorted({district for helpers in lists for district in helpers or ()})

    def _district(self, campaign: Document, district: str) -> Iterator[int]:
        filters = {"role": "volunteer", "state": "active", "home_area": district}
        after: str | None = None
        while users := self._users.list_page(filters=filters, words=(), phone=None, after=after, limit=_AT_ONCE):
            after = users[-1].id
            busy = self._busy([user.id for user in users])
            given, exhausted = 0, False
            for user in (user for user in users if user.id not in busy):
                # Those without areas of their own share the district's pools: what one finds empty all do.
                if exhausted and not user.areas:
                    continue
                got = self._supply(campaign, user)
                given += got is True
                exhausted = exhausted or (got is False and not user.areas)
            yield given
            if len(users) < _AT_ONCE:
                return

    def _busy(self, user_ids: list[str]) -> set[str]:
        """Return who has open work of any campaign: a volunteer is kept at one open batch in all."""
        held = self._batches.of_assignees(None, user_ids, LIVE)
        return {batch["assignee"] for batch in held if batch["counts"]["ready"] + batch["counts"]["callback"]}

    def _supply(self, campaign: Document, user: User) -> bool | None:
        """Tell whether a volunteer got a batch; False when nobody of the district would, None for reasons of theirs."""
        channel = next((one for one in campaign["channels"] if not user.channels or one in user.channels), None)
        if channel is None or self._ignored_the_last(user, campaign, channel):
            return None
        actor = Actor(user_id=user.id, role=user.role, session_id=BY.session_id, home_area=user.home_area)
        try:
            _, _, is_new = self._claiming.claim(actor, campaign["_id"], channel, by=BY)
        except BlockedByRule as blocked:
            return None if _OWN_REASONS & set(blocked.reasons) else False
        except NotFound:
            return False
        except Unavailable:
            return None
        except DomainError as error:
            _log.warning("nothing could be given", campaign=campaign["_id"], user=user.id, code=error.code)
            return None
        return is_new or None

    def _ignored_the_last(self, user: User, campaign: Document, channel: str) -> bool:
        """Tell whether the last batch expired unopened: who does not look gets no more until they ask."""
        last = self._claiming.last_of(user.id, campaign["_id"], channel)
        return last is not None and last["state"] == EXPIRED and last["opened_at"] is None
