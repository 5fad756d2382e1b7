"""Refresh-token families: which generation may be used, which is a repeat, which ends the family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=30)
# How long a revoked session may still hand in the work that was done before.
UPLOAD_GRACE = timedelta(days=7)


# How a session may be over and still hand in finished work.
LOST = "lost"
HANDING_IN = frozenset({"revoked", LOST})


class Presented(Enum):
    """What a refresh token of some generation means, given the last one that was used."""

    FIRST_USE = "first_use"
    REPEATED = "repeated"
    REUSED = "reused"
    UNKNOWN = "unknown"


def judge(*, generation: int, last_used: int) -> Presented:
    """Tell whether a token is used first, repeated before its successor was, or reused after.

    A token is spent when its successor is first used, so a lost answer costs nobody the session.
    """
    if generation == last_used + 1:
        return Presented.FIRST_USE
    if generation == last_used and generation > 0:
        return Presented.REPEATED
    return Presented.REUSED if generation < last_used else Presented.UNKNOWN


class Standing(Enum):
    """What a session may do: all that its person may, hand in finished work, or nothing."""

    LIVE = "live"
    LIMITED = "limited"
    OVER = "over"


def standing(
    *, ended: Mapping[str, Any] | None, current: bool, suspended_at: datetime | None, now: datetime
) -> Standing:
    """Tell what a session may do.

    `ended` is the note that it is over (`kind`: `ended` by its person, `revoked`, or `lost` with its phone), `current`
    whether no password change came after it, `suspended_at` when its person was suspended.
    """
    if ended is not None:
        revoked = ended["kind"] in HANDING_IN and now < ended["at"] + UPLOAD_GRACE
        return Standing.LIMITED if revoked else Standing.OVER
    if not current:
        return Standing.OVER
    if suspended_at is not None:
        return Standing.LIMITED if now < suspended_at + UPLOAD_GRACE else Standing.OVER
    return Standing.LIVE


@dataclass(frozen=True, kw_only=True)
class SessionGrant:
    """What a sign-in or a refresh earns; the tokens are made from it and from nothing else."""

    user_id: str
    session_id: str
    token_version: int
    generation: int
    successor_issued_at: datetime
    limited: bool
    user: dict[str, Any]
