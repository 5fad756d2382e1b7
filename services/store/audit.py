"""Collection `audit`: who did what to whom, when; append-only, kept a year."""

from __future__ import annotations

from pymongo.database import Database

from services.store.collection import Collection, Document

KEPT_SECONDS = 366 * 24 * 3600


class AuditStore:
    """Entries in the order in which they were made."""

    def __init__(self, database: Database[Document]) -> None:
        self._entries = Collection(database, "audit")

    def ensure_indexes(self) -> None:
        """Lead the look-ups by actor and by subject, and let entries go after a year."""
        self._entries.ensure_index([("actor", 1), ("_id", 1)])
        self._entries.ensure_index([("subject", 1), ("_id", 1)])
        self._entries.ensure_index([("recorded_at", 1)], expireAfterSeconds=KEPT_SECONDS)

    def append(self, entry: Document) -> None:
        """Store an entry."""
        self._entries.insert(entry)
