"""What a plan asks for, read against the campaign and the roster: which parts, which volunteers, how large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.audiences.membership import Membership, Memberships
from services.campaigns.campaigns import helping_districts, helps
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook, Ruling
from services.domain.areas import Area
from services.domain.batches.shares import Place, Volunteer, marks_of
from services.domain.errors import Invalid
from services.domain.people.actor import Actor
from services.domain.people.users import User
from services.store.outcomes.target_tallies import TargetTallyStore
from services.store.people.users import UserStore

Document = dict[str, Any]
_USER_IDS, _AREA = "assign.user_ids", "assign.area"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A plan's request understood: `parts` are those that have targets, with how many."""

    request: Document
    ruling: Ruling
    parts: tuple[tuple[str, str, int], ...]
    volunteers: tuple[Volunteer, ...]
    pool_district: str | None
    size: int
    notes: tuple[Document, ...]
    places: Places
    audience: Membership | None = None

    @property
    def targets(self) -> int:
        """How many targets lie in the parts."""
        return sum(number for _, _, number in self.parts)

    @property
    def marks(self) -> frozenset[str]:
        """The tags that decide who gets whom; a column that decides leaves no room for them."""
        return frozenset() if self.request["assign"]["strategy"] == "column" else marks_of(self.volunteers)

    def place_of(self, part_id: str) -> Place:
        """Return where a part lies and who helps there."""
        area = self.places.get(part_id)
        seat_id, district_id = _upward(area, self.places)
        return Place(area.path, seat_id, district_id, helping_districts(self.ruling.campaign, seat_id))


class PlanRequests:
    """Understands requests, or says which field is wrong."""

    def __init__(
        self,
        *,
        users: UserStore,
        tallies: TargetTallyStore,
        audiences: Memberships,
        places: Places,
        rulebook: Rulebook,
    ) -> None:
        self._users = users
        self._tallies = tallies
        self._audiences = audiences
        self._places = places
        self._rulebook = rulebook

    def understand(self, actor: Actor, request: Document, now: datetime) -> Task:
        """Return the task; raise NotFound for an unknown campaign, Invalid for anything that does not fit it."""
        ruling = self._rulebook.of(request["campaign_id"], now)
        channel = request["channel"]
        if channel not in ruling.campaign["channels"]:
            raise Invalid(channel="channel_not_in_campaign")
        audience = self._audience(actor, request)
        if request["due_at"] is not None and request["due_at"] <= now:
            raise Invalid(due_at="not_in_future")
        seats = self._seats(actor, ruling.campaign)
        users, district = self._receivers(actor, request["assign"], ruling.campaign, seats)
        theirs = [user for user in users if not user.channels or channel in user.channels]
        resting = frozenset(user.id for user in theirs if user.paused_at is not None)
        able = {user.id: user for user in theirs if user.id not in resting}
        if users and not able:
            raise Invalid(**{_USER_IDS: "volunteer_paused" if resting else "channel_not_theirs"})
        return Task(
            request=request,
            ruling=ruling,
            parts=tuple(self._parts(request, seats, audience)),
            volunteers=tuple(_volunteer(user, ruling.rules.daily_cap(channel)) for user in able.values()),
            pool_district=district,
            size=request["size"] or ruling.rules.batch_size,
            notes=tuple(_left_out(user, resting) for user in users if user.id not in able),
            places=self._places,
            audience=audience,
        )

    def _seats(self, actor: Actor, campaign: Mapping[str, Any]) -> list[str]:
        """Return the seats that the actor may plan in: headquarters all, a coordinator where the district helps."""
        seats: list[str] = campaign["constituencies"]
        return [seat for seat in seats if actor.is_headquarters or helps(campaign, actor.home_area, seat)]

    def _audience(self, actor: Actor, request: Document) -> Membership | None:
        if request["audience_id"] is None:
            return None
        district = None if actor.is_headquarters else actor.home_area
        found = self._audiences.find(request["audience_id"], campaign_id=request["campaign_id"], district_id=district)
        if found is None:
            raise Invalid(audience_id="audience_unknown")
        return found

    def _parts(
        self, request: Document, seats: Sequence[str], audience: Membership | None
    ) -> list[tuple[str, str, int]]:
        numbers = self._tallies.numbers(request["campaign_id"], by="part_id")
        area = request["area"]
        parts = [part for seat in seats for part in self._places.children(seat)]
        inside = [part for part in parts if area is None or area in part.path]
        if area is not None and not inside:
            raise Invalid(area="area_not_in_campaign")
        covered = [part for part in inside if audience is None or audience.covers(part.path)]
        return [(part.id, part.parent_id or "", numbers[part.id]) for part in covered if numbers.get(part.id)]

    def _receivers(
        self, actor: Actor, assign: Document, campaign: Mapping[str, Any], seats: Sequence[str]
    ) -> tuple[list[User], str | None]:
        """Return the volunteers named by the request, or the one district that a pool is open to."""
        mode, area = assign["mode"], assign["area"]
        if mode == "volunteers":
            return self._named(actor, assign["user_ids"] or []), None
        if assign["user_ids"]:
            # Whoever names people and says pool means one of the two: nobody guesses which.
            raise Invalid(**{_USER_IDS: "only_for_volunteers"})
        if mode == "district" or area is not None:
            self._places.require([area] if area else [""], field=_AREA, kinds=frozenset({"district"}))
            if not actor.is_headquarters and area != actor.home_area:
                raise Invalid(**{_AREA: "area_not_yours"})
        if mode == "pool":
            if area is not None and not any(helps(campaign, area, seat) for seat in seats):
                raise Invalid(**{_AREA: "district_does_not_help"})
            return [], area
        found = self._users.select(roles=["volunteer"], home_areas=[area])
        if not found:
            raise Invalid(**{_AREA: "no_volunteers"})
        return found, None

    def _named(self, actor: Actor, user_ids: Sequence[str]) -> list[User]:
        if not user_ids:
            raise Invalid(**{_USER_IDS: "required"})
        known = self._users.by_ids(user_ids)
        found = [known[user_id] for user_id in dict.fromkeys(user_ids) if user_id in known]
        mine = [user for user in found if actor.is_headquarters or user.home_area == actor.home_area]
        if len(mine) < len(set(user_ids)) or any(user.role != "volunteer" for user in mine):
            raise Invalid(**{_USER_IDS: "user_unknown"})
        if any(user.state != "active" for user in mine):
            raise Invalid(**{_USER_IDS: "user_not_active"})
        return mine


def _left_out(user: User, resting: frozenset[str]) -> Document:
    """Return the warning about a volunteer who gets nothing."""
    return {"code": "volunteer_paused" if user.id in resting else "channel_not_theirs", "user_id": user.id}


def _volunteer(user: User, cap: int) -> Volunteer:
    capacity = cap if user.daily_capacity is None else min(cap, user.daily_capacity)
    tags = frozenset(user.prioritised_tags), frozenset(user.excluded_tags)
    return Volunteer(user.id, user.home_area, user.areas, user.languages, capacity, *tags)


def _upward(part: Area, places: Places) -> tuple[str, str | None]:
    """Return the constituency and the district above a part."""
    kinds = {area.kind: area.id for area in (places.find(area_id) for area_id in part.path) if area is not None}
    return kinds["constituency"], kinds.get("district")
