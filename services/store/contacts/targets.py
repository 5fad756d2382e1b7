"""Collection `targets`: a contact's standing in a campaign, one document each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.contacts.contacts import Contact
from services.store.collection import Collection, Document

_CUSTOM = {"custom": "", "custom_undo": ""}


class TargetStore:
    """Targets by campaign and contact, read part by part; enrolling changes nothing that is there."""

    def __init__(self, database: Database[Document]) -> None:
        self._targets = Collection(database, "targets")

    def ensure_indexes(self) -> None:
        """Lead the walk through one part of a campaign."""
        self._targets.ensure_index([("campaign_id", 1), ("part_id", 1)])

    def enrol(self, campaign_id: str, contacts: Sequence[Contact], *, by: str | None = None) -> int:
        """Make contacts targets of a campaign, `by` an import where one does; return how many were not yet."""
        told = {} if by is None else {"enrolled_by": by}
        refused = self._targets.insert_new([{**new_target(campaign_id, contact), **told} for contact in contacts])
        return len(contacts) - len(refused)

    def follow(self, campaign_ids: Iterable[str], contacts: Sequence[Contact]) -> None:
        """Bring the address keys of contacts that changed to their targets, where they are targets."""
        self.put_keys(campaign_ids, {contact.id: contact.address_keys() for contact in contacts})

    def put_keys(self, campaign_ids: Iterable[str], keys: Mapping[str, Sequence[str]]) -> None:
        """Bring address keys, by contact, to where these are targets."""
        self._targets.bulk(
            [
                UpdateOne({"_id": target_id(campaign_id, contact_id)}, {"$set": {"keys": list(of)}})
                for campaign_id in campaign_ids
                for contact_id, of in keys.items()
            ]
        )

    def in_part(
        self, campaign_id: str, part_id: str, *, fields: Sequence[str] | Mapping[str, int] | None = None
    ) -> list[Document]:
        """Return all targets of one part of a campaign."""
        return self._targets.many({"campaign_id": campaign_id, "part_id": part_id}, fields=fields)

    def forget_part(self, campaign_id: str, part_id: str) -> None:
        """Take from all targets of a part by what their people are reached, and what custom fields hold of them."""
        of_part = {"campaign_id": campaign_id, "part_id": part_id}
        self._targets.update_many(of_part, {"$set": {"keys": []}, "$unset": _CUSTOM})

    def enrolled_by(
        self, import_id: str, *, campaign_id: str, part_id: str, fields: Sequence[str]
    ) -> dict[str, Document]:
        """Return those targets of one part that an import made, by contact."""
        found = self._targets.many({"campaign_id": campaign_id, "part_id": part_id}, fields=[*fields, "enrolled_by"])
        return {one["contact_id"]: one for one in found if one.get("enrolled_by") == import_id}

    def of_contacts(
        self, campaign_ids: Iterable[str], contact_ids: Sequence[str], *, fields: Sequence[str] | None = None
    ) -> dict[str, Document]:
        """Return the targets of a bounded number of contacts in some campaigns, by target id."""
        wanted = [target_id(campaign_id, contact_id) for campaign_id in campaign_ids for contact_id in contact_ids]
        return self._targets.by_ids(wanted, fields=fields)

    def count_by_part(self, campaign_id: str, part_ids: Sequence[str]) -> dict[str, int]:
        """Return how many targets each of a bounded number of parts has."""
        match = {"$match": {"campaign_id": campaign_id, "part_id": {"$in": list(part_ids)}}}
        counted = self._targets.aggregate([match, {"$group": {"_id": "$part_id", "targets": {"$sum": 1}}}])
        found = {row["_id"]: row["targets"] for row in counted}
        return {part_id: found.get(part_id, 0) for part_id in part_ids}

    def close(self, campaign_ids: Iterable[str], contact_ids: Sequence[str], *, why: str) -> None:
        """End the standing of contacts that are gone: erased, or found to be somebody else."""
        change = {"$set": {"state": "done", "keys": [], "closed_because": why}, "$unset": _CUSTOM}
        self._targets.bulk(
            [
                UpdateOne({"_id": target_id(campaign_id, contact_id)}, change)
                for campaign_id in campaign_ids
                for contact_id in contact_ids
            ]
        )

    def remove(self, campaign_ids: Iterable[str], contact_ids: Sequence[str]) -> None:
        """Take back the enrolment of a bounded number of contacts."""
        wanted = [target_id(campaign_id, contact_id) for campaign_id in campaign_ids for contact_id in contact_ids]
        self._targets.delete({"_id": {"$in": wanted}})

    def walk(self, campaign_id: str, part_ids: Iterable[str]) -> Iterator[Document]:
        """Yield the targets of several parts, one part at a time."""
        for part_id in part_ids:
            yield from self.in_part(campaign_id, part_id)


def target_id(campaign_id: str, contact_id: str) -> str:
    """Return the id of a contact's standing in a campaign."""
    return f"{campaign_id}:{contact_id}"


def new_target(campaign_id: str, contact: Contact) -> Document:
    """Return the document of somebody who becomes a campaign's target."""
    return {
        "_id": target_id(campaign_id, contact.id),
        "campaign_id": campaign_id,
        "contact_id": contact.id,
        "part_id": contact.place.part_id,
        "constituency_id": contact.place.constituency_id,
        "district_id": contact.place.district_id,
        "keys": contact.address_keys(),
        "state": "open",
        "attempts": {},
        "total": 0,
        "last_at": None,
        "last_disposition": None,
        "next_at": None,
        "batch_id": None,
        "item_id": None,
        "applied": [],
    }
