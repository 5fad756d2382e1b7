"""Collection `batches` as outcomes change it: whole batches in, changed items out, guarded by the version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.store.collection import Collection, Document, guarded

# What outcomes may change of a batch.
CHANGED = ("items", "counts", "due_at", "next_callback_at", "state", "closed_at", "close_reason")
_FIELDS = ("campaign_id", "channel", "assignee", "holders", "lease_id", "created_at", "version", *CHANGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChange:
    """What outcomes make of one batch that had this version when it was read: the fields of CHANGED.

    `touched` are the places of the items that differ from what was read.
    """

    batch_id: str
    version: int
    fields: Mapping[str, Any]
    touched: Sequence[int]


class BatchOutcomeStore:
    """Reads the batches that outcomes name, and writes what the outcomes made of them."""

    def __init__(self, database: Database[Document]) -> None:
        self._batches = Collection(database, "batches")

    def find_many(self, batch_ids: Sequence[str]) -> dict[str, Document]:
        """Return the batches that exist, by id."""
        return self._batches.by_ids(batch_ids, fields=_FIELDS)

    def walk(self) -> Iterable[Document]:
        """Yield every batch, for a recount."""
        return self._batches.walk({}, fields=("items", "counts"))

    def set_counts(self, batch_id: str, counts: Mapping[str, int]) -> None:
        """Set counters that a recount has found wrong."""
        self._batches.update({"_id": batch_id}, {"$set": {"counts": dict(counts)}, "$inc": {"version": 1}})

    def apply(self, changes: Sequence[BatchChange], *, now: datetime) -> bool:
        """Write all changes whose version is still current, in one write; tell whether that was all of them."""
        return self._batches.change_each({one.batch_id: _writing(one, now) for one in changes}) == len(changes)


def _writing(change: BatchChange, now: datetime) -> list[Document]:
    """Return the pipeline that makes the change where the version is still current."""
    current = {"$eq": ["$version", change.version]}
    fields = {**{name: change.fields[name] for name in CHANGED if name != "items"}, "updated_at": now}
    computed = {
        "items": _spliced(change.fields["items"], change.touched),
        "version": {"$add": ["$version", 1]},
    }
    return guarded(current, fields, computed=computed)


def _spliced(items: Sequence[Document], touched: Sequence[int]) -> Document:
    """Return the expression for the items of a batch of which some are new: only those go over the wire."""
    parts: list[Document] = []
    kept = 0
    for at in sorted(touched):
        if at > kept:
            parts.append({"$slice": ["$items", kept, at - kept]})
        parts.append({"$literal": [items[at]]})
        kept = at + 1
    if kept < len(items):
        parts.append({"$slice": ["$items", kept, len(items) - kept]})
    return {"$concatArrays": parts}
