"""What outcomes add to documents of a contact: marks on targets, touches on contacts.

Each is added once, by its id, in one update by `_id`; what is derived from marks carries the revision it was derived
from, so that of two writers the one who saw more wins, in whatever order they write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.standing import Mark, Standing
from services.store.collection import Collection, Document

_TOUCHES_KEPT = 20


class MarkStore:
    """Adds marks and touches, and keeps what follows from them."""

    def __init__(self, database: Database[Document]) -> None:
        self._targets = Collection(database, "targets")
        self._contacts = Collection(database, "contacts")

    def add_marks(self, marks: Sequence[tuple[str, Mark]]) -> dict[str, Document]:
        """Add `(target id, mark)` pairs and return the targets as they are then, by id."""
        self._targets.bulk([UpdateOne({"_id": target_id}, _adding_mark(mark)) for target_id, mark in marks])
        return self._targets.by_ids(
            (target_id for target_id, _ in marks),
            fields=["marks", "rev", "part_id", "constituency_id", "campaign_id", "item_id"],
        )

    def read(self, target_ids: Iterable[str]) -> dict[str, Document]:
        """Return the targets that exist, whole, by id."""
        return self._targets.by_ids(target_ids)

    def set_standings(self, standings: Iterable[tuple[Document, Standing]]) -> None:
        """Write what `standings` derived from targets as they were read, unless somebody has derived from more."""
        self._targets.bulk(
            [
                UpdateOne({"_id": target["_id"]}, _deriving(target["rev"], standing_fields(standing)))
                for target, standing in standings
            ]
        )

    def touch_contacts(self, touches: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Add `(contact id, touch)` pairs."""
        self._contacts.bulk([UpdateOne({"_id": key}, _adding_touch(touch)) for key, touch in touches])


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


def _adding_mark(mark: Mark) -> list[Document]:
    present = {"$ifNull": ["$marks", []]}
    known = {"$in": [mark.id, {"$ifNull": ["$marks.id", []]}]}
    return [
        {
            "$set": {
                "marks": {"$cond": [known, present, {"$concatArrays": [present, [{"$literal": mark._asdict()}]]}]},
                "rev": {"$add": [{"$ifNull": ["$rev", 0]}, {"$cond": [known, 0, 1]}]},
            }
        }
    ]


def _deriving(rev: int, fields: Mapping[str, Any]) -> list[Document]:
    newer = {"$gte": [rev, {"$ifNull": ["$derived_rev", 0]}]}
    changed = {name: {"$cond": [newer, {"$literal": value}, f"${name}"]} for name, value in fields.items()}
    return [{"$set": {**changed, "derived_rev": {"$max": [rev, {"$ifNull": ["$derived_rev", 0]}]}}}]


def _adding_touch(touch: Mapping[str, Any]) -> list[Document]:
    present = {"$ifNull": ["$touches", []]}
    known = {"$in": [touch["o"], {"$ifNull": ["$touches.o", []]}]}
    added = {"$slice": [{"$concatArrays": [present, [{"$literal": dict(touch)}]]}, -_TOUCHES_KEPT]}
    return [{"$set": {"touches": {"$cond": [known, present, added]}}}]
