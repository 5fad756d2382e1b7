"""Leasing addresses for batches: the database refuses what is held, the rules say what may be taken over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.store.batches.leases import LeaseStore, Wanted

Document = dict[str, Any]
# Given what is wanted and the leases as they are, returns what the rules allow to take over.
Allowed = Callable[[Sequence[Wanted], Mapping[str, Document]], Sequence[Wanted]]
Held = set[tuple[str, str]]


class Leasing:
    """Takes what can be had of some addresses."""

    def __init__(self, leases: LeaseStore) -> None:
        self._leases = leases

    def take(self, wanted: Sequence[Wanted], *, now: datetime, allowed: Allowed) -> Held:
        """Lease addresses and return the pairs of batch and address that are held now.

        One round trip when no address was ever leased, else four: insert, read what refused, take over, read back.
        """
        refused = self._leases.add(wanted)
        fresh = {(one.batch_id, one.key) for one in wanted if one.key not in refused}
        if not refused:
            return fresh
        seen = self._leases.by_keys(refused)
        offered = allowed([one for one in wanted if one.key in refused], seen)
        self._leases.take_over(offered, seen, now=now)
        after = self._leases.by_keys(one.key for one in offered)
        return fresh | {(one.batch_id, one.key) for one in offered if after[one.key].get("batch_id") == one.batch_id}

    def release(self, keys: Sequence[str], batch_id: str) -> None:
        """Free those addresses that the batch holds."""
        self._leases.release(keys, batch_id)
