"""A push while it waits: one row an installation, the lane it waits in, and what a try makes of it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from services.domain.push.push import SEND_AGAIN, Action, PushKind, SendResult, wait_s

Priority = Literal["normal", "high"]
# FCM keeps no message for longer.
LONGEST_LIFE = timedelta(days=28)
_LANES = 8
_SOON_S = 120
_FINE_S = 5
_COARSE_S = 60


@dataclass(frozen=True, kw_only=True)
class Push:
    """What one person is to be told; `cell` names the counters that follow its rows, `due_at` None means at once."""

    push_id: str
    kind: PushKind
    user_id: str
    expires_at: datetime
    task_id: str | None = None
    batch_id: str | None = None
    cell: str | None = None
    priority: Priority = "normal"
    collapse_key: str | None = None
    due_at: datetime | None = None


class Lane(NamedTuple):
    """A bucket of rows that become due together: reading it is one equality, so the head of the queue stays small."""

    id: str
    due: int
    urgent: bool


def row_id(push_id: str, device_id: str) -> str:
    """Return the id of a push's row for an installation: the same event makes the same row, however often."""
    return f"{push_id}.{device_id}"


def lane_of(row: str, *, priority: Priority, due_at: datetime | None, now: datetime) -> Lane:
    """Return the lane in which a row waits: one of a few that are always due, or one of its own due time."""
    urgent = priority == "high"
    name = f"{'h' if urgent else 'n'}{zlib.crc32(row.encode()) % _LANES}"
    if due_at is None or due_at <= now:
        return Lane(f"0.{name}", 0, urgent)
    step = _FINE_S if (due_at - now).total_seconds() <= _SOON_S else _COARSE_S
    due = math.ceil(due_at.timestamp() / step) * step
    return Lane(f"{due}.{name}", due, urgent)


def rows_of(push: Push, device_ids: Iterable[str], now: datetime) -> list[dict[str, Any]]:
    """Return one waiting row for each installation."""
    return [_row(push, device_id, now) for device_id in device_ids]


def _row(push: Push, device_id: str, now: datetime) -> dict[str, Any]:
    row = row_id(push.push_id, device_id)
    return {
        "_id": row,
        "push_id": push.push_id,
        "kind": push.kind,
        "user_id": push.user_id,
        "device_id": device_id,
        "task_id": push.task_id,
        "batch_id": push.batch_id,
        "cell": push.cell,
        "priority": push.priority,
        "collapse_key": push.collapse_key,
        "expires_at": min(push.expires_at, now + LONGEST_LIFE),
        "due_at": push.due_at or now,
        "lane": lane_of(row, priority=push.priority, due_at=push.due_at, now=now).id,
        "state": "waiting",
        "attempts": 0,
        "code": None,
        "created_at": now,
    }


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What becomes of a row: it waits until `due_at`, or it is over; `tried` counts an attempt."""

    state: Literal["waiting", "accepted", "failed", "dropped"]
    code: str
    due_at: datetime | None = None
    tried: bool = False


def fate_of(result: SendResult, row: dict[str, Any], *, now: datetime, jitter: float) -> Fate | None:
    """Return what a try makes of a row by the error table; None leaves it as it is, no attempt counted."""
    if result.action is Action.ACCEPTED:
        return Fate(state="accepted", code=result.code, tried=True)
    if result.action in {Action.BREAKER, Action.MISCONFIGURED, Action.THIRD_PARTY_AUTH}:
        return None
    if result.action not in SEND_AGAIN:
        return Fate(state="failed", code=result.code, tried=True)
    due_at = now + timedelta(seconds=wait_s(result, attempts=row["attempts"] + 1, jitter=jitter))
    if due_at >= row["expires_at"]:
        return Fate(state="failed", code=result.code, tried=True)
    return Fate(state="waiting", code=result.code, due_at=due_at, tried=True)
