"""The volunteer's side of the rules: how many numbers they may still be shown today, and where they may work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from services.campaigns.campaigns import helps
from services.campaigns.places import Places
from services.campaigns.rulebook import Ruling
from services.domain.identifiers.channels import CALL
from services.domain.outcomes.outcomes import day_of
from services.domain.people.actor import Actor
from services.domain.people.users import User
from services.domain.rules.eligibility import Gate
from services.domain.rules.rules import Rules
from services.domain.rules.subject import VolunteerView
from services.store.batches.caps import CapStore
from services.store.people.users import UserStore

Document = dict[str, Any]


class Seat(NamedTuple):
    """A constituency that a volunteer may work in; `parts` names the only ones if not all are theirs."""

    id: str
    rank: int
    parts: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Desk:
    """A volunteer at work: who, and what of today's numbers is used up."""

    user: User
    day: str
    used: Mapping[str, int]

    def cap(self, rules: Rules, channel: str) -> int:
        """Return how many numbers may be shown on a day: the campaign's cap or the volunteer's own, the smaller."""
        own = self.user.daily_capacity
        cap = rules.daily_cap(channel)
        return cap if own is None else min(cap, own)

    def left(self, rules: Rules, channel: str) -> int:
        """Return how many numbers may still be shown today."""
        return self.cap(rules, channel) - self.used[kind_of(channel)]

    def view(self, rules: Rules, channel: str) -> VolunteerView:
        """Return the volunteer as the rules see them."""
        return VolunteerView(paused=self.user.paused_at is not None, cap_left=self.left(rules, channel))


def at_work(user: User) -> VolunteerView:
    """Return a volunteer as the rules see them where no new numbers are asked for."""
    return VolunteerView(paused=user.paused_at is not None)


class Desks:
    """Reads what the rules need to know of volunteers."""

    def __init__(self, users: UserStore, caps: CapStore, *, places: Places) -> None:
        self._users = users
        self._caps = caps
        self._places = places

    def of(self, user_id: str, now: datetime) -> Desk:
        """Return the desk of a volunteer (two round trips), or raise NotFound."""
        day = day_of(now)
        return Desk(self._users.get(user_id), day, self._caps.used(user_id, day))

    def left_today(self, actor: Actor, rulings: Mapping[str, Ruling], now: datetime) -> dict[str, Document]:
        """Return, by campaign, how many numbers the asking volunteer may still be shown today (one round trip)."""
        day = day_of(now)
        used = self._caps.used(actor.user_id, day)
        own = actor.daily_capacity
        left: dict[str, Document] = {}
        for key, ruling in rulings.items():
            caps = {"call": ruling.rules.daily.call, "message": ruling.rules.daily.message}
            mine = {kind: cap if own is None else min(cap, own) for kind, cap in caps.items()}
            left[key] = {"day": day, **{kind: max(cap - used[kind], 0) for kind, cap in mine.items()}}
        return left

    def seats(self, user: User | Actor, campaign: Mapping[str, Any]) -> list[Seat]:
        """Return where a volunteer may work: within their areas if they have some, else where their district helps."""
        found = []
        for seat_id in campaign["constituencies"]:
            path = self._places.get(seat_id).path
            if user.areas:
                parts = frozenset(area for area in user.areas if self._inside(area, seat_id))
                whole = any(area in path for area in user.areas)
                if whole or parts:
                    found.append(Seat(seat_id, 0, None if whole else parts))
            elif helps(campaign, user.home_area, seat_id):
                found.append(Seat(seat_id, 0 if user.home_area in path else 1, None))
        return sorted(found, key=lambda seat: seat.rank)

    def _inside(self, area_id: str, seat_id: str) -> bool:
        area = self._places.find(area_id)
        return area is not None and seat_id in area.path and area_id != seat_id


def kind_of(channel: str) -> str:
    """Return which of the day's caps a channel counts against."""
    return "call" if channel == CALL else "message"


def gate_for(ruling: Ruling, channel: str, now: datetime, volunteer: VolunteerView | None = None) -> Gate:
    """Return the rules' gate for a campaign and channel at a moment, with the template that is in use there."""
    return Gate(
        rules=ruling.rules,
        controls=ruling.controls,
        campaign=ruling.view,
        channel=channel,
        now=now,
        volunteer=volunteer,
        template=ruling.template_of(ruling, channel, now),
        rules_until=ruling.next_version_at,
    )
