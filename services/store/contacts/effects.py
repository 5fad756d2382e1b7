"""Collection `contacts` as outcomes change it: dead numbers and channels, people who moved or died."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.store.collection import Collection, Document

Ended = tuple[str, str, str]
# Who edits a contact writes it only if it still has the version that was read.
_NEWER = {"$inc": {"version": 1}}


class ContactEffectStore:
    """Each change is one update by `_id`, and the same when made again."""

    def __init__(self, database: Database[Document]) -> None:
        self._contacts = Collection(database, "contacts")

    def kill_numbers(self, ended: Sequence[Ended]) -> None:
        """Mark addresses dead: `(contact id, address key, channel)`; the person may have another."""
        self._contacts.bulk(
            [
                _changing_address(contact, key, {"$set": {"addresses.$[one].state": "dead"}, **_NEWER})
                for contact, key, _ in ended
            ]
        )

    def kill_channels(self, ended: Sequence[Ended]) -> None:
        """Mark one channel of an address dead; its other channels live on."""
        self._contacts.bulk(
            [
                _changing_address(contact, key, {"$addToSet": {"addresses.$[one].dead_channels": channel}, **_NEWER})
                for contact, key, channel in ended
            ]
        )

    def note_gone(self, gone: Sequence[tuple[str, str, str]]) -> None:
        """Note `(contact id, moved|deceased, outcome id)`; a death is nobody's to confirm but a coordinator's."""
        self._contacts.bulk([UpdateOne({"_id": contact}, _going(kind, outcome)) for contact, kind, outcome in gone])

    def note_language(self, contact_ids: Sequence[str], language: str) -> None:
        """Note the language that people turned out to speak."""
        self._contacts.bulk(
            [UpdateOne({"_id": contact}, {"$set": {"language": language}, **_NEWER}) for contact in contact_ids]
        )


def _going(kind: str, outcome_id: str) -> list[Document]:
    first = {"$ifNull": ["$gone", {"kind": kind, "outcome_id": outcome_id, "confirmed": False}]}
    state = {"$cond": [{"$eq": ["$state", "active"]}, kind, "$state"]}
    return [{"$set": {"gone": first, "state": state, "version": {"$add": ["$version", 1]}}}]


def _changing_address(contact_id: str, key: str, change: dict[str, Any]) -> UpdateOne:
    return UpdateOne({"_id": contact_id}, change, array_filters=[{"one.key": key}])
