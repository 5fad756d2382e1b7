"""Collection `throttle`: failures counted for every process together, one document a counted thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from services.store.collection import Collection, Document, DuplicateDocument

_MILLISECOND = timedelta(milliseconds=1)


class ThrottleStore:
    """Counters by key; each change is one pipeline update by `_id`, so that no failure is lost to another."""

    def __init__(self, database: Database[Document]) -> None:
        self._counters = Collection(database, "throttle")

    def ensure_indexes(self) -> None:
        """Let counters go that nobody adds to."""
        self._counters.ensure_index([("expires_at", 1)], expireAfterSeconds=0)

    def read(self, keys: Iterable[str]) -> dict[str, Document]:
        """Return the counters that exist, in one read: windows have `count` and `ends_at`, waits have `until`."""
        return self._counters.by_ids(keys)

    def count_in_window(self, key: str, *, now: datetime, window: timedelta) -> None:
        """Count one more in the running window, or in a new one that starts now."""
        running = {"$gt": [{"$ifNull": ["$ends_at", now]}, now]}
        change = {
            "count": {"$cond": [running, {"$add": ["$count", 1]}, 1]},
            "ends_at": {"$cond": [running, "$ends_at", now + window]},
            "expires_at": now + 2 * window,
        }
        self._write(key, [{"$set": change}])

    def count_with_wait(self, key: str, *, now: datetime, waits: Sequence[timedelta], kept: timedelta) -> None:
        """Count one more; the n-th sets a wait of `waits[n - 1]`, the last wait holds from there on."""
        place = {"$min": [{"$subtract": ["$count", 1]}, len(waits) - 1]}
        amount = {"$arrayElemAt": [[round(wait / _MILLISECOND) for wait in waits], place]}
        until = {"$dateAdd": {"startDate": now, "unit": "millisecond", "amount": amount}}
        counted = {"count": {"$add": [{"$ifNull": ["$count", 0]}, 1]}, "expires_at": now + kept}
        self._write(key, [{"$set": counted}, {"$set": {"until": until}}])

    def forget(self, key: str) -> None:
        """Start over with this key."""
        self._counters.delete({"_id": key})

    def _write(self, key: str, pipeline: list[dict[str, Any]]) -> None:
        try:
            self._counters.update({"_id": key}, pipeline, upsert=True)
        except DuplicateDocument:
            # Two first failures at once: the other one's document is there now.
            self._counters.update({"_id": key}, pipeline, upsert=True)
