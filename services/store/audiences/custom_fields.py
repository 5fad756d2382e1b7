"""Collection `custom_fields`: which a campaign has; their values lie sealed on targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from services.domain.batches.batches import target_id
from services.domain.cipher import Cipher
from services.store.audiences.candidates import CandidateStore
from services.store.collection import Collection, Document


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

    def values(self, campaign_id: str, contact_id: str) -> tuple[dict[str, Any], int] | None:
        """Return what is known of a person, with its revision; None for one who is not enrolled."""
        target = self._targets.find({"_id": target_id(campaign_id, contact_id)}, fields=["custom", "custom_rev"])
        if target is None:
            return None
        return self._sealing.opened(target), target.get("custom_rev", 0)

    def replace_values(self, campaign_id: str, contact_id: str, values: Mapping[str, Any], *, rev: int) -> bool:
        """Keep what is known of a person if it still is at this revision; tell whether it was."""
        key = target_id(campaign_id, contact_id)
        as_read = {"$eq": [{"$ifNull": ["$custom_rev", 0]}, rev]}
        return self._targets.change_if(
            key, as_read, {"custom": self._sealing.sealed(key, values), "custom_rev": rev + 1}
        )
