"""Collection `custom_fields`: which a campaign has; their values lie sealed on targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.batches.batches import target_id
from services.domain.cipher import Cipher
from services.domain.contacts.custom_fields import CustomValues
from services.store.audiences.candidates import CandidateStore
from services.store.collection import Collection, Document, guarded


class CustomFieldStore:
    """Fields by campaign, values by campaign and contact."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._fields = Collection(database, "custom_fields")
        self._targets = Collection(database, "targets")
        self._sealing = CandidateStore(database, cipher)

    def ensure_indexes(self) -> None:
        """Lead the list of one campaign."""
        self._fields.ensure_index([("campaign_id", 1)])

    def insert_once(self, campaign_id: str, field: Mapping[str, Any]) -> bool:
        """Store a field unless the campaign has one of this name; tell whether it was stored."""
        return self._fields.insert_once({"_id": f"{campaign_id}:{field['name']}", "campaign_id": campaign_id, **field})

    def of_campaign(self, campaign_id: str) -> list[Document]:
        """Return a campaign's fields in the order of their names."""
        return sorted(self._fields.many({"campaign_id": campaign_id}), key=lambda one: str(one["name"]))

    def values(self, campaign_id: str, contact_id: str) -> tuple[CustomValues, int] | None:
        """Return what is known of a person, with its revision; None for one who is not enrolled."""
        key = target_id(campaign_id, contact_id)
        return self.of_targets([key]).get(key)

    def of_targets(self, target_ids: Iterable[str]) -> dict[str, tuple[CustomValues, int]]:
        """Return what is known of a bounded number of people, with its revision, by target; nobody who is no target."""
        found = self._targets.by_ids(target_ids, fields=["custom", "custom_rev"])
        return {key: (self._sealing.opened_whole(one), one.get("custom_rev", 0)) for key, one in found.items()}

    def replace_values(
        self, campaign_id: str, contact_id: str, values: CustomValues, *, rev: int, at: datetime
    ) -> bool:
        """Keep what a person wrote if it still is at this revision; tell whether it was. No undo takes it back."""
        key = target_id(campaign_id, contact_id)
        return self._targets.change_if(
            key,
            _as_read(rev),
            {
                "custom": self._sealing.sealed(key, values),
                "custom_rev": rev + 1,
                "custom_edited_at": at,
                "custom_undo": None,
            },
        )

    def replace_many(self, told: Mapping[str, tuple[CustomValues, CustomValues, int]], *, undo: str) -> None:
        """Keep what an import's rows told of targets: `{target id: (before, after, revision as read)}`.

        What was before the import's first change is kept beside; a target that changed meanwhile stays as it is.
        """
        self._targets.bulk([self._told(key, *one, undo=undo) for key, one in told.items()])

    def _told(self, key: str, before: CustomValues, after: CustomValues, rev: int, *, undo: str) -> UpdateOne:
        image = {"import_id": undo, "before": self._sealing.sealed(key, before)}
        again = {"$eq": ["$custom_undo.import_id", undo]}
        computed = {"custom_undo": {"$cond": [again, "$custom_undo", {"$literal": image}]}}
        changes = {"custom": self._sealing.sealed(key, after), "custom_rev": rev + 1}
        return UpdateOne({"_id": key}, guarded(_as_read(rev), changes, computed=computed))

    def restore(self, campaign_ids: Iterable[str], contact_ids: Sequence[str], *, import_id: str) -> None:
        """Give a bounded number of people back what was known before an import; done again it changes nothing."""
        wanted = [target_id(campaign_id, contact_id) for campaign_id in campaign_ids for contact_id in contact_ids]
        found = self._targets.by_ids(wanted, fields=["custom_undo", "custom_rev"])
        changes = []
        for key, one in found.items():
            image = one.get("custom_undo") or {}
            if image.get("import_id") == import_id:
                rev = one.get("custom_rev", 0)
                fields = {"custom": image["before"], "custom_rev": rev + 1, "custom_undo": None}
                changes.append(UpdateOne({"_id": key}, guarded(_as_read(rev), fields)))
        self._targets.bulk(changes)


def _as_read(rev: int) -> Document:
    return {"$eq": [{"$ifNull": ["$custom_rev", 0]}, rev]}
