"""What filters ask about people: contacts and targets by id, what they told of support, and custom fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo.database import Database

from services.domain.audiences.filters import CONTACT_FIELDS, TARGET_FIELDS, Candidate
from services.domain.batches.batches import target_id
from services.domain.cipher import Cipher
from services.domain.contacts.custom_fields import CustomValues, Teller
from services.store.collection import Collection, Document

_AT_ONCE = 1000


class CandidateStore:
    """Reads by `_id` only: two round trips for up to 1,000 people, one more where support is asked about."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._contacts = Collection(database, "contacts")
        self._targets = Collection(database, "targets")
        self._outcomes = Collection(database, "outcomes")
        self._cipher = cipher

    def read(
        self, campaign_id: str, contact_ids: Sequence[str], *, support: bool, fields: bool
    ) -> dict[str, Candidate]:
        """Return a bounded number of people by id; `support` and `fields` say whether those are opened too."""
        contacts = self._contacts.by_ids(contact_ids, fields=CONTACT_FIELDS)
        wanted = [target_id(campaign_id, contact) for contact in contact_ids]
        targets = self._targets.by_ids(wanted, fields=[*TARGET_FIELDS, *(["custom"] if fields else [])])
        told = self._support(targets.values()) if support else {}
        return {
            key: Candidate(
                contact,
                target := targets.get(target_id(campaign_id, key), {}),
                told.get(str(target.get("_id"))),
                self.opened(target) if fields else {},
            )
            for key, contact in contacts.items()
        }

    def opened(self, target: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the custom fields of a target."""
        return self.opened_whole(target).values

    def opened_whole(self, target: Mapping[str, Any]) -> CustomValues:
        """Return the custom fields of a target with who told them."""
        sealed = target.get("custom")
        if sealed is None:
            return CustomValues()
        found: dict[str, Any] = json.loads(self._cipher.open(sealed, bound_to=f"custom:{target['_id']}"))
        # Before sheets could tell them, the values lay there alone; no value of a field is a mapping.
        if not isinstance(found.get("values"), dict):
            return CustomValues(found)
        told = {name: Teller(*one) for name, one in found["told"].items()}
        beside = tuple((name, value, source_id) for name, value, source_id in found["beside"])
        return CustomValues(found["values"], told, beside)

    def sealed(self, target_key: str, known: CustomValues) -> bytes:
        """Return custom fields as a target keeps them."""
        plain = {"values": dict(known.values), "told": dict(known.told), "beside": known.beside}
        return self._cipher.seal(json.dumps(plain).encode(), bound_to=f"custom:{target_key}")

    def _support(self, targets: Iterable[Mapping[str, Any]]) -> dict[str, int]:
        """Return by target the support that was told last; 0, not asked or declined, tells nothing."""
        marks = [(str(target["_id"]), mark) for target in targets for mark in target.get("marks") or ()]
        marks.sort(key=lambda pair: (pair[1]["at"], pair[1]["id"]))
        corrected = {mark["corrects"] for _, mark in marks if mark["corrects"]}
        outcomes: dict[str, Document] = {}
        ids = list(dict.fromkeys(mark["id"] for _, mark in marks if mark["id"] not in corrected))
        for at in range(0, len(ids), _AT_ONCE):
            outcomes |= self._outcomes.by_ids(ids[at : at + _AT_ONCE], fields=["sealed", "outcome_id"])
        told: dict[str, int] = {}
        for key, mark in marks:
            outcome = outcomes.get(mark["id"])
            if outcome is not None and outcome.get("sealed") is not None:
                bound = str(outcome.get("outcome_id") or outcome["_id"])
                degree = json.loads(self._cipher.open(outcome["sealed"], bound_to=bound)).get("support")
                if degree:
                    told[key] = degree
        return told
