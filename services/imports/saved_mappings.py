"""Remembered mappings: what was said of a list's columns holds for its next sheet with the same headings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import BinaryIO, NamedTuple

from services.domain.errors import Invalid
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.sheets import headings_digest
from services.domain.sheets.sources import Source
from services.gateways.spreadsheets import SheetTable, open_table
from services.operations.audit import Audit
from services.store.collection import Document
from services.store.contacts.sheet_mappings import SheetMappingStore

REQUEST, SAVED, GUESS = "request", "saved", "guess"


class Opened(NamedTuple):
    """A sheet with what was said of its columns, and where that comes from: `request`, `saved` or `guess`."""

    table: SheetTable
    said: Mapping[str, str | None]
    origin: str


class SavedMappings:
    """Open sheets by what was said before; list and forget that."""

    def __init__(self, store: SheetMappingStore, *, audit: Audit) -> None:
        self._store = store
        self._audit = audit

    def open(
        self, content: BinaryIO, source: Source, said: Mapping[str, str | None], *, headings: HeadingTable
    ) -> Opened:
        """Open a sheet from its start; raises Invalid as `open_table` does."""
        if said:
            return Opened(open_table(content, headings, explicit=said), said, REQUEST)
        for saved in self._store.latest(source):
            if table := self._fits(content, saved, headings):
                return Opened(table, saved["mapping"], SAVED)
        content.seek(0)
        return Opened(open_table(content, headings), {}, GUESS)

    def keep(self, actor: Actor, source: Source, opened: Opened, *, at: datetime) -> None:
        """Remember what was said of an import's columns, if anything was."""
        if opened.origin == REQUEST:
            headings = headings_digest(opened.table.mapping.headers)
            self._store.keep(source, headings, opened.said, by=actor.user_id, at=at)

    def list_page(self, page: PageRequest) -> Page[Document]:
        """Return what is remembered."""
        return self._store.list_page(page)

    def forget(self, actor: Actor, mapping_id: str) -> None:
        """Forget a mapping: the next such sheet is guessed; raise NotFound."""
        self._store.delete(mapping_id)
        self._audit.record(actor, "sheet_mapping.forget", subject=mapping_id)

    def _fits(self, content: BinaryIO, saved: Document, headings: HeadingTable) -> SheetTable | None:
        content.seek(0)
        try:
            table = open_table(content, headings, explicit=saved["mapping"])
        except Invalid:
            # Another sheet of the list; what is wrong with it is told when it is opened without this mapping.
            return None
        return table if headings_digest(table.mapping.headers) == saved["headings"] else None
