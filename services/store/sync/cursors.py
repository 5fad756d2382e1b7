"""Collection `sync_cursors`: what a phone was sent, as one document that never changes what it says the phone knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pymongo import DeleteOne, InsertOne
from pymongo.database import Database

from services.domain.ids import new_id
from services.store.collection import Collection, Document

_KEPT = timedelta(days=30)
_SHORTEST, _LONGEST = 10, 40


class SyncCursorStore:
    """Snapshots by id. A phone whose answer was lost asks again with the older one, so that one stays until then."""

    def __init__(self, database: Database[Document]) -> None:
        self._cursors = Collection(database, "sync_cursors")

    def ensure_indexes(self) -> None:
        """Let snapshots go that no phone has asked with for weeks."""
        self._cursors.ensure_index([("purge_at", 1)], expireAfterSeconds=0)

    def find(self, cursor_id: str | None, user_id: str) -> Document | None:
        """Return a person's snapshot; None for one that is unknown, expired, another's or never was one."""
        if cursor_id is None or not _SHORTEST <= len(cursor_id) <= _LONGEST:
            return None
        found = self._cursors.find({"_id": cursor_id})
        return found if found is not None and found["user_id"] == user_id else None

    def keep(self, user_id: str, facts: Mapping[str, object], *, after: Document | None) -> str:
        """Store a snapshot and return its id; the one before `after` has served, its phone has `after`."""
        cursor_id = new_id()
        document = {
            "_id": cursor_id,
            "user_id": user_id,
            "parent": after["_id"] if after else None,
            "purge_at": datetime.now(UTC) + _KEPT,
            **facts,
        }
        served = after["parent"] if after else None
        self._cursors.bulk([InsertOne(document), *([DeleteOne({"_id": served})] if served else [])])
        return cursor_id

    def relearn(self, cursor_id: str, known: Mapping[str, object]) -> None:
        """Note newer stamps of what the phone has already in that very form."""
        self._cursors.update({"_id": cursor_id}, {"$set": {"known": dict(known)}})
