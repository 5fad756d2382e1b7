"""What the rules are asked about, read together: targets, contacts, opt-outs and leases of some people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from pymongo.database import Database

from services.domain.batches.batches import target_id, target_ids
from services.domain.contacts.suppressions import person_key
from services.domain.rules.facts import Facts
from services.store.collection import Collection, Document

_AT_ONCE = 1000
_CONTACT = ("addresses", "touches", "state", "gone", "language", "tags")
_TARGET = (
    *("contact_id", "part_id", "constituency_id", "state", "attempts", "total", "last_at", "last_channel"),
    *("last_disposition", "next_at", "callback_at", "batch_id", "carried"),
)


class FactStore:
    """Reads by `_id` and by part only; each method is a fixed number of round trips for up to 1,000 people."""

    def __init__(self, database: Database[Document]) -> None:
        self._targets = Collection(database, "targets")
        self._contacts = Collection(database, "contacts")
        self._suppressions = Collection(database, "suppressions")
        self._leases = Collection(database, "leases")

    def ensure_indexes(self) -> None:
        """Lead the walk through a campaign's parts."""
        self._targets.ensure_index([("campaign_id", 1), ("part_id", 1)])

    def of_parts(self, campaign_id: str, part_ids: Sequence[str]) -> list[Document]:
        """Return the targets of a few parts of a campaign, in the order of their ids."""
        found = self._targets.many({"campaign_id": campaign_id, "part_id": {"$in": list(part_ids)}}, fields=_TARGET)
        return sorted(found, key=lambda target: str(target["_id"]))

    def read(
        self,
        campaign_id: str,
        contact_ids: Sequence[str],
        *,
        now: datetime,
        leases: bool,
        whole: bool = False,
        targets: dict[str, Document] | None = None,
    ) -> Facts:
        """Return the facts about contacts; `whole` brings their sealed data too, `targets` are known already.

        Leases are asked of every address. Where an address is about to be leased anyway, the attempt tells more.
        """
        contacts = self._by_ids(self._contacts, contact_ids, None if whole else _CONTACT)
        if targets is None:
            wanted = [target_id(campaign_id, contact) for contact in contact_ids]
            targets = self._by_ids(self._targets, wanted, _TARGET)
        keys = [row["key"] for contact in contacts.values() for row in contact["addresses"]]
        asked = [*dict.fromkeys(keys), *(person_key(contact) for contact in contact_ids)]
        return Facts(
            campaign_id=campaign_id,
            now=now,
            contacts=contacts,
            targets=targets,
            suppressed=frozenset(self._by_ids(self._suppressions, asked, ("_id",))),
            leases=self._by_ids(self._leases, dict.fromkeys(keys), None) if leases else {},
        )

    def people(self, campaign_id: str, contact_ids: Sequence[str], *, now: datetime) -> Facts:
        """Return contacts with their sealed data and nothing that the rules would ask."""
        return Facts(campaign_id=campaign_id, now=now, contacts=self._by_ids(self._contacts, contact_ids, None))

    def of_batches(self, batches: Sequence[Document], *, now: datetime) -> dict[str, Facts]:
        """Return whole facts about the people of some batches, by campaign, in the round trips of one campaign."""
        contacts = list(
            dict.fromkeys(contact for batch in batches for item in batch["items"] for contact in item["contacts"])
        )
        targets = self._by_ids(self._targets, (key for batch in batches for key in target_ids(batch)), _TARGET)
        facts = self.read("", contacts, now=now, leases=True, whole=True, targets=targets)
        return {batch["campaign_id"]: replace(facts, campaign_id=batch["campaign_id"]) for batch in batches}

    def _by_ids(self, collection: Collection, keys: Iterable[str], fields: Sequence[str] | None) -> dict[str, Document]:
        iterator = iter(keys)
        found: dict[str, Document] = {}
        while some := list(islice(iterator, _AT_ONCE)):
            found |= collection.by_ids(some, fields=fields)
        return found
