"""How much a volunteer has in hand, beside what they may be shown until it is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from services.domain.batches.batches import ASSIGNED, Document

IDLE, FAIR, TOO_MUCH = BURDENS = ("idle", "fair", "too_much")
_A_DAY = timedelta(days=1)


class Load(NamedTuple):
    """Live batches of a volunteer, what is open in them, and what to call that."""

    batches: int
    unopened: int
    open_items: int
    callbacks: int
    due_at: datetime | None
    unopened_since: datetime | None
    burden: str


def load_of(batches: Sequence[Document], *, capacity: int, now: datetime) -> Load:
    """Return what live batches (without their items) amount to.

    Nothing open is idle; more than the days until the last of it is due allow at `capacity` a day is too much.
    """
    unopened = [batch for batch in batches if batch["state"] == ASSIGNED]
    open_items = sum(_open(batch) for batch in batches)
    due = [batch["due_at"] for batch in batches if _open(batch) and batch["due_at"]]
    days = max((ceil((at - now) / _A_DAY) for at in due), default=1)
    too_much = open_items > capacity * max(days, 1)
    return Load(
        batches=len(batches),
        unopened=len(unopened),
        open_items=open_items,
        callbacks=sum(batch["counts"]["callback"] for batch in batches),
        due_at=min(due, default=None),
        unopened_since=min((batch["assigned_at"] for batch in unopened), default=None),
        burden=TOO_MUCH if open_items and too_much else FAIR if open_items else IDLE,
    )


def _open(batch: Document) -> int:
    counts: dict[str, Any] = batch["counts"]
    return int(counts["ready"] + counts["callback"])
