"""The people who work here: what is known of them, and who may manage whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.domain.people.actor import Actor

STATES = ("invited", "active", "suspended")
# Roles whose work belongs to a district: its coordinator manages them.
DISTRICT_ROLES = frozenset({"coordinator", "volunteer"})
LOCALES = ("hi", "en")
_WIRE = ("id", "phone", "name", "role", "home_area", "daily_capacity", "locale", "state", "merged_into", "created_at")
_WIRE_LISTS = ("areas", "languages", "channels", "prioritised_tags", "excluded_tags")


@dataclass(frozen=True, kw_only=True)
class User:
    """A person on the roster; `home_area` (a district) says whose coordinator manages them."""

    id: str
    phone: str
    name: str
    role: str
    home_area: str | None
    areas: tuple[str, ...]
    languages: tuple[str, ...]
    channels: tuple[str, ...]
    daily_capacity: int | None
    locale: str
    state: str
    version: int
    created_at: datetime
    suspended_at: datetime | None = None
    prioritised_tags: tuple[str, ...] = ()
    excluded_tags: tuple[str, ...] = ()
    # Since when complaints keep this person from work.
    paused_at: datetime | None = None
    # Of a duplicate: who has their work now.
    merged_into: str | None = None


def profile(user: User) -> dict[str, Any]:
    """Return the person as the wire shows them."""
    facts = {name: getattr(user, name) for name in _WIRE}
    return {**facts, **{name: list(getattr(user, name)) for name in _WIRE_LISTS}}


def withheld(user: User) -> dict[str, Any]:
    """Return the person as a phone is shown them that is no longer theirs to read with: nothing but who works on it."""
    unsaid: dict[str, Any] = {**dict.fromkeys(_WIRE), **{name: [] for name in _WIRE_LISTS}}
    return {**unsaid, **{name: getattr(user, name) for name in ("id", "role", "state", "locale")}}


def manages(actor: Actor, *, role: str, home_area: str | None) -> bool:
    """Tell whether the actor may create and change people of this role and home: nobody above or beside themselves."""
    if actor.is_headquarters:
        return True
    return actor.role == "coordinator" and role == "volunteer" and sees(actor, home_area=home_area)


def sees(actor: Actor, *, home_area: str | None) -> bool:
    """Tell whether a person of this home is on the part of the roster that the actor sees."""
    return actor.is_headquarters or (home_area is not None and home_area == actor.home_area)
