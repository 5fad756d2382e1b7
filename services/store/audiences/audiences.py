"""Collection `audiences`: saved queries, which never change, and how many people were counted in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo.database import Database

from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document


class AudienceStore:
    """Audiences by id and by campaign; counts by audience, channel and reach."""

    def __init__(self, database: Database[Document]) -> None:
        self._audiences = Collection(database, "audiences")
        self._counts = Collection(database, "audience_counts")

    def ensure_indexes(self) -> None:
        """Lead the list of one campaign."""
        self._audiences.ensure_index([("campaign_id", 1), ("_id", 1)])

    def insert(self, audience: Document) -> None:
        """Store a new audience."""
        self._audiences.insert(audience)

    def find(self, audience_id: str) -> Document | None:
        """Return the audience, or None."""
        return self._audiences.find({"_id": audience_id})

    def list_page(
        self, page: PageRequest, *, campaign_id: str | None, districts: Sequence[str | None] | None
    ) -> Page[Document]:
        """Return audiences of a campaign (None: of all) made for some districts (None among them: for all of them)."""
        query: Document = {} if campaign_id is None else {"campaign_id": campaign_id}
        if districts is not None:
            query["district_id"] = {"$in": list(districts)}
        after = page.after_text()
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._audiences.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of(found, page, lambda one: (one["_id"],))

    def find_count(self, key: str) -> Document | None:
        """Return what was counted last under a key, or None."""
        return self._counts.find({"_id": key})

    def keep_count(self, key: str, count: dict[str, Any]) -> None:
        """Keep what was counted."""
        self._counts.update({"_id": key}, {"$set": count}, upsert=True)
