"""Refresh-token families: which generation may be used, which is a repeat, which ends the family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

UPLOAD_GRACE = timedelta(days=7)


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
