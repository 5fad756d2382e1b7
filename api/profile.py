"""A person's own profile."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.preconditions import note_version
from schemas.people import ProfileIn, UserOut
from services.domain.people.actor import Actor
from services.domain.people.users import profile

resource = Resource("profile", __name__, description="Own profile")


@resource.operation("GET", "/me", verb="me.profile", answer=UserOut, versioned=True)
def get_profile(actor: Actor) -> dict[str, Any]:
    """Return the own profile."""
    user = services().roster.own(actor)
    note_version(user.version)
    return profile(user)


@resource.operation("PATCH", "/me", verb="me.profile", body=ProfileIn, answer=UserOut, versioned=True)
def change_profile(actor: Actor, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Change the own language, languages, channels or daily capacity."""
    user = services().roster.change_own(actor, body, version=if_match)
    note_version(user.version)
    return profile(user)
