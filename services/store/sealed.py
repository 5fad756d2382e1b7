"""Where sealed values lie in each collection, and sealing them anew with the key that seals now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.cipher import Cipher
from services.store.collection import Collection, Document, guarded
from services.store.keyring import INDEX_KEY, VAULT

Path = tuple[str, ...]
_AT_ONCE = 500


@dataclass(frozen=True)
class SealedPlace:
    """The sealed values of one collection: which fields hold them, and what each is bound to by its path."""

    collection: str
    fields: tuple[str, ...]
    bindings: Callable[[Document], Iterator[tuple[Path, str]]]


def _bound(*paths: tuple[Path, str]) -> Callable[[Document], Iterator[tuple[Path, str]]]:
    """Return bindings of fixed paths; `{}` in what they are bound to stands for the document's id."""

    def bindings(document: Document) -> Iterator[tuple[Path, str]]:
        for path, bound_to in paths:
            yield path, bound_to.format(document["_id"])

    return bindings


def _entries_of_cell(document: Document) -> Iterator[tuple[Path, str]]:
    for item_id in document.get("items", {}):
        yield ("items", item_id, "a"), f"{document['_id']}/{item_id}"


def _told(document: Document) -> Iterator[tuple[Path, str]]:
    yield ("sealed",), str(document.get("outcome_id", document["_id"]))


# In the order in which they are sealed anew; a test holds this list against every place that seals.
PLACES = (
    SealedPlace(VAULT, ("wrapped",), _bound((("wrapped",), INDEX_KEY))),
    SealedPlace("users", ("sealed",), _bound((("sealed",), "user:{}"))),
    SealedPlace("join_codes", ("sealed",), _bound((("sealed",), "join-code:{}"))),
    SealedPlace("join_requests", ("sealed",), _bound((("sealed",), "join-request:{}"))),
    SealedPlace("devices", ("sealed_target",), _bound((("sealed_target",), "device:{}"))),
    SealedPlace(
        "contacts",
        ("sealed", "undo"),
        _bound(
            (("sealed",), "contact:{}"),
            (("undo", "before", "sealed"), "contact:{}"),
            (("undo", "under", "before", "sealed"), "contact:{}"),
        ),
    ),
    SealedPlace(
        "suppressions",
        ("sealed", "note"),
        _bound((("sealed",), "suppression:{}"), (("note",), "suppression-note:{}")),
    ),
    SealedPlace(
        "rights_requests",
        ("sealed", "resolution"),
        _bound((("sealed",), "rights:{}"), (("resolution",), "rights-resolution:{}")),
    ),
    SealedPlace("reveal_flags", ("sealed",), _bound((("sealed",), "reveal-flag:{}"))),
    SealedPlace("pauses", ("appeal",), _bound((("appeal", "sealed"), "appeal:{}"))),
    SealedPlace(
        "targets",
        ("custom", "custom_undo"),
        _bound((("custom",), "custom:{}"), (("custom_undo", "before"), "custom:{}")),
    ),
    SealedPlace("outcomes", ("sealed",), _told),
    SealedPlace("outcome_conflicts", ("sealed", "outcome_id"), _told),
    SealedPlace("held_outcomes", ("sealed", "outcome_id"), _told),
    SealedPlace("reviews", ("sealed",), _bound((("sealed",), "review:{}"))),
    SealedPlace("tallies", ("items",), _entries_of_cell),
    SealedPlace("questions", ("sealed",), _bound((("sealed",), "question:{}"))),
    SealedPlace("jobs", ("sealed_result",), _bound((("sealed_result",), "job:{}"))),
    SealedPlace("file_chunks", ("content",), _bound((("content",), "file:{}"))),
    SealedPlace("idempotency", ("answer",), _bound((("answer",), "{}"))),
)


class SealedStore:
    """Walks the sealed values of a database, collection by collection, and renews them."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def portions(self, place: SealedPlace, *, after: Any = None) -> Iterator[list[Document]]:
        """Yield the collection's documents, some at a time in the order of their ids, those beyond `after`."""
        query = {} if after is None else {"_id": {"$gt": after}}
        waiting: list[Document] = []
        for document in self._collection(place).walk(query, fields=place.fields, sort=[("_id", 1)], batch=_AT_ONCE):
            waiting.append(document)
            if len(waiting) == _AT_ONCE:
                yield waiting
                waiting = []
        if waiting:
            yield waiting

    def renew(self, place: SealedPlace, documents: Sequence[Document]) -> int:
        """Seal anew what an older key sealed, unless it was written meanwhile; return how many documents had such."""
        changes = [change for document in documents if (change := self._renewal(place, document)) is not None]
        self._collection(place).bulk(changes)
        return len(changes)

    def _renewal(self, place: SealedPlace, document: Document) -> UpdateOne | None:
        after = deepcopy(document)
        changed: set[str] = set()
        for path, bound_to in place.bindings(document):
            sealed = _at(document, path)
            renewed = self._cipher.renewed(sealed, bound_to=bound_to) if sealed else None
            if renewed is not None:
                _at(after, path[:-1])[path[-1]] = renewed
                changed.add(path[0])
        if not changed:
            return None
        # Whoever wrote these fields since they were read has sealed them with the present key.
        as_read = {"$and": [{"$eq": [f"${name}", {"$literal": document[name]}]} for name in sorted(changed)]}
        return UpdateOne({"_id": document["_id"]}, guarded(as_read, {name: after[name] for name in sorted(changed)}))

    def _collection(self, place: SealedPlace) -> Collection:
        return Collection(self._database, place.collection)


def _at(document: Document, path: Path) -> Any:
    """Return what stands at a path, None where it ends early."""
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found
