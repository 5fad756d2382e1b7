"""Collection `work_requests`: volunteers ask for more work, their coordinators answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document


class WorkRequestStore:
    """Requests by volunteer, by district and state; `order` is the time of asking with the id, for lists."""

    def __init__(self, database: Database[Document]) -> None:
        self._requests = Collection(database, "work_requests")

    def ensure_indexes(self) -> None:
        """Lead the lists of a volunteer, of a district and of the state."""
        self._requests.ensure_index([("user_id", 1), ("order", 1)])
        self._requests.ensure_index([("district_id", 1), ("state", 1), ("order", 1)])
        self._requests.ensure_index([("state", 1), ("order", 1)])

    def insert_once(self, request: Document) -> bool:
        """Store a request unless it is there; tell whether it was stored."""
        return self._requests.insert_once(request)

    def get(self, request_id: str) -> Document:
        """Return the request, or raise NotFound."""
        return self._requests.get(request_id)

    def last_of(self, user_id: str, campaign_id: str, channel: str) -> Document | None:
        """Return what a volunteer asked for last in a campaign and channel, or None."""
        query = {"user_id": user_id, "campaign_id": campaign_id, "channel": channel}
        found = self._requests.many(query, sort=[("order", -1)], limit=1)
        return found[0] if found else None

    def list_page(self, page: PageRequest, query: Mapping[str, Any]) -> Page[Document]:
        """Return requests that a query of equalities selects, the oldest first."""
        after = page.after_text()
        whole = {**query, "order": {"$gt": after}} if after else dict(query)
        found = self._requests.many(whole, sort=[("order", 1)], limit=page.limit + 1)
        return page_of(found, page, lambda request: (request["order"],))

    def decide(self, request_id: str, decision: Mapping[str, Any]) -> Document | None:
        """Close a request that is open, and return it as it is then; None when it is open no more."""
        still_open = {"_id": request_id, "state": "open"}
        return self._requests.change(still_open, {"$set": decision, "$inc": {"version": 1}})
