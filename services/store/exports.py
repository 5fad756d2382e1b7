"""Collection `exports`: who asked for which file, who approved it, until when it is there; kept for a year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from services.domain.errors import NotFound
from services.domain.paging import Page, PageRequest, page_of
from services.store.audit import KEPT
from services.store.collection import Collection, Document


class ExportStore:
    """Exports by id, the latest first."""

    def __init__(self, database: Database[Document]) -> None:
        self._exports = Collection(database, "exports")

    def ensure_indexes(self) -> None:
        """Lead the list by state and let exports go after a year."""
        self._exports.ensure_index([("state", 1), ("_id", 1)])
        self._exports.ensure_index([("recorded_at", 1)], expireAfterSeconds=int(KEPT.total_seconds()))

    def insert(self, export: Mapping[str, Any]) -> None:
        """Store a new export."""
        self._exports.insert({**export, "recorded_at": datetime.now(UTC)})

    def find(self, export_id: str) -> Document | None:
        """Return the export, or None."""
        return self._exports.find({"_id": export_id})

    def get(self, export_id: str) -> Document:
        """Return the export, or raise NotFound."""
        found = self.find(export_id)
        if found is None:
            raise NotFound
        return found

    def list_page(self, page: PageRequest, *, state: str | None) -> Page[Document]:
        """Return exports of a state (None: of all), the latest first."""
        query: Document = {} if state is None else {"state": state}
        after = page.after_text()
        if after is not None:
            query["_id"] = {"$lt": after}
        found = self._exports.many(query, sort=[("_id", -1)], limit=page.limit + 1)
        return page_of(found, page, lambda one: (one["_id"],))

    def move(self, export_id: str, *, states: tuple[str, ...], fields: Mapping[str, Any]) -> Document | None:
        """Change an export that is in one of some states and return it; None when it is in none of them."""
        query = {"_id": export_id, "state": {"$in": list(states)}}
        return self._exports.change(query, {"$set": dict(fields), "$inc": {"version": 1}})
