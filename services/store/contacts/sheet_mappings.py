"""Collection `sheet_mappings`: which column is which field, as somebody has said it for the sheets of one list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pymongo.database import Database

from services.domain.errors import NotFound
from services.domain.paging import Page, PageRequest, page_of
from services.domain.sheets.sources import Source
from services.store.collection import Collection, Document

_LATEST = 20


class SheetMappingStore:
    """Mappings by list and headings; the latest word for the same headings stands."""

    def __init__(self, database: Database[Document]) -> None:
        self._mappings = Collection(database, "sheet_mappings")

    def ensure_indexes(self) -> None:
        """Lead the search for a list's mappings."""
        self._mappings.ensure_index([("group", 1)])

    def keep(self, source: Source, headings: str, mapping: Mapping[str, str | None], *, by: str, at: datetime) -> None:
        """Store what was said for sheets of this list with these headings."""
        told = {"source_name": source.name, "source_kind": source.kind, "mapping": dict(mapping), "by": by, "at": at}
        fields = {"group": source.group, "headings": headings, **told}
        self._mappings.update({"_id": f"{source.group}-{headings}"}, {"$set": fields}, upsert=True)

    def latest(self, source: Source) -> list[Document]:
        """Return the latest mappings of a source's list, the last first."""
        found = self._mappings.many({"group": source.group})
        return sorted(found, key=lambda one: one["at"], reverse=True)[:_LATEST]

    def list_page(self, page: PageRequest) -> Page[Document]:
        """Return all mappings, those of one list together."""
        after = page.after_text()
        query: Document = {} if after is None else {"_id": {"$gt": after}}
        found = self._mappings.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of(found, page, lambda one: (one["_id"],))

    def delete(self, mapping_id: str) -> None:
        """Forget a mapping; raise NotFound when there is none."""
        if not self._mappings.delete({"_id": mapping_id}):
            raise NotFound
