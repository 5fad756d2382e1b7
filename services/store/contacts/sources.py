"""Collection `sources`: where contacts came from and on which lawful basis, kept as long as any contact names it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pymongo.database import Database

from services.domain.paging import Page, PageRequest, page_of
from services.domain.sheets.sources import Source
from services.store.collection import Collection, Document


class SourceStore:
    """Declared sources by id."""

    def __init__(self, database: Database[Document]) -> None:
        self._sources = Collection(database, "sources")

    def keep(self, source: Source, *, by: str, at: datetime, import_id: str | None) -> None:
        """Store a source unless the very same one was declared before, and which import brings it, if one does."""
        plain = source.to_plain()
        declared = {"_id": source.id, **plain, "group": source.group, "by": by, "at": at}
        self._sources.insert_once({**declared, "attested_by": None, "attested_at": None})
        if import_id is not None:
            self._sources.update({"_id": source.id}, {"$addToSet": {"imports": import_id}})

    def get(self, source_id: str) -> Document:
        """Return what was declared, or raise NotFound."""
        return self._sources.get(source_id)

    def attest(self, source_id: str, *, by: str, at: datetime) -> None:
        """Note who vouches for the consent that a source claims; the first who does stays."""
        fields = {"attested_by": by, "attested_at": at}
        self._sources.update({"_id": source_id, "attested_by": None}, {"$set": fields})

    def is_attested(self, source_id: str) -> bool:
        """Tell whether somebody has vouched for it."""
        stored = self._sources.find({"_id": source_id}, fields=["attested_by"])
        return stored is not None and stored.get("attested_by") is not None

    def list_page(self, page: PageRequest) -> Page[Document]:
        """Return sources in the order of their ids."""
        after = page.after_text()
        query: Document = {} if after is None else {"_id": {"$gt": after}}
        found = self._sources.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of(found, page, lambda one: (one["_id"],))

    def by_ids(self, source_ids: Iterable[str]) -> dict[str, Document]:
        """Return what was declared, by id."""
        return self._sources.by_ids(source_ids)
