"""Collection `areas`: the tree of places, one document a place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from pymongo import ReplaceOne
from pymongo.database import Database

from services.domain.areas import Area
from services.store.collection import Collection, Document

_LOADED = "areas-loaded"


class AreaStore:
    """The places as the data files and headquarters gave them; `services.campaigns.places` keeps the tree."""

    def __init__(self, database: Database[Document]) -> None:
        self._areas = Collection(database, "areas")
        self._controls = Collection(database, "controls")

    def load(self, areas: Sequence[Area]) -> int:
        """Store the places of the data files unless these very ones are stored; return how many were written."""
        documents = [_to_document(area) for area in areas]
        digest = hashlib.sha256(repr(documents).encode()).hexdigest()
        if self._controls.find({"_id": _LOADED, "digest": digest}):
            return 0
        self._areas.bulk([ReplaceOne({"_id": document["_id"]}, document, upsert=True) for document in documents])
        self._controls.update({"_id": _LOADED}, {"$set": {"digest": digest}}, upsert=True)
        return len(documents)

    def all(self) -> list[Area]:
        """Return every place; for the tree that a process keeps."""
        return [_to_area(document) for document in self._areas.walk({})]


def _to_document(area: Area) -> Document:
    return {
        "_id": area.id,
        "kind": area.kind,
        "code": area.code,
        "name": {"hi": area.name_hi, "en": area.name_en},
        "parent_id": area.parent_id,
        "path": list(area.path),
        "aliases": list(area.aliases),
        "electors": area.electors,
        "effective_from": area.effective_from.isoformat() if area.effective_from else None,
        "effective_to": area.effective_to.isoformat() if area.effective_to else None,
    }


def _to_area(document: Document) -> Area:
    return Area(
        id=document["_id"],
        kind=document["kind"],
        code=document["code"],
        name_hi=document["name"]["hi"],
        name_en=document["name"]["en"],
        parent_id=document["parent_id"],
        path=tuple(document["path"]),
        aliases=tuple(document["aliases"]),
        electors=document["electors"],
        effective_from=_date(document["effective_from"]),
        effective_to=_date(document["effective_to"]),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
