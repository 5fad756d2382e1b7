"""Collection `contacts` as outcomes change it: dead numbers and channels, people who moved or died."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import UpdateOne
from pymongo.database import Database

from services.store.collection import Collection, Document

# (contact id, address key, channel, outcome id)
Ended = tuple[str, str, str, str]
_ONE = "addresses.$[one]"
# Who edits a contact writes it only if it still has the version that was read.
_NEWER = {"$inc": {"version": 1}}


class ContactEffectStore:
    """Each change is one update by `_id`, and the same when made again."""

    def __init__(self, database: Database[Document]) -> None:
        self._contacts = Collection(database, "contacts")

    def kill_numbers(self, ended: Sequence[Ended]) -> None:
        """Mark addresses dead; the person may have another."""
        self._contacts.bulk(
            [
                _changing(contact, {"one.key": key}, {"$set": {f"{_ONE}.state": "dead", f"{_ONE}.dead_by": outcome}})
                for contact, key, _, outcome in ended
            ]
        )

    def kill_channels(self, ended: Sequence[Ended]) -> None:
        """Mark one channel of an address dead; its other channels live on."""
        self._contacts.bulk(
            [
                _changing(
                    contact,
                    {"one.key": key},
                    {"$addToSet": {f"{_ONE}.dead_channels": channel}, "$set": {f"{_ONE}.dead_by": outcome}},
                )
                for contact, key, channel, outcome in ended
            ]
        )

    def revive_numbers(self, revived: Sequence[Ended]) -> None:
        """Take back what `kill_numbers` did for outcomes that were corrected; what waited before waits again."""
        self._contacts.bulk(
            [
                _changing(
                    contact,
                    {"one.key": key, "one.dead_by": outcome, "one.state": "dead", "one.why": why},
                    {"$set": {f"{_ONE}.state": state}, "$unset": {f"{_ONE}.dead_by": ""}},
                )
                for contact, key, _, outcome in revived
                # Why an address was quarantined stays with it when it dies.
                for why, state in ((None, "ok"), ({"$ne": None}, "quarantined"))
            ]
        )

    def revive_channels(self, revived: Sequence[Ended]) -> None:
        """Take back what `kill_channels` did for outcomes that were corrected."""
        self._contacts.bulk(
            [
                _changing(
                    contact,
                    {"one.key": key, "one.dead_by": outcome},
                    {"$pull": {f"{_ONE}.dead_channels": channel}, "$unset": {f"{_ONE}.dead_by": ""}},
                )
                for contact, key, channel, outcome in revived
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

    def note_back(self, back: Sequence[tuple[str, str]]) -> None:
        """Take back what `note_gone` noted for `(contact id, outcome id)`, unless a coordinator has confirmed it."""
        self._contacts.bulk([UpdateOne({"_id": contact}, _returning(outcome)) for contact, outcome in back])

    def confirm_death(self, contact_id: str, outcome_id: str) -> None:
        """Note that a coordinator has confirmed a death; no correction takes it back."""
        gone = {"kind": "deceased", "outcome_id": outcome_id, "confirmed": True}
        change = {"gone": {"$literal": gone}, "version": {"$add": ["$version", 1]}}
        state = {"$cond": [{"$in": ["$state", ["active", "moved"]]}, "deceased", "$state"]}
        self._contacts.update({"_id": contact_id}, [{"$set": {**change, "state": state}}])


def _going(kind: str, outcome_id: str) -> list[Document]:
    first = {"$ifNull": ["$gone", {"kind": kind, "outcome_id": outcome_id, "confirmed": False}]}
    state = {"$cond": [{"$eq": ["$state", "active"]}, kind, "$state"]}
    return [{"$set": {"gone": first, "state": state, "version": {"$add": ["$version", 1]}}}]


def _by(outcome_id: str) -> Document:
    return {"$eq": ["$gone.outcome_id", outcome_id]}


def _returning(outcome_id: str) -> list[Document]:
    mine = {"$and": [_by(outcome_id), {"$ne": ["$gone.confirmed", True]}]}
    back = {"$cond": [{"$in": ["$state", ["moved", "deceased"]]}, "active", "$state"]}
    changed = {"$mergeObjects": ["$$ROOT", {"gone": None, "state": back, "version": {"$add": ["$version", 1]}}]}
    return [{"$replaceWith": {"$cond": [mine, changed, "$$ROOT"]}}]


def _changing(contact_id: str, which: Document, change: Document) -> UpdateOne:
    return UpdateOne({"_id": contact_id}, {**change, **_NEWER}, array_filters=[which])
