"""Collection `targets`, as merges write it: the standing of one contact carried over to another, and given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.contacts.contacts import Contact
from services.store.collection import Collection, Document, guarded
from services.store.contacts.targets import new_target, target_id

MERGED = "merged"
_CARRIED = (
    *("state", "attempts", "total", "last_at", "last_channel", "last_disposition", "next_at"),
    *("callback_at", "carried"),
)


class TargetMergeStore:
    """Each write is by `_id` and the same when made again."""

    def __init__(self, database: Database[Document]) -> None:
        self._targets = Collection(database, "targets")

    def of_contact(self, campaign_ids: Iterable[str], contact_id: str) -> dict[str, Document]:
        """Return a contact's targets whole, by campaign."""
        found = self._targets.by_ids(target_id(campaign_id, contact_id) for campaign_id in campaign_ids)
        return {target["campaign_id"]: target for target in found.values()}

    def carry(self, survivor: Contact, targets: Mapping[str, Document]) -> None:
        """Let the standings of another contact, by campaign, count for the survivor, who is enrolled where needed."""
        fresh = [
            {**new_target(campaign_id, survivor), "enrolled_for": target["contact_id"]}
            for campaign_id, target in targets.items()
        ]
        self._targets.insert_new(fresh)
        changes = []
        for campaign_id, target in targets.items():
            if target.get("closed_because") == MERGED:
                continue
            entry = {"from": target["contact_id"], **{name: target.get(name) for name in _CARRIED}}
            others = _carried_but(target["contact_id"])
            carried = {"$concatArrays": [others, {"$literal": [entry]}]}
            changes.append(_change(target_id(campaign_id, survivor.id), carried, survivor))
        self._targets.bulk(changes)

    def close(self, targets: Iterable[Document]) -> None:
        """End the standings of a contact that is another one now; what they were counted from stays."""
        change = {"$set": {"state": "done", "keys": [], "closed_because": MERGED}}
        self._targets.bulk([UpdateOne({"_id": target["_id"]}, change) for target in targets])

    def give_back(self, survivor: Contact, other: Contact, campaign_ids: Iterable[str]) -> None:
        """Let the other's standings no longer count for the survivor; who was enrolled for them alone is no more."""
        own = self.of_contact(campaign_ids, survivor.id).values()
        gone = [target["_id"] for target in own if _for_alone(target, other.id)]
        if gone:
            self._targets.delete({"_id": {"$in": gone}})
        left = [target["_id"] for target in own if target["_id"] not in gone]
        self._targets.bulk([_change(key, _carried_but(other.id), survivor) for key in left])

    def reopen(self, other: Contact, targets: Iterable[Document]) -> None:
        """Open the standings of a contact that came back, as far as what was told of it leaves them open."""
        self._targets.bulk(
            [
                UpdateOne(
                    {"_id": target["_id"]},
                    guarded(
                        {"$eq": [{"$ifNull": ["$closed_because", None]}, MERGED]},
                        {
                            "state": "done" if target.get("final") else "open",
                            "keys": other.address_keys(),
                            "closed_because": None,
                        },
                    ),
                )
                for target in targets
            ]
        )


def _carried_but(contact_id: str) -> Document:
    known: Document = {"$ifNull": ["$carried", []]}
    return {"$filter": {"input": known, "cond": {"$ne": ["$$this.from", contact_id]}}}


def _change(key: str, carried: Document, survivor: Contact) -> UpdateOne:
    fields: dict[str, Any] = {"carried": carried, "keys": {"$literal": survivor.address_keys()}}
    return UpdateOne({"_id": key}, [{"$set": fields}])


def _for_alone(target: Document, other_id: str) -> bool:
    """Whether a target is there for the sake of a merge, and nothing has happened to it since."""
    return target.get("enrolled_for") == other_id and not (target["batch_id"] or target["total"] or target.get("marks"))
