"""Work that leaves a batch: who closes it, and where its unworked items, numbers and targets go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.domain.batches.batches import pool_key, pool_of, target_ids
from services.domain.batches.changes import closing, successor
from services.domain.errors import Unavailable
from services.gateways.clock import Clock
from services.store.batches.batches import BatchStore
from services.store.batches.leases import LeaseStore
from services.store.batches.pools import PoolStore
from services.store.batches.surveys import SurveyStore
from services.store.batches.target_marks import TargetMarkStore

Document = dict[str, Any]
Check = Callable[[Document], None]
_TRIES = 8


class Returning:
    """Closes batches and draws the consequences, which may be drawn again without harm."""

    def __init__(
        self,
        *,
        batches: BatchStore,
        leases: LeaseStore,
        marks: TargetMarkStore,
        pools: PoolStore,
        surveys: SurveyStore,
        clock: Clock,
    ) -> None:
        self._batches = batches
        self._leases = leases
        self._marks = marks
        self._pools = pools
        self._surveys = surveys
        self._clock = clock

    def close(self, batch_id: str, kind: str, *, check: Check, **how: Any) -> tuple[Document, Document]:
        """Close a batch that passes `check` (which raises otherwise) and return it with the event that closed it.

        `how` goes to `closing`. The items are in a pool when this returns; after a kill the worker sees to it.
        """
        for _ in range(_TRIES):
            batch = self._batches.get(batch_id)
            check(batch)
            changes = closing(batch, kind, at=self._clock.now(), **how)
            closed = self._batches.swap(batch, changes)
            if closed is not None:
                passed = closed["events"][-1]
                self.apply_returned(closed, passed)
                return closed, passed
        raise Unavailable("busy")

    def apply_returned(self, batch: Document, event: Mapping[str, Any]) -> None:
        """Free the numbers of the items that an event passes on, and put them into the next batch.

        Numbers first: a claim that is faster than us would find them held. The batch goes before its place in the
        pool is named, because a name with nothing behind it is taken away.
        """
        going, freed = event["items"], event["freed"]
        self._leases.release([item["address"] for item in [*going, *freed] if item["address"]], batch["_id"])
        self._marks.free(target_ids(batch, freed), from_batch=batch["_id"])
        if freed:
            places = {(item["part_id"], item["constituency_id"]) for item in batch["items"]}
            self._surveys.touch(batch["campaign_id"], places)
        if going:
            made = successor(batch, dict(event))
            self._marks.move(target_ids(batch, going), from_batch=batch["_id"], to_batch=made["_id"])
            self._batches.insert_new([made])
            if made["pool_key"]:
                self._pools.note([pool_of(made)])

    def unpark(self, batch: Document) -> None:
        """Let a pooled batch be claimed whose time has come."""
        now = self._clock.now()
        placed = self._batches.swap(batch, {"pool_key": pool_key(batch), "updated_at": now})
        if placed is not None:
            self._pools.note([pool_of(placed)])
            self._batches.swap(placed, {"pool_from": None})
