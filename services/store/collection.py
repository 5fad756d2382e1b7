"""A thin pymongo collection whose failures are the domain's errors, and the client that opens it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from pymongo import DeleteOne, InsertOne, MongoClient, ReplaceOne, ReturnDocument, UpdateMany, UpdateOne
from pymongo.database import Database
from pymongo.errors import AutoReconnect, BulkWriteError, ConnectionFailure, DuplicateKeyError

from services.domain.errors import DomainError, NotFound, Unavailable

Document = dict[str, Any]
Query = Mapping[str, Any]
Change = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Write = UpdateOne | UpdateMany | ReplaceOne[Document] | InsertOne[Document] | DeleteOne
DUPLICATE_KEY = 11000
# So many documents come with the first answer; the driver's own 101 would ask twice for a large batch.
_IN_ONE_ANSWER = 1000


class DuplicateDocument(DomainError):
    """A unique key refused a document."""

    def __init__(self) -> None:
        super().__init__("duplicate")


def open_client(uri: str, *, listeners: Sequence[Any] = (), pool_size: int = 100) -> MongoClient[Document]:
    """Return a client whose acknowledged writes are on disk of a majority, and whose times are aware."""
    return MongoClient(
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        retryWrites=True,
        serverSelectionTimeoutMS=5000,
        connectTimeoutMS=5000,
        maxPoolSize=pool_size,
        event_listeners=list(listeners),
        appname="sampark",
    )


@contextmanager
def domain_errors() -> Iterator[None]:
    """Turn the driver's failures into the domain's."""
    try:
        yield
    except DuplicateKeyError as error:
        raise DuplicateDocument from error
    except (AutoReconnect, ConnectionFailure) as error:
        raise Unavailable("database_unavailable") from error


def guarded(
    condition: Any, fields: Mapping[str, Any], *, computed: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return the pipeline that sets `fields` (values, never expressions) and `computed` where `condition` holds."""
    values = {name: {"$literal": value} for name, value in fields.items()}
    changed = {"$mergeObjects": ["$$ROOT", {**values, **(computed or {})}]}
    return [{"$replaceWith": {"$cond": [condition, changed, "$$ROOT"]}}]


def per_key(keys: Sequence[Any], values: Sequence[Any]) -> dict[str, Any]:
    """Return the expression that gives each document the value that stands where its `_id` stands in `keys`."""
    return {"$arrayElemAt": [{"$literal": list(values)}, {"$indexOfArray": [{"$literal": list(keys)}, "$_id"]}]}


