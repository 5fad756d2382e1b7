"""All collections of a database as raw documents: read for a backup, put back by a restore."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from services.store import migrations
from services.store.collection import Collection, Document, domain_errors
from services.store.keyring import INDEX_KEY, RESTORING, VAULT

# What an installation has before anybody has worked with it: the whole collection, or these documents of it.
_FURNITURE: dict[str, tuple[str, ...] | None] = {
    "areas": None,
    "migrations": None,
    VAULT: None,
    "controls": ("areas-loaded", "clock"),
}
# Read last: what everything else is derived from must not be older than what was derived.
_SOURCES = ("audit", "outcome_conflicts", "outcomes", "suppressions")
_AT_ONCE, _BYTES_AT_ONCE = 1000, 4 * 1024 * 1024
_RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)


class ArchiveStore:
    """Every collection by name, whatever is in it."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._raw = cast("Database[Document]", database.with_options(codec_options=_RAW))
        self._vault = Collection(database, VAULT)

    @property
    def name(self) -> str:
        """Return the name of the database."""
        return self._database.name

    def names(self) -> list[str]:
        """Return the collections in the order in which they are to be read."""
        with domain_errors():
            found = self._database.list_collection_names()
        return sorted((name for name in found if not name.startswith("system.")), key=lambda n: (n in _SOURCES, n))

    def read(self, name: str) -> Iterator[bytes]:
        """Yield the documents of a collection as they are read, not as they were at one moment."""
        for document in Collection(self._raw, name).walk({}):
            yield bytes(cast("RawBSONDocument", document).raw)

    def migrations(self) -> list[str]:
        """Return the migrations that have run on this database."""
        return sorted(record["_id"] for record in Collection(self._database, "migrations").walk({}))

    def is_fresh(self) -> bool:
        """Tell whether nobody has worked with this database, or it holds only what a restore began with."""
        return self._unfinished() or not any(self._worked_in(name) for name in self.names())

    def begin(self, facts: Document) -> None:
        """Mark the database as being restored, so that nobody opens it, and empty it."""
        started = {**facts, "started_at": datetime.now(UTC)}
        self._vault.update({"_id": RESTORING}, {"$set": started}, upsert=True)
        for name in self.names():
            if name != VAULT:
                with domain_errors():
                    self._database.drop_collection(name)
        self._vault.delete({"_id": {"$ne": RESTORING}})

    def fill(self, name: str, documents: Iterable[bytes]) -> int:
        """Insert documents, and return how many of them a unique key refused."""
        collection = Collection(self._raw, name)
        return sum(len(collection.insert_new(some)) for some in _portions(documents))

    def finish(self) -> None:
        """Let the database be opened again."""
        self._vault.delete({"_id": RESTORING})

    def _unfinished(self) -> bool:
        return self._vault.find({"_id": RESTORING}) is not None

    def _worked_in(self, name: str) -> bool:
        furniture = _FURNITURE.get(name, ())
        if furniture is None:
            return False
        if furniture:
            return Collection(self._database, name).find({"_id": {"$nin": list(furniture)}}) is not None
        with domain_errors():
            return self._database[name].estimated_document_count() > 0


def find_index_key(documents: Iterable[bytes]) -> Document | None:
    """Return the wrapped index key among the raw documents of a vault."""
    decoded = (bson.decode(document) for document in documents)
    return next((document for document in list(decoded) if document["_id"] == INDEX_KEY), None)


def known_migrations() -> set[str]:
    """Return the migrations that this version of the code knows."""
    return set(migrations.names())


def _portions(documents: Iterable[bytes]) -> Iterator[list[Document]]:
    waiting: list[Document] = []
    size = 0
    for document in documents:
        waiting.append(cast("Document", RawBSONDocument(document)))
        size += len(document)
        if len(waiting) == _AT_ONCE or size >= _BYTES_AT_ONCE:
            yield waiting
            waiting, size = [], 0
    if waiting:
        yield waiting
