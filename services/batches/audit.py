"""A slow walk over open batches that mends what a kill at the wrong moment, or a late write, may have left apart."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import structlog

from services.batches.holding import Holding
from services.domain.batches.batches import ACTIVE, ASSIGNED, POOLED, UNWORKED, pool_of, target_ids
from services.store.batches.batches import BatchStore
from services.store.batches.pools import PoolStore
from services.store.batches.target_marks import TargetMarkStore

Document = dict[str, Any]
_OPEN = (POOLED, ASSIGNED, ACTIVE)
_SLICE = 20
_PAUSE_SECONDS = 2.0
_log = structlog.get_logger(__name__)


class BatchAudit:
    """Looks at a few open batches a time: their parts have to be named in the pool, their people to point to them.

    Those of people who were suspended, merged or moved since go back.
    """

    def __init__(self, *, batches: BatchStore, pools: PoolStore, marks: TargetMarkStore, holding: Holding) -> None:
        self._batches = batches
        self._pools = pools
        self._marks = marks
        self._holding = holding
        self._after = ""
        self._rests_until = 0.0

    def run(self) -> int:
        """Look at the next few, now and then; the worker's step. Return how many batches had to be mended."""
        if time.monotonic() < self._rests_until:
            return 0
        self._rests_until = time.monotonic() + _PAUSE_SECONDS
        return self.look()

    def look(self) -> int:
        """Look at the next few batches and return how many had to be mended; after the last the first come again."""
        found = self._batches.open_after(self._after, _OPEN, limit=_SLICE)
        self._after = found[-1]["_id"] if len(found) == _SLICE else ""
        # What is under way is left to whoever is at it, and to the step that finishes what they leave.
        settled = [batch for batch in found if batch["forming_since"] is None and not batch["pending"]]
        mended = self._name([batch for batch in settled if batch["pool_key"]]) + self._point(settled)
        return mended + self._give_back(settled)

    def all(self) -> int:
        """Look at every open batch once, and return how many had to be mended."""
        self._after = ""
        mended = self.look()
        while self._after:
            mended += self.look()
        return mended

    def _name(self, pooled: Sequence[Document]) -> int:
        named = self._pools.read([pool for pool, _ in map(pool_of, pooled)])
        nameless = [pool_of(batch) for batch in pooled if not _is_named(named, *pool_of(batch))]
        self._pools.note(nameless)
        if nameless:
            _log.warning("batches lay in a pool without a name", batches=len(nameless))
        return len(nameless)

    def _give_back(self, batches: Sequence[Document]) -> int:
        returned = self._holding.mend(batches)
        if returned:
            _log.warning("batches were held by people who left", batches=returned)
        return returned

    def _point(self, batches: Sequence[Document]) -> int:
        mended = 0
        for batch in batches:
            people = target_ids(batch, [item for item in batch["items"] if item["state"] in UNWORKED])
            astray = self._marks.astray(people, batch["_id"])
            # One that points to another open batch is that one's; a pointer to nothing open is nobody's.
            closed = self._batches.closed_among({owner for owner in astray.values() if owner})
            lost = {target: owner for target, owner in astray.items() if owner is None or owner in closed}
            if lost:
                self._marks.point(lost, to_batch=batch)
                _log.warning("people of a batch pointed elsewhere", batch=batch["_id"], people=len(lost))
                mended += 1
        return mended


def _is_named(pools: dict[str, Document], pool: str, part: str) -> bool:
    return part in pools.get(pool, {}).get("parts", {})
