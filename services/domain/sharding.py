"""What a sharded database would do with a query: which shards it asks, which index leads it, which keys it may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Document = Mapping[str, Any]
_BOUNDS = frozenset({"$gt", "$gte", "$lt", "$lte"})


class Asked(NamedTuple):
    """One condition that went to a collection: by which fields, and which of them by equality."""

    collection: str
    command: str
    fields: frozenset[str]
    equal: frozenset[str]


def asked_by(name: str, command: Document) -> list[Asked]:
    """Return the conditions of a database command; inserts have none, their documents bring the shard key along.

    A join asks its collection too, for equality in one field.
    """
    found = [_asked(command[name], name, query) for query in _queries(name, command)]
    joins = [stage["$lookup"] for stage in command.get("pipeline", ()) if "$lookup" in stage]
    joined = [Asked(join["from"], name, *2 * (frozenset([join["foreignField"]]),)) for join in joins]
    return [one for one in found if one is not None] + joined


def is_targeted(asked: Asked, key: Document) -> bool:
    """Tell whether a router sends a query to those shards alone that hold what it wants: all of the key by equality."""
    return asked.equal >= key.keys()


def is_led(asked: Asked, indexes: Iterable[Sequence[str]]) -> bool:
    """Tell whether an index leads a query: one whose first field it names, or the one that every collection has."""
    return "_id" in asked.fields or any(index[0] in asked.fields for index in indexes)


def may_be_unique(index: Sequence[str], key: Document) -> bool:
    """Tell whether a sharded collection can hold an index unique: its first fields are the shard key.

    A hashed key says that no other index is unique but the one of the same single field.
    """
    fields = list(key)
    return list(index[: len(fields)]) == fields and ("hashed" not in key.values() or len(index) == 1)


def _queries(name: str, command: Document) -> list[Document]:
    if name == "find":
        return [command.get("filter", {})]
    if name == "update":
        return [one["q"] for one in command["updates"]]
    if name == "delete":
        return [one["q"] for one in command["deletes"]]
    if name == "findAndModify":
        return [command["query"]]
    if name == "aggregate":
        first: Document = next(iter(command["pipeline"]), {})
        return [first.get("$match", {})]
    return []


def _asked(collection: Any, command: str, query: Document) -> Asked | None:
    if not isinstance(collection, str):
        return None
    parts = [query, *(part for part in query.get("$and", ()))]
    conditions = {field: value for part in parts for field, value in part.items() if not field.startswith("$")}
    equal = frozenset(field for field, value in conditions.items() if _is_equality(value))
    return Asked(collection, command, frozenset(conditions), equal)


def _is_equality(value: Any) -> bool:
    if not isinstance(value, Mapping) or not any(name.startswith("$") for name in value):
        return True
    return "$in" in value or "$eq" in value
