"""People who move to another district, leave, or are on the roster twice: their open work goes with a decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from services.campaigns.places import Places
from services.domain.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from services.domain.people.actor import Actor
from services.domain.people.users import User, manages
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.people.roster import Roster, TakeBack
from services.store.people.users import UserStore

_TRIES = 5

# Gives an actor's volunteer's live batches to another and tells how many.
HandOver = Callable[[Actor, str, str], int]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """The person as they are now, and where their open batches went."""

    user: User
    handed_over: int
    returned: int


class Moving:
    """Each step may be done again: what was handed over or returned before is not there any more."""

    def __init__(
        self,
        users: UserStore,
        roster: Roster,
        *,
        places: Places,
        hand_over: HandOver,
        take_back: TakeBack,
        clock: Clock,
        audit: Audit,
    ) -> None:
        self._users = users
        self._roster = roster
        self._places = places
        self._hand_over = hand_over
        self._take_back = take_back
        self._clock = clock
        self._audit = audit

    def move(
        self, actor: Actor, user_id: str, *, home_area: str, hand_over_to: str | None, version: int | None
    ) -> Moved:
        """Move a person to another district; their open work goes to a colleague, the rest of it to the pool."""
        before = self._roster.manageable(actor, user_id)
        if version is not None and version != before.version:
            raise StaleVersion
        # All that may be refused is asked before any work goes.
        self._places.require([home_area], field="home_area", kinds=frozenset({"district"}))
        if not manages(actor, role=before.role, home_area=home_area):
            raise Forbidden
        handed = self._give(actor, user_id, hand_over_to)
        # Before the change, which takes back as well, so that the answer can tell how many it was.
        returned = self._take_back(user_id, "moved")
        user = before
        if before.home_area != home_area:
            user = self._roster.change(actor, user_id, {"home_area": home_area}, version=version)
        return Moved(user=user, handed_over=handed, returned=returned)

    def suspend(self, actor: Actor, user_id: str, *, hand_over_to: str | None, version: int | None) -> User:
        """Suspend a person; their open work goes to a colleague, the rest of it to the pool."""
        if user_id == actor.user_id:
            raise Conflict("own_account")
        before = self._roster.manageable(actor, user_id)
        if version is not None and version != before.version:
            raise StaleVersion
        self._give(actor, user_id, hand_over_to)
        return self._roster.suspend(actor, user_id, version=version)

    def merge(self, actor: Actor, user_id: str, duplicate_id: str, *, version: int | None) -> Moved:
        """Let a duplicate be over: its open work, places, languages and channels become the person's who stays.

        What the duplicate has done stays under its own id, as evidence; its phones may hand in work for seven days.
        """
        kept, duplicate = self._ended(actor, user_id, duplicate_id, version=version)
        handed = self._hand_over(actor, duplicate_id, user_id) if kept.role == "volunteer" else 0
        returned = self._take_back(duplicate_id, "merged")
        facts = {name: (*getattr(kept, name), *getattr(duplicate, name)) for name in ("languages", "channels")}
        # No areas means everywhere, which is more than any list.
        facts["areas"] = (*kept.areas, *duplicate.areas) if kept.areas and duplicate.areas else kept.areas
        joined = {name: tuple(dict.fromkeys(values)) for name, values in facts.items()}
        changed: dict[str, Any] = {name: values for name, values in joined.items() if values != getattr(kept, name)}
        user = self._roster.change(actor, user_id, changed, version=None) if changed else kept
        return Moved(user=user, handed_over=handed, returned=returned)

    def _ended(self, actor: Actor, user_id: str, duplicate_id: str, *, version: int | None) -> tuple[User, User]:
        """End the duplicate unless it is over, and return who stays and the duplicate as it was.

        Both are read first; then who stays goes up a version, and then the duplicate ends, each only if it still is
        as it was read. Of two merges crosswise, whichever writes second finds one of its two people changed.
        """
        for _ in range(_TRIES):
            kept = self._roster.manageable(actor, user_id)
            if version is not None and version != kept.version:
                raise StaleVersion
            duplicate = self._duplicate(actor, duplicate_id, kept)
            if duplicate.merged_into is not None:
                return kept, duplicate
            stays = replace(kept, version=kept.version + 1)
            if not self._users.replace(stays, was=kept):
                continue
            if self._end(actor, duplicate, stays):
                return stays, duplicate
            # The version that was asked for is the one that we have just gone up from.
            version = stays.version if version is not None else None
        raise StaleVersion

    def _duplicate(self, actor: Actor, duplicate_id: str, kept: User) -> User:
        try:
            duplicate = self._roster.manageable(actor, duplicate_id)
        except NotFound as error:
            raise Invalid(duplicate_id="user_unknown") from error
        if duplicate.id in {kept.id, actor.user_id} or duplicate.role != kept.role:
            raise Conflict("state_conflict")
        if kept.state == "suspended" or duplicate.merged_into not in {None, kept.id}:
            raise Conflict("state_conflict")
        return duplicate

    def _end(self, actor: Actor, duplicate: User, kept: User) -> bool:
        over = replace(
            duplicate,
            state="suspended",
            suspended_at=self._clock.now(),
            merged_into=kept.id,
            version=duplicate.version + 1,
        )
        if not self._users.replace(over, was=duplicate):
            return False
        self._users.uninvite(duplicate.id)
        self._audit.record(actor, "user.merge", subject=f"user:{kept.id}", duplicate=duplicate.id)
        return True

    def _give(self, actor: Actor, user_id: str, to: str | None) -> int:
        if to is None:
            return 0
        receiver = self._users.find(to)
        if receiver is None or to == user_id or receiver.role != "volunteer":
            raise Invalid(hand_over_to="user_unknown")
        if not actor.is_headquarters and receiver.home_area != actor.home_area:
            raise Invalid(hand_over_to="user_unknown")
        if receiver.state != "active":
            raise Invalid(hand_over_to="user_not_active")
        return self._hand_over(actor, user_id, to)
