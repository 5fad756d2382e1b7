"""What outcomes add to documents of a contact: marks on targets, touches on contacts.

Each is added once, by its id, in one update by `_id`; what is derived from marks carries the revision it was derived
from, so that of two writers the one who saw more wins, in whatever order they write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from pymongo.database import Database

from services.domain.contacts.contacts import ERASED
from services.domain.outcomes.standing import Mark, Standing
from services.store.collection import Collection, Document, per_key

_TOUCHES_KEPT = 20
# The expressions look each document's values up in a list: a short one keeps that cheap.
_AT_ONCE = 100


class MarkStore:
    """Adds marks and touches, and keeps what follows from them."""

    def __init__(self, database: Database[Document]) -> None:
        self._targets = Collection(database, "targets")
        self._contacts = Collection(database, "contacts")

    def add_marks(self, marks: Mapping[str, Sequence[Mark]]) -> dict[str, Document]:
        """Add marks to targets, given by target id, and return the targets as they are then, by id."""
        for keys in _in_parts(marks):
            rows = [[mark._asdict() for mark in marks[key]] for key in keys]
            known, fresh = _known_and_fresh("marks", "id", per_key(keys, rows))
            more = {
                "marks": {"$concatArrays": [known, fresh]},
                "rev": {"$add": [{"$ifNull": ["$rev", 0]}, {"$size": fresh}]},
            }
            self._targets.update_many({"_id": {"$in": keys}}, [{"$set": more}])
        fields = ["marks", "rev", "part_id", "constituency_id", "campaign_id", "item_id"]
        return self._targets.by_ids(marks, fields=fields)

    def read(self, target_ids: Iterable[str]) -> dict[str, Document]:
        """Return the targets that exist, whole, by id."""
        return self._targets.by_ids(target_ids)

    def set_standings(self, standings: Mapping[str, tuple[int, Standing]]) -> None:
        """Write standings, each derived from a revision of a target, unless somebody has derived from more."""
        for keys in _in_parts(standings):
            rows = [standing_fields(standings[key][1]) for key in keys]
            rev = per_key(keys, [standings[key][0] for key in keys])
            derived = {"$ifNull": ["$derived_rev", 0]}
            computed = {name: per_key(keys, [row[name] for row in rows]) for name in rows[0]} | {"derived_rev": rev}
            # Somebody who was erased or merged is not opened again by what is told late.
            closed = {"$ne": [{"$ifNull": ["$closed_because", None]}, None]}
            computed["state"] = {"$cond": [closed, "done", computed["state"]]}
            self._targets.change_each_if(keys, {"$gte": [rev, derived]}, {}, computed=computed)

    def erased(self, contact_ids: Iterable[str]) -> set[str]:
        """Return those of a bounded number of people who were erased."""
        found = self._contacts.by_ids(contact_ids, fields=["state"])
        return {key for key, contact in found.items() if contact["state"] == ERASED}

    def touch_contacts(self, touches: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Add touches to contacts, given by contact id."""
        for keys in _in_parts(touches):
            rows = [[dict(row) for row in touches[key]] for key in keys]
            known, fresh = _known_and_fresh("touches", "o", per_key(keys, rows))
            kept = {"$slice": [{"$concatArrays": [known, fresh]}, -_TOUCHES_KEPT]}
            self._contacts.update_many({"_id": {"$in": keys}}, [{"$set": {"touches": kept}}])


def standing_fields(standing: Standing) -> Document:
    """Return a standing as a target keeps it."""
    return {
        "attempts": dict(standing.attempts),
        "total": standing.total,
        "last_at": standing.last_at,
        "last_channel": standing.last_channel,
        "last_disposition": standing.last_disposition,
        "next_at": standing.next_at,
        "callback_at": standing.callback_at,
        "final": standing.final,
        "state": "done" if standing.final else "open",
        "results": dict(standing.results),
    }


def to_mark(stored: Mapping[str, Any]) -> Mark:
    """Return a stored mark."""
    return Mark(**stored)


def touch(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return the touch of an outcome; a correction is the touch that it corrects."""
    at: datetime = outcome["occurred_at"]
    return {
        "o": outcome["corrects"] or outcome["_id"],
        "at": at,
        "ch": outcome["channel"],
        "c": outcome["campaign_id"],
        "i": outcome["item_id"],
    }


def touches_of(outcomes: Iterable[Mapping[str, Any]]) -> dict[str, list[Document]]:
    """Return the touches of outcomes by contact."""
    by_contact: dict[str, list[Document]] = {}
    for outcome in outcomes:
        for contact in outcome["contact_ids"]:
            by_contact.setdefault(contact, []).append(touch(outcome))
    return by_contact


def _known_and_fresh(field: str, key: str, rows: Document) -> tuple[Document, Document]:
    """Return the expressions for what a list holds, and for those rows that it does not."""
    known: Document = {"$ifNull": [f"${field}", []]}
    # A path through a list (`$marks.id`) is missing on the embedded engine: the names are mapped out instead.
    ids = {"$map": {"input": known, "in": f"$$this.{key}"}}
    return known, {"$filter": {"input": rows, "cond": {"$not": [{"$in": [f"$$this.{key}", ids]}]}}}


def _in_parts(keys: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(keys)
    while part := list(islice(iterator, _AT_ONCE)):
        yield part
