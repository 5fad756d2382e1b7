"""The roster: who works here, in which role, from which district; who may see and change whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.campaigns.places import Places
from services.domain.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from services.domain.identifiers.phones import parse_phones
from services.domain.ids import new_id
from services.domain.paging import Page, PageRequest, page_of
from services.domain.people.actor import Actor
from services.domain.people.adults import AGE_FIELDS, require_adult
from services.domain.people.users import DISTRICT_ROLES, User, manages, sees
from services.domain.text import clean, tokens
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.people.passwords import Passwords
from services.store.people.users import UserStore

_DISTRICT = frozenset({"district"})
_LISTS = ("areas", "languages", "channels", "prioritised_tags", "excluded_tags")
_TRIES = 5

# Returns the live work of a person who works no more, for a reason, and tells how many batches it was.
TakeBack = Callable[[str, str], int]


class Roster:
    """People by id and filter, within what the actor sees; everybody else's people are not there."""

    def __init__(
        self,
        store: UserStore,
        *,
        places: Places,
        passwords: Passwords,
        take_back: TakeBack,
        clock: Clock,
        audit: Audit,
    ) -> None:
        self._store = store
        self._places = places
        self._passwords = passwords
        self._take_back = take_back
        self._clock = clock
        self._audit = audit

    def list_page(
        self, actor: Actor, page: PageRequest, *, filters: Mapping[str, str | None], text: str | None
    ) -> Page[User]:
        """Return people by role, home_area and state, and by words of a name, or how they begin, or a phone."""
        wanted = {name: value for name, value in filters.items() if value is not None}
        if not actor.is_headquarters:
            if actor.home_area is None or wanted.get("home_area", actor.home_area) != actor.home_area:
                return Page([])
            wanted["home_area"] = actor.home_area
        numbers = parse_phones(text).numbers if text else ()
        words = [] if numbers or not text else tokens(text)
        if text and not numbers and not words:
            return Page([])
        found = self._store.list_page(
            filters=wanted,
            words=words,
            phone=numbers[0].e164 if numbers else None,
            after=page.after_text(),
            limit=page.limit + 1,
        )
        return page_of(found, page, lambda user: (user.id,))

    def get(self, actor: Actor, user_id: str) -> User:
        """Return a person that the actor sees, or raise NotFound."""
        user = self._store.get(user_id)
        if not sees(actor, home_area=user.home_area):
            raise NotFound
        return user

    def manageable(self, actor: Actor, user_id: str) -> User:
        """Return a person that the actor may change, or raise NotFound, or Forbidden for one they only see."""
        user = self.get(actor, user_id)
        if not manages(actor, role=user.role, home_area=user.home_area):
            raise Forbidden
        return user

    def create(self, actor: Actor, facts: Mapping[str, Any], *, mark: Mapping[str, Any] | None = None) -> User:
        """Enrol a person, who is invited until they have signed in; raise Conflict("phone_taken").

        A coordinator's are of the own district unless it is said. `mark` says which row of which sheet did it.
        """
        home = {} if actor.is_headquarters else {"home_area": actor.home_area}
        user = self._new({**home, **facts}, state="invited")
        if not manages(actor, role=user.role, home_area=user.home_area):
            raise Forbidden
        self._store.insert(user, mark={**mark, "as": "created"} if mark else None)
        self._audit.record(actor, "user.create", subject=f"user:{user.id}", role=user.role, home_area=user.home_area)
        return user

    def create_headquarters(self, *, phone: str, name: str, password: str) -> tuple[User, bool]:
        """Enrol somebody of headquarters who can sign in at once, unless the phone is known; tell which it was."""
        known = self._store.find_by_phone(phone)
        if known is not None:
            return known, False
        user = self._new({"phone": phone, "name": name, "role": "hq_admin"}, state="active")
        self._passwords.require_strong(password, phone=phone, name=name, field="password")
        try:
            self._store.insert(user, password_hash=self._passwords.hash(password))
        except Conflict:
            # Another process was faster.
            return self._store.find_by_phone(phone) or user, False
        self._audit.record(None, "user.create", subject=f"user:{user.id}", role=user.role, by="cli")
        return user, True

    def change(
        self,
        actor: Actor,
        user_id: str,
        facts: Mapping[str, Any],
        *,
        version: int | None,
        mark: Mapping[str, Any] | None = None,
    ) -> User:
        """Change a person; raise StaleVersion when `version` is given and is not theirs any more."""
        for _ in range(_TRIES):
            before = self.manageable(actor, user_id)
            if version is not None and before.version != version:
                raise StaleVersion
            after = self._changed(before, facts)
            self._require_may_change(actor, before, after)
            if self._store.replace(after, was=before, mark={**mark, "as": "updated"} if mark else None):
                self._record_change(actor, before, after)
                if (before.role, before.home_area) != (after.role, after.home_area):
                    self._take_back(user_id, "moved")
                return after
        raise StaleVersion

    def suspend(self, actor: Actor, user_id: str, *, version: int | None) -> User:
        """Stop a person's work: from the next request on they can only hand in what is finished, for seven days."""
        if user_id == actor.user_id:
            raise Conflict("own_account")
        suspended = self._move(actor, user_id, to="suspended", version=version)
        # Also for one who is suspended already: should we have been killed here, the next call returns the work.
        self._take_back(user_id, "suspended")
        return suspended

    def activate(self, actor: Actor, user_id: str, *, version: int | None) -> User:
        """Let a suspended person work again."""
        return self._move(actor, user_id, to="active", version=version)

    def change_own(self, actor: Actor, facts: Mapping[str, Any], *, version: int | None) -> User:
        """Change what everybody may change about themselves."""
        for _ in range(_TRIES):
            before = self._store.get(actor.user_id)
            if version is not None and before.version != version:
                raise StaleVersion
            after = self._changed(before, facts)
            if self._store.replace(after, was=before):
                return after
        raise StaleVersion

    def own(self, actor: Actor) -> User:
        """Return the actor's own entry."""
        return self._store.get(actor.user_id)

    def _move(self, actor: Actor, user_id: str, *, to: str, version: int | None) -> User:
        for _ in range(_TRIES):
            before = self.manageable(actor, user_id)
            if version is not None and before.version != version:
                raise StaleVersion
            if before.merged_into is not None and to == "active":
                raise Conflict("state_conflict")
            if before.state == to or (to == "active" and before.state == "invited"):
                return before
            suspended_at = self._clock.now() if to == "suspended" else None
            # Somebody who has never signed in goes back to being invited.
            state = "invited" if to == "active" and not self._store.has_secret(user_id) else to
            after = replace(before, state=state, suspended_at=suspended_at, version=before.version + 1)
            if self._store.replace(after, was=before):
                action = "user.suspend" if to == "suspended" else "user.activate"
                self._audit.record(actor, action, subject=f"user:{user_id}")
                return after
        raise StaleVersion

    def _new(self, facts: Mapping[str, Any], *, state: str) -> User:
        blank = User(
            id=new_id(),
            phone="",
            name="",
            role="",
            home_area=None,
            areas=(),
            languages=(),
            channels=(),
            daily_capacity=None,
            locale="hi",
            state=state,
            version=0,
            created_at=self._clock.now(),
        )
        return self._changed(blank, facts)

    def _changed(self, before: User, facts: Mapping[str, Any]) -> User:
        require_adult(facts, self._clock.now())
        told = {name: value for name, value in facts.items() if name not in AGE_FIELDS}
        values: dict[str, Any] = {
            name: tuple(dict.fromkeys(value)) if name in _LISTS else value for name, value in told.items()
        }
        if "name" in values:
            values["name"] = clean(values["name"])
        after = replace(before, **values, version=before.version + 1)
        if not tokens(after.name):
            raise Invalid(name="name_invalid" if "name" in facts else "required")
        if after.role in DISTRICT_ROLES and after.home_area is None:
            raise Invalid(home_area="required")
        if "home_area" in facts and after.home_area is not None:
            self._places.require([after.home_area], field="home_area", kinds=_DISTRICT)
        if "areas" in facts:
            self._places.require(after.areas, field="areas")
        return after

    def _require_may_change(self, actor: Actor, before: User, after: User) -> None:
        if not manages(actor, role=after.role, home_area=after.home_area):
            raise Forbidden
        if before.id == actor.user_id and after.role != before.role:
            raise Conflict("own_account")

    def _record_change(self, actor: Actor, before: User, after: User) -> None:
        changed: Sequence[str] = [name for name in _RECORDED if getattr(before, name) != getattr(after, name)]
        facts: dict[str, Any] = {"changed": changed}
        if before.role != after.role:
            facts |= {"role_before": before.role, "role_after": after.role}
        if before.home_area != after.home_area:
            facts |= {"home_before": before.home_area, "home_after": after.home_area}
        self._audit.record(actor, "user.change", subject=f"user:{after.id}", **facts)


_RECORDED = (
    "phone",
    "name",
    "role",
    "home_area",
    "areas",
    "languages",
    "channels",
    "daily_capacity",
    "locale",
    "prioritised_tags",
    "excluded_tags",
)
