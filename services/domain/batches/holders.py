"""The rule of who may hold a batch that they were given."""

from __future__ import annotations

from services.domain.people.users import User


def leaving(user: User, *, district_id: str | None) -> str | None:
    """Return why a person may not hold a batch they were given as one of a district, None when they may.

    A move takes all work back, also where the new district helps: who plans there decides what they get.
    """
    if user.merged_into is not None:
        return "merged"
    if user.state == "suspended":
        return "suspended"
    return "moved" if user.home_area != district_id else None
