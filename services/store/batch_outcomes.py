"""Collection `batches` as outcomes change it: whole batches in, changed items out, guarded by the version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.store.collection import Collection, Document

_FIELDS = (
    *("campaign_id", "channel", "state", "assignee", "holders", "items", "lease_id", "due_at", "created_at"),
    *("next_callback_at", "version"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChange:
    """What outcomes make of one batch: changed fields of items by position, and fields of the batch itself."""

    batch_id: str
    version: int
    items: Mapping[int, Mapping[str, Any]]
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
        """Write all changes whose version is still current; tell whether that was all of them."""
        updates = []
        for change in changes:
            fields = {f"items.{at}.{name}": value for at, item in change.items.items() for name, value in item.items()}
            updates.append(
                UpdateOne(
                    {"_id": change.batch_id, "version": change.version},
                    {"$set": {**fields, **change.fields, "updated_at": now}, "$inc": {"version": 1}},
                )
            )
        return self._batches.bulk(updates) == len(updates)
