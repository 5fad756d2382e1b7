"""Collection `audit`: who did what to whom, when; append-only, kept a year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

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
        self._entries.ensure_index([("session_id", 1), ("_id", 1)])
        self._entries.ensure_index([("facts.installation_id", 1)], sparse=True)
        self._entries.ensure_index([("facts.contacts", 1)], sparse=True)
        self._entries.ensure_index([("chunk", 1)])
        self._entries.ensure_index([("recorded_at", 1)], expireAfterSeconds=int(KEPT.total_seconds()))

    def append(self, entry: Document) -> None:
        """Store an entry."""
        self._entries.insert(entry)

    def append_once(self, entries: Sequence[Document]) -> None:
        """Store those entries that were not noted before."""
        self._entries.insert_new(entries)

    def list_page(
        self, *, filters: Mapping[str, Any], since: datetime, until: datetime, before: str | None, limit: int
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

    def walk(self, *, filters: Mapping[str, Any], since: datetime, until: datetime) -> Iterator[Document]:
        """Yield the entries of [since, until), the oldest first, read by days."""
        start = since
        while start < until:
            end = min(start + timedelta(days=1), until)
            bounds = {"_id": {"$gte": first_id(start), "$lt": first_id(end)}}
            yield from self._entries.many({**filters, **bounds}, sort=[("_id", 1)])
            start = end

    def sessions_of(self, installation_id: str) -> list[str]:
        """Return the sign-ins that were opened on an installation."""
        found = self._entries.many({"facts.installation_id": installation_id}, fields=["session_id"])
        return sorted({entry["session_id"] for entry in found if entry["session_id"]})

    # What sealing and verifying need

    def unsealed(self, *, limit: int) -> list[Document]:
        """Return entries that are in no chunk yet, the oldest first."""
        return self._entries.many({"chunk": None}, sort=[("_id", 1)], limit=limit)

    def mark_sealed(self, entry_ids: Sequence[str], number: int) -> None:
        """Note in which chunk entries were sealed."""
        self._entries.update_many({"_id": {"$in": list(entry_ids)}}, {"$set": {"chunk": number}})

    def of_chunk(self, number: int) -> list[Document]:
        """Return the entries that say they were sealed in a chunk."""
        return self._entries.many({"chunk": number})

    def by_ids(self, entry_ids: Sequence[str]) -> list[Document]:
        """Return a bounded number of entries."""
        return list(self._entries.by_ids(entry_ids).values())

    def beyond(self, number: int) -> list[Document]:
        """Return the entries that claim chunks after this one."""
        return self._entries.many({"chunk": {"$gt": number}}, fields=["chunk"])

    def unseal_beyond(self, number: int) -> int:
        """Let entries be sealed anew whose chunks were left behind by a restore; return how many."""
        return self._entries.update_many({"chunk": {"$gt": number}}, {"$set": {"chunk": None}})
