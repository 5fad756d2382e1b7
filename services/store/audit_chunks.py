"""Collections `audit_chunks` and `audit_anchor`: the chain over the audit trail, and where its end is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pymongo.database import Database

from services.store.collection import Collection, Document

_ANCHOR = "newest"


class AuditChunkStore:
    """Chunks by number; heads stay for good, the list of what they sealed goes when the entries have gone."""

    def __init__(self, database: Database[Document]) -> None:
        self._chunks = Collection(database, "audit_chunks")
        self._anchor = Collection(database, "audit_anchor")

    def ensure_indexes(self) -> None:
        """Lead what is to be trimmed."""
        self._chunks.ensure_index([("trim_at", 1)], sparse=True)

    def insert_once(self, chunk: Document) -> bool:
        """Store the next chunk; False when another process was faster."""
        return self._chunks.insert_once(chunk)

    def find(self, number: int) -> Document | None:
        """Return a chunk, or None."""
        return self._chunks.find({"_id": number})

    def walk(self) -> Iterator[Document]:
        """Yield all chunks in the order of their numbers, for a verification."""
        number, stride = 0, 200
        while True:
            # Bounded on both ends: the embedded engine would read all that is left for each page.
            found = self._chunks.many({"_id": {"$gt": number, "$lte": number + stride}}, sort=[("_id", 1)])
            if not found and self._chunks.find({"_id": {"$gt": number}}, fields=["_id"]) is None:
                return
            yield from found
            number += stride

    def anchor(self) -> Document | None:
        """Return `{number, head, mac}` of the newest chunk that is wholly sealed, or None before a chain begins."""
        return self._anchor.find({"_id": _ANCHOR})

    def any(self) -> bool:
        """Tell whether there is any chunk."""
        return self._chunks.find({"_id": {"$gt": 0}}, fields=["_id"]) is not None

    def first_anchor(self, anchor: Document) -> None:
        """Store where a chain begins, before its first chunk; one that is there stays."""
        self._anchor.insert_once({"_id": _ANCHOR, **anchor})

    def set_anchor(self, anchor: Document) -> None:
        """Move the end of the chain forward; one that is further already stays, one that is gone is not made anew."""
        keep = {"$gte": [{"$ifNull": ["$number", 0]}, anchor["number"]]}
        change = {name: {"$cond": [keep, f"${name}", value]} for name, value in anchor.items()}
        self._anchor.update({"_id": _ANCHOR}, [{"$set": change}])

    def trim(self, now: datetime, *, limit: int) -> int:
        """Drop the lists of chunks whose entries have gone by their age; return how many."""
        due = self._chunks.many({"trim_at": {"$lte": now}}, fields=["_id"], limit=limit)
        keys = [one["_id"] for one in due]
        return (
            self._chunks.update_many({"_id": {"$in": keys}}, {"$unset": {"entries": "", "trim_at": ""}}) if due else 0
        )
