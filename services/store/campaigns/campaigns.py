"""Collection `campaigns`: a drive in some constituencies with its rule versions and kill switches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.domain.errors import NotFound, StaleVersion
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document


class CampaignStore:
    """Campaigns by id; there are few, and each is read whole."""

    def __init__(self, database: Database[Document]) -> None:
        self._campaigns = Collection(database, "campaigns")

    def ensure_indexes(self) -> None:
        """Lead the lists by state and by constituency."""
        self._campaigns.ensure_index([("state", 1), ("_id", 1)])
        self._campaigns.ensure_index([("constituencies", 1), ("state", 1)])

    def insert(self, campaign: Document) -> None:
        """Store a new campaign."""
        self._campaigns.insert(campaign)

    def get(self, campaign_id: str) -> Document:
        """Return the campaign, or raise NotFound."""
        return self._campaigns.get(campaign_id)

    def get_many(self, campaign_ids: Sequence[str]) -> dict[str, Document]:
        """Return the campaigns that exist, by id."""
        return self._campaigns.by_ids(campaign_ids)

    def list_page(self, page: PageRequest, *, state: str | None = None) -> Page[Document]:
        """Return campaigns in the order in which they were made."""
        query: Document = {"state": state} if state else {}
        after = page.after_text()
        if after:
            query["_id"] = {"$gt": after}
        found = self._campaigns.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of(found, page, lambda campaign: (campaign["_id"],))

    def list_live(self) -> list[Document]:
        """Return the campaigns that phones should know: active and paused ones."""
        return self._campaigns.many({"state": {"$in": ["active", "paused"]}})

    def list_closed(self) -> list[Document]:
        """Return the campaigns that are closed."""
        return self._campaigns.many({"state": "closed"})

    def note_retained(self, campaign_id: str, *, at: datetime) -> None:
        """Note that what need not be kept after a campaign is gone."""
        self._campaigns.update({"_id": campaign_id}, {"$set": {"retained_at": at}})

    def list_all(self) -> list[Document]:
        """Return every campaign, also drafts and closed ones."""
        return self._campaigns.many({}, sort=[("_id", 1)])

    def of_constituency(self, constituency_id: str) -> list[Document]:
        """Return every campaign that a constituency is part of."""
        return self._campaigns.many({"constituencies": constituency_id})

    def change(
        self,
        campaign_id: str,
        change: Mapping[str, Any],
        *,
        version: int | None = None,
        states: Sequence[str] | None = None,
    ) -> Document | None:
        """Change a campaign in one of `states` and return it; None when its state is another.

        Raises NotFound for an unknown campaign and StaleVersion when `version` is no longer current.
        """
        query: Document = {"_id": campaign_id}
        if version is not None:
            query["version"] = version
        if states is not None:
            query["state"] = {"$in": list(states)}
        whole = {**change, "$inc": {**change.get("$inc", {}), "version": 1}}
        changed = self._campaigns.change(query, whole)
        if changed is None:
            present = self._campaigns.find({"_id": campaign_id}, fields=["version", "state"])
            if present is None:
                raise NotFound
            if version is not None and present["version"] != version:
                raise StaleVersion
        return changed

    def bump_content(self, campaign_id: str | None) -> None:
        """Note that phones have new content to fetch: those of one campaign, or of all that are not closed."""
        if campaign_id is not None:
            self._campaigns.update({"_id": campaign_id}, {"$inc": {"content_version": 1}})
        else:
            unclosed = {"state": {"$in": ["draft", "active", "paused"]}}
            self._campaigns.update_many(unclosed, {"$inc": {"content_version": 1}})