class Collection:
    """One collection; each method is one round trip."""

    def __init__(self, database: Database[Document], name: str) -> None:
        self.name = name
        self._raw = database[name]

    def find(self, query: Query, *, fields: Sequence[str] | Mapping[str, Any] | None = None) -> Document | None:
        """Return the document that matches, or None."""
        with domain_errors():
            return self._raw.find_one(query, fields)

    def get(self, key: Any, *, fields: Sequence[str] | Mapping[str, Any] | None = None) -> Document:
        """Return the document with this `_id`, or raise NotFound."""
        document = self.find({"_id": key}, fields=fields)
        if document is None:
            raise NotFound
        return document

    def many(
        self,
        query: Query,
        *,
        fields: Sequence[str] | Mapping[str, Any] | None = None,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
    ) -> list[Document]:
        """Return the documents that match, all of them unless `limit` says how many."""
        with domain_errors():
            cursor = self._raw.find(query, fields, limit=limit, batch_size=_IN_ONE_ANSWER)
            return list(cursor.sort(list(sort)) if sort else cursor)

    def by_ids(
        self, ids: Iterable[Any], *, fields: Sequence[str] | Mapping[str, Any] | None = None
    ) -> dict[Any, Document]:
        """Return the documents with these `_id`s by id; ask for a bounded number."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        return {document["_id"]: document for document in self.many({"_id": {"$in": wanted}}, fields=fields)}

    def walk(
        self,
        query: Query,
        *,
        fields: Sequence[str] | None = None,
        sort: Sequence[tuple[str, int]] = (),
        batch: int = 1000,
    ) -> Iterator[Document]:
        """Yield the documents that match, fetched `batch` at a time."""
        with domain_errors():
            cursor = self._raw.find(query, fields, batch_size=batch)
            yield from cursor.sort(list(sort)) if sort else cursor

    def insert(self, document: Document) -> None:
        """Store a new document, or raise DuplicateDocument."""
        with domain_errors():
            self._raw.insert_one(document)

    def insert_once(self, document: Document) -> bool:
        """Store a document unless a unique key refuses it; tell whether it was stored."""
        try:
            self.insert(document)
        except DuplicateDocument:
            return False
        return True

    def insert_new(self, documents: Sequence[Document]) -> set[Any]:
        """Store those documents that no unique key refuses; return the `_id`s of the refused ones."""
        if not documents:
            return set()
        if len(documents) == 1:
            # The driver's way for one is much shorter than that for many.
            return set() if self.insert_once(documents[0]) else {documents[0]["_id"]}
        try:
            with domain_errors():
                self._raw.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            failures = (error.details or {}).get("writeErrors", [])
            if any(failure["code"] != DUPLICATE_KEY for failure in failures):
                raise
            return {documents[failure["index"]]["_id"] for failure in failures}
        return set()

    def update(
        self, query: Query, change: Change, *, upsert: bool = False, filters: Sequence[Query] | None = None
    ) -> int:
        """Change one document; return how many matched (an upsert that inserts counts)."""
        with domain_errors():
            result = self._raw.update_one(query, cast("Any", change), upsert=upsert, array_filters=filters)
        return result.matched_count + (1 if result.upserted_id is not None else 0)

    def update_many(self, query: Query, change: Change) -> int:
        """Change all that match; return how many matched."""
        with domain_errors():
            return self._raw.update_many(query, cast("Any", change)).matched_count

    def change(
        self, query: Query, change: Change, *, upsert: bool = False, sort: Sequence[tuple[str, int]] = ()
    ) -> Document | None:
        """Change one document of a small collection and return it as it is afterwards, or None."""
        with domain_errors():
            return self._raw.find_one_and_update(
                query,
                cast("Any", change),
                upsert=upsert,
                sort=list(sort) or None,
                return_document=ReturnDocument.AFTER,
            )

    def change_if(self, key: Any, condition: Any, fields: Mapping[str, Any]) -> bool:
        """Set `fields` of the document with this `_id` where `condition` (an expression) holds; tell whether it did.

        One of the fields must change by it, as a version does. The condition is part of the update and not of the
        query: beside an `_id` the embedded engine would answer it by reading the whole collection.
        """
        with domain_errors():
            result = self._raw.update_one({"_id": key}, cast("Any", guarded(condition, fields)))
        return result.modified_count == 1

    def change_each_if(
        self,
        keys: Sequence[Any],
        condition: Any,
        fields: Mapping[str, Any],
        *,
        computed: Mapping[str, Any] | None = None,
    ) -> int:
        """Do the same to each of a bounded number of documents in one write; return how many changed.

        `computed` are fields set from expressions, for values that differ from one document to the next (`per_key`).
        """
        if not keys:
            return 0
        with domain_errors():
            pipeline = guarded(condition, fields, computed=computed)
            return self._raw.update_many({"_id": {"$in": list(keys)}}, cast("Any", pipeline)).modified_count

    def change_each(self, pipelines: Mapping[Any, Change]) -> int:
        """Change documents by `_id`, each by a pipeline of its own, in one round trip; return how many changed."""
        if not pipelines:
            return 0
        with domain_errors():
            if len(pipelines) == 1:
                [(key, pipeline)] = pipelines.items()
                return self._raw.update_one({"_id": key}, cast("Any", pipeline)).modified_count
            changes: list[Write] = [UpdateOne({"_id": key}, cast("Any", one)) for key, one in pipelines.items()]
            return self._raw.bulk_write(changes, ordered=False).modified_count

    def bulk(self, changes: Sequence[Write]) -> int:
        """Carry out many changes in one round trip, unordered; return how many documents matched."""
        if not changes:
            return 0
        with domain_errors():
            result = self._raw.bulk_write(list(changes), ordered=False)
        return result.matched_count + result.upserted_count

    def bulk_changed(self, changes: Sequence[UpdateMany]) -> int:
        """Carry out many updates in one round trip, unordered; return how many documents changed by them."""
        if not changes:
            return 0
        with domain_errors():
            return self._raw.bulk_write(list(changes), ordered=False).modified_count

    def delete(self, query: Query) -> int:
        """Remove all that match; return how many went."""
        with domain_errors():
            return self._raw.delete_many(query).deleted_count

    def aggregate(self, pipeline: Sequence[Query]) -> list[Document]:
        """Return the result of a pipeline."""
        with domain_errors():
            return list(self._raw.aggregate(list(pipeline)))

    def ensure_index(self, keys: Sequence[tuple[str, int]], **options: Any) -> None:
        """Create an index unless it is there."""
        with domain_errors():
            self._raw.create_index(list(keys), **options)
