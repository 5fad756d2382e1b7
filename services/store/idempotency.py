"""Collection `idempotency`: one document a key, gone after a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pymongo.database import Database

from services.store.collection import Collection, Document

KEPT_SECONDS = 24 * 3600
# A process that died in the middle of a request must not block its key for a day.
_ABANDONED_AFTER = timedelta(seconds=60)


class IdempotencyStore:
    """Claims and answers by key; times are the machine's, as the TTL index's are."""

    def __init__(self, database: Database[Document]) -> None:
        self._keys = Collection(database, "idempotency")

    def ensure_indexes(self) -> None:
        """Let the database forget a key after a day."""
        self._keys.ensure_index([("created_at", 1)], expireAfterSeconds=KEPT_SECONDS)

    def claim(self, key: str, *, fingerprint: str) -> Document | None:
        """Return None when the key is now the caller's, else what is stored under it."""
        now = datetime.now(UTC)
        fresh = {"_id": key, "fingerprint": fingerprint, "created_at": now}
        if self._keys.insert_once(fresh):
            return None
        abandoned = {"_id": key, "answer": {"$exists": False}, "created_at": {"$lt": now - _ABANDONED_AFTER}}
        if self._keys.update(abandoned, {"$set": {"fingerprint": fingerprint, "created_at": now}}):
            return None
        # Between the two the first request may have failed and freed its key: the caller then tries once more.
        return self._keys.find({"_id": key}) or {"fingerprint": fingerprint}

    def finish(self, key: str, answer: bytes) -> None:
        """Keep the sealed answer under its key."""
        self._keys.update({"_id": key}, {"$set": {"answer": answer}})

    def forget(self, key: str) -> None:
        """Free a key that has no answer."""
        self._keys.delete({"_id": key, "answer": {"$exists": False}})
