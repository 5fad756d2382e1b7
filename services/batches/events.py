"""Events of batches to their consequences: each kind has its handlers; an event goes when all of them have run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.store.batches.batches import BatchStore

Document = dict[str, Any]
Handler = Callable[[Document, Document], None]
_AT_ONCE = 50
# A worker that is asked to stop has no more time than some of these.
_SPELL_SECONDS = 1.0


class BatchEvents:
    """The worker's step; a handler may be called twice for one event and must not mind."""

    def __init__(self, store: BatchStore, handlers: Mapping[str, Sequence[Handler]]) -> None:
        self._store = store
        self._handlers = handlers

    def run(self) -> int:
        """Handle the events of some batches, for about a second, and return how many events."""
        handled = 0
        enough = time.monotonic() + _SPELL_SECONDS
        for batch in self._store.pending(limit=_AT_ONCE):
            handled += self.handle(batch)
            if time.monotonic() > enough:
                break
        return handled

    def handle(self, batch: Document) -> int:
        """Handle all events of one batch as it was read, in the order in which they happened."""
        for event in batch["events"]:
            for handler in self._handlers[event["kind"]]:
                handler(batch, event)
            self._store.drop_event(batch["_id"], event["id"])
        return len(batch["events"])
