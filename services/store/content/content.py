"""What collections of versioned content have in common: documents with all versions, and the live one beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.domain.content.content import FOR_ALL, live_version, shelf_of
from services.domain.errors import StaleVersion
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document

# A list shows what versions there are, not what they say.
_HEAD = ("version", "campaign_id", "channel", "live.version", "live.content.ruling", "live.content.certificate")
_LISTED = {"versions.content": 0, **{f"live.content.{name}": 0 for name in ("body", "opening", "questions")}}


class ContentStore:
    """Content by id; there is little of it, and each change is one write on one document.

    `shelf` is the campaign or `all`; `live_shelf` is there while a version is live, and `live_media` are its files.
    """

    def __init__(self, database: Database[Document], name: str) -> None:
        self._content = Collection(database, name)

    def ensure_indexes(self) -> None:
        """Lead the lists of a campaign, what phones are given, and files to the content that shows them."""
        self._content.ensure_index([("shelf", 1), ("_id", 1)])
        self._content.ensure_index([("live_shelf", 1)], sparse=True)
        self._content.ensure_index([("live_media", 1)], sparse=True)

    def insert(self, content: Document) -> None:
        """Store new content."""
        self._content.insert({**content, "shelf": shelf_of(content["campaign_id"])})

    def get(self, key: str) -> Document:
        """Return the content, or raise NotFound."""
        return self._content.get(key)

    def find(self, key: str) -> Document | None:
        """Return the content, or None."""
        return self._content.find({"_id": key})

    def list_page(
        self, page: PageRequest, *, campaign_id: str | None, state: str | None, filters: Mapping[str, Any]
    ) -> Page[Document]:
        """Return content without what it says, newest first; of a campaign with what every campaign may use."""
        query: Document = {name: value for name, value in filters.items() if value is not None}
        if campaign_id is not None:
            query["shelf"] = {"$in": [campaign_id, FOR_ALL]}
        if state is not None:
            query["versions.state"] = state
        before = page.after_text()
        if before is not None:
            query["_id"] = {"$lt": before}
        found = self._content.many(query, fields=_LISTED, sort=[("_id", -1)], limit=page.limit + 1)
        return page_of(found, page, lambda one: (one["_id"],))

    def put_versions(self, current: Document, versions: Sequence[Document], *, at: datetime) -> Document:
        """Replace the versions of content as it was read and return it; raises StaleVersion if it changed since."""
        live = live_version(versions)
        change: Document = {
            "$set": {"versions": list(versions), "live": live, "updated_at": at},
            "$inc": {"version": 1},
        }
        if live is None:
            change["$unset"] = {"live_shelf": 1, "live_media": 1}
        else:
            change["$set"] |= {"live_shelf": current["shelf"], "live_media": live["content"].get("media", [])}
        changed = self._content.change({"_id": current["_id"], "version": current["version"]}, change)
        if changed is None:
            raise StaleVersion
        return changed

    def list_live(self, campaign_ids: Iterable[str]) -> list[Document]:
        """Return what is live for some campaigns, without the other versions."""
        shelves = [*dict.fromkeys(campaign_ids), FOR_ALL]
        return self._content.many({"live_shelf": {"$in": shelves}}, fields={"versions": 0})

    def live_heads(self, campaign_ids: Iterable[str]) -> list[Document]:
        """Return what is live for some campaigns without what it says: versions, and what it may be stopped by."""
        shelves = [*dict.fromkeys(campaign_ids), FOR_ALL]
        return self._content.many({"live_shelf": {"$in": shelves}}, fields=_HEAD)

    def live_by_ids(self, keys: Iterable[str]) -> dict[str, Document]:
        """Return those of some contents that are live, without the other versions; ask for a bounded number."""
        found = self._content.by_ids(keys, fields={"versions": 0})
        return {key: content for key, content in found.items() if content["live"] is not None}
