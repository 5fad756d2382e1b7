"""Collection `audit`: who did what to whom, when; append-only, kept a year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pymongo.database import Database

from services.domain.ids import first_id
from services.store.collection import Collection, Document

KEPT = timedelta(days=366)
# A list walks back in ever longer strides, each bounded on both ends, until its page is full.
_STRIDES = (timedelta(hours=1), timedelta(days=1), timedelta(days=10), timedelta(days=60))


class AuditStore:
    """Entries in the order in which they were made: their ids begin with the time."""

    def __init__(self, database: Database[Document]) -> None:
        self._entries = Collection(database, "audit")

    def ensure_indexes(self) -> None:
        """Lead the look-ups by actor, subject and action, and let entries go after a year."""
        self._entries.ensure_index([("actor", 1), ("_id", 1)])
        self._entries.ensure_index([("subject", 1), ("_id", 1)])
        self._entries.ensure_index([("action", 1), ("_id", 1)])
        self._entries.ensure_index([("recorded_at", 1)], expireAfterSeconds=int(KEPT.total_seconds()))

    def append(self, entry: Document) -> None:
        """Store an entry."""
        self._entries.insert(entry)

    def list_page(
        self, *, filters: Mapping[str, str], since: datetime, until: datetime, before: str | None, limit: int
    ) -> list[Document]:
        """Return up to `limit` entries of [since, until) with ids below `before`, the newest first."""
        found: list[Document] = []
        high = min(first_id(until), before) if before else first_id(until)
        bounds = [max(until - stride, since) for stride in _STRIDES if until - stride > since]
        for bound in (*bounds, since):
            low = first_id(bound)
            if low >= high:
                continue
            query = {**filters, "_id": {"$gte": low, "$lt": high}}
            found += self._entries.many(query, sort=[("_id", -1)], limit=limit - len(found))
            if len(found) >= limit:
                break
            high = low
        return found
