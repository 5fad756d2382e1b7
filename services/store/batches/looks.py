"""What a claim or an opening decides on, read in one round trip: one document and those that it names, by their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.contacts.suppressions import person_key
from services.domain.people.users import User
from services.domain.rules.facts import Facts
from services.store.batches.caps import cap_id, used_of
from services.store.campaigns.controls import CONTROLS, complete
from services.store.collection import Collection, Document
from services.store.people.user_documents import UNSHOWN, UserDocuments

_ITEMS = "$items"
_PEOPLE = {
    "$reduce": {
        "input": {"$map": {"input": _ITEMS, "in": "$$this.contacts"}},
        "initialValue": [],
        "in": {"$concatArrays": ["$$value", "$$this"]},
    }
}
_ADDRESSES = {"$map": {"input": _ITEMS, "in": "$$this.address"}}


class BatchLook(NamedTuple):
    """A batch and the facts about its people."""

    batch: Document
    facts: Facts


class HolderLook(NamedTuple):
    """What an opening decides on: the batch, its people with their leases, the rules' documents and the volunteer."""

    batch: Document
    facts: Facts
    campaign: Document
    controls: Document
    user: User
    used: Mapping[str, int]


class VolunteerLook(NamedTuple):
    """What a claim starts from; `desk` is the batch that lies on it, `pools` are those that exist."""

    user: User
    used: Mapping[str, int]
    desk: str | None
    campaign: Document | None
    controls: Document
    pools: dict[str, Document]


class LookStore:
    """Joins by `_id` alone, which finds its index on every engine; each method is one round trip."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._batches = Collection(database, "batches")
        self._users = Collection(database, "users")
        self._documents = UserDocuments(cipher)

    def of_volunteer(
        self, user_id: str, campaign_id: str, *, day: str, desk: str, pools: Sequence[str]
    ) -> VolunteerLook | None:
        """Return what a volunteer's claim starts from, or None when there is no such person."""
        asked = {"campaign": campaign_id, "controls": CONTROLS, "caps": cap_id(user_id, day), "desk": desk}
        found = self._users.aggregate(
            [
                {"$match": {"_id": user_id}},
                {"$project": dict.fromkeys(UNSHOWN, 0)},
                {"$replaceWith": {"user": "$$ROOT", "asked": {"$literal": {**asked, "pools": list(pools)}}}},
                *(_join(name, f"asked.{one}") for name, one in _OF_VOLUNTEER.items()),
            ]
        )
        if not found:
            return None
        [look] = found
        return VolunteerLook(
            user=self._documents.user(look["user"]),
            used=used_of(_only(look["caps"])),
            desk=(_only(look["desks"]) or {}).get("batch_id"),
            campaign=_only(look["campaigns"]),
            controls=complete(_only(look["controls"])),
            pools={pool["_id"]: pool for pool in look["pools"]},
        )

    def of_batch(self, batch_id: str, *, now: datetime) -> BatchLook | None:
        """Return a batch with its people, or None."""
        return self._with_people([{"$match": {"_id": batch_id}}], now)

    def of_shelf(self, pool_key: str, *, slot: int | None, now: datetime) -> BatchLook | None:
        """Return one of the batches under a key, and of one slot if it is given, by chance; None if there is none."""
        query: Document = {"pool_key": pool_key} if slot is None else {"pool_key": pool_key, "slot": slot}
        return self._with_people([{"$match": query}, {"$sample": {"size": 1}}], now)

    def of_holder(self, batch_id: str, *, day: str, now: datetime) -> HolderLook | None:
        """Return a batch that somebody has, with all that decides about opening it, or None."""
        more = {
            "controls": CONTROLS,
            "caps": {"$concat": ["$assignee", cap_id("", day)]},
            "campaigns": "$campaign_id",
            "users": "$assignee",
            "leases": _ADDRESSES,
        }
        # A sign-in's secrets are nobody's business here.
        secrets = {"$unset": [f"users.{name}" for name in UNSHOWN]}
        found = self._batches.aggregate([{"$match": {"_id": batch_id}}, *_with_people(more), secrets])
        if not found or not found[0]["users"]:
            return None
        [look] = found
        return HolderLook(
            batch=look["batch"],
            facts=_facts(look, now),
            campaign=look["campaigns"][0],
            controls=complete(_only(look["controls"])),
            user=self._documents.user(look["users"][0]),
            used=used_of(_only(look["caps"])),
        )

    def _with_people(self, chosen: Sequence[Document], now: datetime) -> BatchLook | None:
        found = self._batches.aggregate([*chosen, *_with_people({})])
        return BatchLook(found[0]["batch"], _facts(found[0], now)) if found else None


# The collections that a claim's start is joined from, each by a key that was asked for.
_OF_VOLUNTEER = {"campaigns": "campaign", "controls": "controls", "caps": "caps", "desks": "desk", "pools": "pools"}


def _join(collection: str, keys: str) -> Document:
    return {"$lookup": {"from": collection, "localField": keys, "foreignField": "_id", "as": collection}}


def _with_people(more: Mapping[str, Any]) -> list[Document]:
    """Return the stages that join a batch with its people, their standing and opt-outs, and with what `more` names."""
    asked = {
        "contacts": "$$people",
        "targets": {"$map": {"input": "$$people", "in": {"$concat": ["$campaign_id", ":", "$$this"]}}},
        "suppressions": {
            "$concatArrays": [
                _ADDRESSES,
                {"$map": {"input": "$$people", "in": {"$concat": [person_key(""), "$$this"]}}},
            ]
        },
        **more,
    }
    named = {"$let": {"vars": {"people": _PEOPLE}, "in": {"batch": "$$ROOT", "asked": asked}}}
    return [{"$replaceWith": named}, *(_join(name, f"asked.{name}") for name in asked), {"$unset": "asked"}]


def _facts(look: Document, now: datetime) -> Facts:
    return Facts(
        campaign_id=look["batch"]["campaign_id"],
        now=now,
        contacts=_by_id(look["contacts"]),
        targets=_by_id(look["targets"]),
        suppressed=frozenset(one["_id"] for one in look["suppressions"]),
        leases=_by_id(look.get("leases", ())),
    )


def _by_id(documents: Sequence[Document]) -> dict[str, Document]:
    return {document["_id"]: document for document in documents}


def _only(documents: Sequence[Document]) -> Document | None:
    return documents[0] if documents else None
