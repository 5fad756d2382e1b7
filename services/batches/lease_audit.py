"""Numbers that nobody works on any more: found stretch by stretch of their keys, let go, and listed for the recount."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from services.domain.batches.batches import LIVE
from services.gateways.clock import Clock
from services.store.batches.batches import BatchStore
from services.store.batches.leases import LeaseStore

Document = dict[str, Any]
# The signs of a key in their order: two of them bound a stretch, so that no read grows with the collection's head.
_SIGNS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_STRETCHES = [f"{first}{second}" for first in _SIGNS for second in _SIGNS]
_AFTER_ALL = "~"
_AT_ONCE = 8
_PAUSE_SECONDS = 2.0
# A claim leases first and takes the batch then; it never needs as long as this in between.
_UNDER_WAY = timedelta(seconds=60)
_FIELDS = ("state", "assignee", "due_at", "pending", "forming_since", "items.address", "items.state")
_log = structlog.get_logger(__name__)


class Astray(NamedTuple):
    """A lease that is not as its batch says: to be let go, or (`user_id` set) held by another of its volunteers."""

    key: str
    batch_id: str
    user_id: str | None
    until: datetime | None


class LeaseAudit:
    """A slow walk over leases; whatever was killed between two writes, it leaves no number locked away."""

    def __init__(self, *, batches: BatchStore, leases: LeaseStore, clock: Clock) -> None:
        self._batches = batches
        self._leases = leases
        self._clock = clock
        self._at = 0
        self._rests_until = 0.0

    def run(self) -> int:
        """Look at the next few stretches, now and then; the worker's step. Return how many leases were mended."""
        if time.monotonic() < self._rests_until:
            return 0
        self._rests_until = time.monotonic() + _PAUSE_SECONDS
        mended = 0
        for _ in range(_AT_ONCE):
            mended += self._mend(self._astray(self._at))
            self._at = (self._at + 1) % len(_STRETCHES)
        return mended

    def all(self) -> int:
        """Look at every lease once, and return how many had to be mended."""
        return self._mend(list(self.find()))

    def find(self) -> Iterator[Astray]:
        """Yield every lease that is astray, and mend none."""
        found = [lease for lease in self._leases.walk() if lease.get("batch_id") is not None]
        for start in range(0, len(found), 1000):
            yield from self._compared(found[start : start + 1000])

    def _astray(self, at: int) -> list[Astray]:
        low = _STRETCHES[at] if at else ""
        high = _STRETCHES[at + 1] if at + 1 < len(_STRETCHES) else _AFTER_ALL
        return list(self._compared(self._leases.between(low, high)))

    def _compared(self, leases: Sequence[Document]) -> Iterator[Astray]:
        now = self._clock.now()
        held = [lease for lease in leases if lease["until"] > now and _is_settled(lease, now)]
        batches = self._batches.by_ids({lease["batch_id"] for lease in held}, fields=_FIELDS)
        for lease in held:
            batch = batches.get(lease["batch_id"])
            if batch is not None and (batch["pending"] or batch["forming_since"] is not None):
                continue  # somebody is at it
            if batch is None or not _works_on(batch, lease["_id"]):
                yield Astray(lease["_id"], lease["batch_id"], None, None)
            elif lease.get("user_id") != batch["assignee"]:
                yield Astray(lease["_id"], lease["batch_id"], batch["assignee"], batch["due_at"])

    def _mend(self, astray: Sequence[Astray]) -> int:
        for one in astray:
            if one.user_id is None or one.until is None:
                self._leases.release([one.key], one.batch_id)
            else:
                self._leases.hold_for([one.key], one.batch_id, user_id=one.user_id, until=one.until)
        if astray:
            _log.warning("numbers were held by nobody", numbers=len(astray))
        return len(astray)


def _is_settled(lease: Document, now: datetime) -> bool:
    at = lease.get("at")
    return at is None or at <= now - _UNDER_WAY


def _works_on(batch: Document, key: str) -> bool:
    """Tell whether a batch is in somebody's hands with this number in it."""
    return batch["state"] in LIVE and any(
        item["address"] == key and item["state"] != "returned" for item in batch["items"]
    )
