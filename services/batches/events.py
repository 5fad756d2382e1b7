"""Events of batches to their consequences: each kind has its handlers; an event goes when all of them have run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from services.store.batches.batches import BatchStore

Document = dict[str, Any]
AT_ONCE = 200
# So many batches go through their events together, by a few commands for all of them.
_TOGETHER = 25
# A worker that is asked to stop has no more time than some of these.
_SPELL_SECONDS = 1.0


class Happened(NamedTuple):
    """An event, and the batch that it is of, as it was read."""

    batch: Document
    event: Document


Handler = Callable[[Sequence[Happened]], None]


def each(do: Callable[[Document, Document], object]) -> Handler:
    """Return the handler that takes events of one kind one after the other."""

    def handler(happened: Sequence[Happened]) -> None:
        for batch, event in happened:
            do(batch, event)

    return handler


class BatchEvents:
    """The worker's step; a handler may be called twice for one event and must not mind."""

    def __init__(self, store: BatchStore, handlers: Mapping[str, Sequence[Handler]]) -> None:
        self._store = store
        self._handlers = handlers

    def run(self) -> int:
        """Handle the events of some batches, for about a second, and return how many events."""
        handled = 0
        enough = time.monotonic() + _SPELL_SECONDS
        pending = self._store.pending(limit=AT_ONCE)
        for start in range(0, len(pending), _TOGETHER):
            handled += self.handle(pending[start : start + _TOGETHER])
            if time.monotonic() > enough:
                break
        return handled

    def handle(self, batches: Sequence[Document]) -> int:
        """Handle all events of some batches: those of one batch in the order in which they happened."""
        for turn in zip_longest(*(batch["events"] for batch in batches)):
            by_kind: dict[str, list[Happened]] = {}
            for batch, event in zip(batches, turn, strict=True):
                if event is not None:
                    by_kind.setdefault(event["kind"], []).append(Happened(batch, event))
            for kind, happened in by_kind.items():
                for handler in self._handlers[kind]:
                    handler(happened)
        done = {batch["_id"]: [event["id"] for event in batch["events"]] for batch in batches}
        self._store.drop_events(done)
        return sum(map(len, done.values()))
