"""Collection `batches` as outcomes change it: whole batches in, changed items out, guarded by the version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.store.collection import Collection, Document, per_key

# What outcomes may change of a batch.
CHANGED = ("items", "counts", "due_at", "next_callback_at", "state", "closed_at", "close_reason")
_FIELDS = ("campaign_id", "channel", "assignee", "holders", "lease_id", "created_at", "version", *CHANGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChange:
    """What outcomes make of one batch that had this version when it was read: the fields of CHANGED."""

    batch_id: str
    version: int
    fields: Mapping[str, Any]


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
        keys = [change.batch_id for change in changes]
        computed = {name: per_key(keys, [change.fields[name] for change in changes]) for name in CHANGED}
        computed["version"] = {"$add": ["$version", 1]}
        current = {"$eq": ["$version", per_key(keys, [change.version for change in changes])]}
        changed = self._batches.change_each_if(keys, current, {"updated_at": now}, computed=computed)
        return changed == len(changes)
