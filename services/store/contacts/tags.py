"""Tags of many contacts at once, each changed by its `_id` with the condition inside the write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo.database import Database

from services.store.collection import Collection, Document


class TagStore:
    """Adds and takes away tags; a contact that has them already, or has room for no more, stays as it is."""

    def __init__(self, database: Database[Document]) -> None:
        self._contacts = Collection(database, "contacts")

    def change(
        self,
        contact_ids: Sequence[str],
        *,
        add: Sequence[str],
        remove: Sequence[str],
        most: int,
        by: str,
        at: datetime,
    ) -> int:
        """Change a bounded number of contacts and return how many changed; done again it changes nothing."""
        held: Document = {"$ifNull": ["$tags", []]}
        gone = {"$literal": list(remove)}
        left = {"$filter": {"input": held, "cond": {"$not": [{"$in": ["$$this", gone]}]}}}
        fresh = {"$filter": {"input": {"$literal": list(add)}, "cond": {"$not": [{"$in": ["$$this", held]}]}}}
        after = {"$concatArrays": [left, fresh]}
        entry = {"at": at, "by": by, "action": "tagged", "fields": ["tags"]}
        computed = {
            "tags": after,
            "version": {"$add": ["$version", 1]},
            "updated_at": {"$literal": at},
            "history": {"$concatArrays": [{"$ifNull": ["$history", []]}, {"$literal": [entry]}]},
        }
        changes = {"$or": [{"$gt": [{"$size": fresh}, 0]}, {"$ne": [{"$size": left}, {"$size": held}]}]}
        fits = {"$lte": [{"$size": after}, most]}
        active = {"$eq": ["$state", "active"]}
        return self._contacts.change_each_if(contact_ids, {"$and": [changes, fits, active]}, {}, computed=computed)
