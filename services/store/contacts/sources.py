"""Collection `sources`: where contacts came from and on which lawful basis, kept as long as any contact names it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pymongo.database import Database

from services.domain.sheets.sources import Source
from services.store.collection import Collection, Document


class SourceStore:
    """Declared sources by id."""

    def __init__(self, database: Database[Document]) -> None:
        self._sources = Collection(database, "sources")

    def keep(self, source: Source, *, by: str, at: datetime) -> None:
        """Store a source unless the very same one was declared before."""
        plain = source.to_plain()
        self._sources.insert_once({"_id": source.id, **plain, "group": source.group, "by": by, "at": at})

    def by_ids(self, source_ids: Iterable[str]) -> dict[str, Document]:
        """Return what was declared, by id."""
        return self._sources.by_ids(source_ids)
