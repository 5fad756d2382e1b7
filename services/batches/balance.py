"""Who has too much and who idles: volunteers of a district or the state with what they have in hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.batches.desk import kind_of
from services.campaigns.campaigns import helps
from services.campaigns.rulebook import Rulebook, Ruling
from services.domain.batches.batches import LIVE
from services.domain.batches.load import load_of
from services.domain.outcomes.outcomes import day_of
from services.domain.paging import Page, PageRequest, cursor_of
from services.domain.people.actor import Actor
from services.domain.people.users import User
from services.gateways.clock import Clock
from services.store.batches.batches import BatchStore
from services.store.batches.caps import CapStore
from services.store.people.users import UserStore

Document = dict[str, Any]
# A page that looks for the idle alone walks on past the others, so far and no farther.
_WALKED = 5


class Balance:
    """Reads volunteers page by page; what they have is read for a page at once."""

    def __init__(
        self, *, users: UserStore, batches: BatchStore, caps: CapStore, rulebook: Rulebook, clock: Clock
    ) -> None:
        self._users = users
        self._batches = batches
        self._caps = caps
        self._rulebook = rulebook
        self._clock = clock

    def list_page(
        self, actor: Actor, page: PageRequest, *, campaign_id: str, area: str | None, burden: str | None
    ) -> tuple[Page[Document], datetime]:
        """Return active volunteers with their load in a campaign, and as of when.

        A page that asks for one burden may be shorter than its limit and yet not be the last.
        """
        now = self._clock.now()
        ruling = self._rulebook.of(campaign_id, now)
        district = area if actor.is_headquarters else actor.home_area
        filters = {"role": "volunteer", "state": "active"} | ({"home_area": district} if district else {})
        found: list[Document] = []
        after, more = page.after_text(), True
        for _ in range(_WALKED):
            users = self._users.list_page(filters=filters, words=(), phone=None, after=after, limit=page.limit + 1)
            rows = self._rows(users[: page.limit], ruling, now)
            fitting = [row for row in rows if burden is None or row["burden"] == burden]
            taken = fitting[: page.limit - len(found)]
            found += taken
            full = len(taken) < len(fitting)
            after = taken[-1]["user_id"] if full else rows[-1]["user_id"] if rows else after
            more = full or len(users) > page.limit
            if not more or len(found) == page.limit:
                break
        return Page(found, cursor_of(after) if more and after else None), now

    def _rows(self, users: list[User], ruling: Ruling, now: datetime) -> list[Document]:
        ids = [user.id for user in users]
        held: dict[str, list[Document]] = {user_id: [] for user_id in ids}
        for batch in self._batches.of_assignees(ruling.campaign["_id"], ids, LIVE):
            held[batch["assignee"]].append(batch)
        used = self._caps.used_by(ids, day_of(now))
        return [_row(user, held[user.id], used.get(user.id, {}), ruling, now) for user in users]


def _row(user: User, batches: list[Document], used: Document, ruling: Ruling, now: datetime) -> Document:
    channels = [channel for channel in ruling.campaign["channels"] if not user.channels or channel in user.channels]
    cap = max((ruling.rules.daily_cap(channel) for channel in channels), default=0)
    capacity = cap if user.daily_capacity is None else min(cap, user.daily_capacity)
    shown = {kind: used.get(kind, 0) for kind in dict.fromkeys(kind_of(channel) for channel in channels)}
    return {
        "user_id": user.id,
        "name": user.name,
        "home_area": user.home_area,
        "helps": any(helps(ruling.campaign, user.home_area, seat) for seat in ruling.campaign["constituencies"]),
        "capacity": capacity,
        "shown_today": sum(shown.values()),
        **load_of(batches, capacity=capacity, now=now)._asdict(),
    }
