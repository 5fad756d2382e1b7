"""Collection `sync_health`: when a phone was last heard of, and what it said about itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pymongo.database import Database

from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document

_KEPT = timedelta(days=90)


class SyncHealthStore:
    """One document a sign-in."""

    def __init__(self, database: Database[Document]) -> None:
        self._health = Collection(database, "sync_health")

    def ensure_indexes(self) -> None:
        """Lead a person's phones and a district's, and let those go that were not heard of for long."""
        self._health.ensure_index([("user_id", 1)])
        self._health.ensure_index([("district_id", 1), ("_id", 1)])
        self._health.ensure_index([("purge_at", 1)], expireAfterSeconds=0)

    def find(self, session_id: str) -> Document | None:
        """Return what the phone of a sign-in said last, or None."""
        return self._health.find({"_id": session_id})

    def of_user(self, user_id: str) -> list[Document]:
        """Return what a person's phones said last."""
        return self._health.many({"user_id": user_id})

    def list_page(self, page: PageRequest, *, district_id: str | None) -> Page[Document]:
        """Return what the phones of a district's people said last, or with None of all, in the order of sign-ins."""
        query: Document = {} if district_id is None else {"district_id": district_id}
        after = page.after_text()
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._health.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of(found, page, lambda phone: (phone["_id"],))

    def keep(self, session_id: str, facts: Document) -> None:
        """Keep what a phone said."""
        purge_at = datetime.now(UTC) + _KEPT
        self._health.update({"_id": session_id}, {"$set": {**facts, "purge_at": purge_at}}, upsert=True)
