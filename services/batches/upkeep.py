"""What the worker does for batches by the clock: expiry, callbacks, parked work, and what was left half made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.batches.forming import Forming
from services.batches.returning import Returning
from services.campaigns.rulebook import Rulebook
from services.domain.batches.batches import ACTIVE, ASSIGNED, DONE, EXPIRED, POOLED, target_ids
from services.domain.batches.changes import calling_back, warned
from services.domain.errors import Conflict
from services.gateways.clock import Clock
from services.store.batches.batches import BatchStore
from services.store.batches.leases import LeaseStore
from services.store.batches.target_marks import TargetMarkStore

Document = dict[str, Any]
_AT_ONCE = 50
# Longer than any request or slab of a job takes: whoever began it is dead, or will find it done.
_ABANDONED_AFTER = timedelta(seconds=60)
_log = structlog.get_logger(__name__)


class BatchUpkeep:
    """Steps of the worker; each asks only for what is due, and says how much that was."""

    def __init__(
        self,
        *,
        batches: BatchStore,
        leases: LeaseStore,
        marks: TargetMarkStore,
        forming: Forming,
        returning: Returning,
        rulebook: Rulebook,
        warns_ahead: timedelta,
        clock: Clock,
    ) -> None:
        self._batches = batches
        self._leases = leases
        self._marks = marks
        self._forming = forming
        self._returning = returning
        self._rulebook = rulebook
        self._warns_ahead = warns_ahead
        self._clock = clock

    def run(self) -> int:
        """Do all of it once."""
        return self.recover() + self.unpark() + self.call_back() + self.warn() + self.expire()

    def recover(self) -> int:
        """Finish batches that somebody began to make or to take and left."""
        left = self._batches.forming(self._clock.now() - _ABANDONED_AFTER, limit=_AT_ONCE)
        for batch in left:
            recovered = self._forming.recover(batch)
            _log.warning("batch was left half made", batch=batch["_id"], state=recovered["state"])
        return len(left)

    def unpark(self) -> int:
        """Let work be claimed again whose time has come."""
        return _each(self._batches.parked(self._clock.now(), limit=_AT_ONCE), self._returning.unpark)

    def expire(self) -> int:
        """Take back what was not worked in time; callbacks that were agreed for later stay."""
        now = self._clock.now()
        expired = 0
        for state in (ASSIGNED, ACTIVE, POOLED):
            expired += _each(self._batches.overdue(state, now, limit=_AT_ONCE), self._expire)
        return expired + _each(self._batches.overdue(DONE, now, limit=_AT_ONCE), self._sweep)

    def warn(self) -> int:
        """Tell volunteers of batches that are about to expire."""
        now = self._clock.now()
        return _each(self._batches.expiring(now + self._warns_ahead, limit=_AT_ONCE), self._warn)

    def call_back(self) -> int:
        """Remind of callbacks that are due, and give those to the pool that nobody took up."""
        return _each(self._batches.callbacks(self._clock.now(), limit=_AT_ONCE), self._call_back)

    def _expire(self, batch: Document) -> None:
        ruling = self._rulebook.of(batch["campaign_id"], self._clock.now())
        pooled = batch["state"] == POOLED
        grace = None if pooled else ruling.rules.callback_grace
        late = self._agreed_until(batch, grace)
        if late is not None:
            keys = [item["address"] for item in batch["items"] if item["state"] == "callback"]
            self._leases.extend(keys, batch["_id"], late)

        def check(found: Document) -> None:
            if found["version"] != batch["version"]:
                raise Conflict("state_conflict")

        try:
            self._returning.close(
                batch["_id"], "expired", check=check, state=EXPIRED, reason="expired", grace=grace, dissolve=pooled
            )
        except Conflict:
            # It was worked or extended in this moment; if it still is overdue, the next round sees it.
            return

    def _agreed_until(self, batch: Document, grace: timedelta | None) -> datetime | None:
        now = self._clock.now()
        if grace is None:
            return None
        agreed = [item["callback_at"] for item in batch["items"] if item["state"] == "callback" and item["callback_at"]]
        return max((at + grace for at in agreed if at + grace > now), default=None)

    def _sweep(self, batch: Document) -> None:
        """Make sure that nothing is held by a batch that was worked: what was blocked in it ends here."""
        self._leases.release([item["address"] for item in batch["items"]], batch["_id"])
        self._marks.free(target_ids(batch), from_batch=batch["_id"])
        self._batches.swap(batch, {"due_at": None})

    def _warn(self, batch: Document) -> None:
        self._batches.swap(batch, warned(batch, at=self._clock.now(), ahead=self._warns_ahead))

    def _call_back(self, batch: Document) -> None:
        now = self._clock.now()
        grace = self._rulebook.of(batch["campaign_id"], now).rules.callback_grace
        changed = self._batches.swap(batch, calling_back(batch, at=now, grace=grace))
        if changed is not None:
            for event in changed["events"][len(batch["events"]) :]:
                if event["kind"] == "returned":
                    self._returning.apply_returned(changed, event)


def _each(found: Sequence[Document], do: Callable[[Document], None]) -> int:
    for batch in found:
        do(batch)
    return len(found)
