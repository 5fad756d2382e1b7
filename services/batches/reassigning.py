"""Moving many batches at once by a filter, without touching what was worked since whoever moves them looked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import cycle
from typing import Any

from services.batches.assigning import Assigning
from services.batches.scope import BatchScope
from services.domain.batches.batches import ACTIVE, LIVE, UNWORKED
from services.domain.errors import Conflict, DomainError, Invalid
from services.domain.paging import PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.store.batches.batches import BatchStore

Document = dict[str, Any]


class Reassigning:
    """Each batch is moved by itself, as `Assigning` moves one; what cannot be moved is skipped and says why."""

    def __init__(self, *, scope: BatchScope, assigning: Assigning, batches: BatchStore, clock: Clock) -> None:
        self._scope = scope
        self._assigning = assigning
        self._batches = batches
        self._clock = clock

    def reassign(
        self,
        actor: Actor,
        filters: Mapping[str, str | None],
        *,
        count: int,
        user_ids: Sequence[str],
        as_of: datetime | None,
    ) -> tuple[list[Document], list[Document]]:
        """Move up to `count` live batches of a filter to volunteers in turn, or to the pool when none are named.

        What is worked stays where it is, and with `as_of` (when the page was loaded) what was touched after it too.
        Returns the batches as they are now, and what could not be moved with why.
        """
        if as_of is not None and as_of > self._clock.now():
            raise Invalid(as_of="in_future")
        found = self._found(actor, filters, count)
        for channel in dict.fromkeys(batch["channel"] for batch in found):
            for user_id in user_ids:
                self._scope.volunteer(actor, user_id, channel)
        receivers = cycle(user_ids) if user_ids else None
        moved: list[Document] = []
        skipped: list[Document] = []
        for batch in found:
            try:
                self._check_untouched(batch, as_of)
                moved.append(self._move(actor, batch, receivers, as_of))
            except DomainError as error:
                skipped.append({"id": batch["_id"], "code": error.code})
        return moved, skipped

    def _found(self, actor: Actor, filters: Mapping[str, str | None], count: int) -> list[Document]:
        states = [filters["state"]] if filters["state"] else LIVE
        found: list[Document] = []
        for state in states:
            if len(found) < count:
                page = PageRequest(limit=count - len(found))
                found += self._scope.list_page(actor, page, {**filters, "state": state}).items
        return found

    def _check_untouched(self, batch: Document, as_of: datetime | None) -> None:
        """Raise Conflict for a batch that changed hands since, or of which everything left was worked since."""
        if as_of is None:
            return
        if batch["assigned_at"] > as_of:
            raise Conflict("changed_since")
        if batch["updated_at"] <= as_of and batch["state"] != ACTIVE:
            return
        items = [item for item in self._batches.get(batch["_id"])["items"] if item["state"] in UNWORKED]
        worked = [item for item in items if (at := item.get("worked_at")) is not None and at > as_of]
        if items and (len(worked) == len(items) or (worked and batch["state"] != ACTIVE)):
            raise Conflict("changed_since")

    def _move(self, actor: Actor, batch: Document, receivers: Iterator[str] | None, as_of: datetime | None) -> Document:
        read: dict[str, Any] = {"version": batch["version"], "worked_since": as_of}
        if receivers is None:
            return self._assigning.recall(actor, batch["_id"], reason="reassigned", **read)
        return self._assigning.assign(actor, batch["_id"], next(receivers), **read)
