"""Events of batches to their consequences: each kind has its handlers; an event goes when all of them have run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.store.batches import BatchStore

Document = dict[str, Any]
Handler = Callable[[Document, Document], None]
_AT_ONCE = 50


class BatchEvents:
    """The worker's step; a handler may be called twice for one event and must not mind."""

    def __init__(self, store: BatchStore, handlers: Mapping[str, Sequence[Handler]]) -> None:
        self._store = store
        self._handlers = handlers

    def run(self) -> int:
        """Handle the events of some batches and return how many events."""
        handled = 0
        for batch in self._store.pending(limit=_AT_ONCE):
            handled += self.handle(batch)
        return handled

    def handle(self, batch: Document) -> int:
        """Handle all events of one batch as it was read, in the order in which they happened."""
        for event in batch["events"]:
            for handler in self._handlers[event["kind"]]:
                handler(batch, event)
            self._store.drop_event(batch["_id"], event["id"])
        return len(batch["events"])
