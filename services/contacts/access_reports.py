"""What is kept about the people of a number, gathered for those people: everything opened, in their language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.campaigns.places import Places
from services.contacts.sayings import Sayings, standing
from services.contacts.suppressions import Suppressions
from services.domain.batches.batches import target_id
from services.domain.contacts.access_report import HeldAddress, HeldAttempt, HeldPerson, HeldTelling
from services.domain.contacts.contacts import EDITED, ERASED, MERGED, RETIRED, Contact
from services.domain.contacts.suppressions import person_key
from services.domain.outcomes.dispositions import Catalogue
from services.domain.wire_time import utc_text
from services.store.audiences.custom_fields import CustomFieldStore
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.contacts import ContactStore
from services.store.contacts.sources import SourceStore
from services.store.outcomes.outcomes import OutcomeStore

_CORRECTED = {"en": "corrected here", "hi": "यहाँ सुधारा गया"}
_SAID = ("answers", "support", "note")
Document = dict[str, Any]


class AccessReports:
    """Gathers what is held about a bounded number of people."""

    def __init__(
        self,
        *,
        contacts: ContactStore,
        sources: SourceStore,
        outcomes: OutcomeStore,
        sayings: Sayings,
        custom: CustomFieldStore,
        campaigns: CampaignStore,
        suppressions: Suppressions,
        catalogue: Catalogue,
        places: Places,
    ) -> None:
        self._contacts = contacts
        self._sources = sources
        self._outcomes = outcomes
        self._sayings = sayings
        self._custom = custom
        self._campaigns = campaigns
        self._suppressions = suppressions
        self._catalogue = catalogue
        self._places = places

    def gather(self, contact_ids: Sequence[str], *, locale: str) -> list[HeldPerson]:
        """Return what is held about these people; erased ones have nothing to tell of."""
        found = self._contacts.by_ids(contact_ids)
        # Who was merged since is told of as the person that they were found to be.
        found |= self._contacts.by_ids(one.merged_into for one in found.values() if one.merged_into)
        named = dict.fromkeys(found[key].merged_into or key for key in contact_ids if key in found)
        people = [found[key] for key in named if key in found and found[key].state not in {ERASED, MERGED, RETIRED}]
        seats = {one.id: self._campaigns.of_constituency(one.place.constituency_id or "") for one in people}
        campaigns = {campaign["_id"]: campaign for of_seat in seats.values() for campaign in of_seat}
        told = {one.id: standing(self._sayings.about(one, [each["_id"] for each in seats[one.id]])) for one in people}
        sources = self._sources.by_ids(
            {address.source_id for one in people for address in one.addresses}
            | {mention.source_id for one in people for mention in one.sources}
            | {also.source_id for one in people for also in one.also}
        )
        keys = [key for one in people for key in (person_key(one.id), *one.address_keys())]
        stopped = self._suppressions.suppressed(keys)
        return [
            HeldPerson(
                contact_id=one.id,
                facts=self._facts(one, locale),
                told_differently=[
                    HeldTelling(field=also.field, value=also.value, source=_told_by(sources, also.source_id, locale))
                    for also in one.also
                ],
                fields=self._fields(one, seats[one.id], locale),
                addresses=[_address(address, sources) for address in one.addresses],
                sources=sorted({_source(sources, mention.source_id) for mention in one.sources}),
                attempts=[self._attempt(each, campaigns, locale) for each in told[one.id]],
                stopped=bool(stopped & {person_key(one.id), *one.address_keys()}),
            )
            for one in people
        ]

    def _fields(self, contact: Contact, campaigns: Sequence[Document], locale: str) -> Mapping[str, Any]:
        """What the campaigns' own fields hold of a person, by label."""
        keys = {target_id(campaign["_id"], contact.id): campaign["_id"] for campaign in campaigns}
        found = {key: known for key, (known, _) in self._custom.of_targets(keys).items() if known.values}
        labels = {
            (campaign_id, field["name"]): field["label"][locale]
            for campaign_id in {keys[key] for key in found}
            for field in self._custom.of_campaign(campaign_id)
        }
        return {
            labels.get((keys[key], name), name): value
            for key, known in found.items()
            for name, value in known.values.items()
        }

    def _facts(self, contact: Contact, locale: str) -> Mapping[str, Any]:
        part_id = contact.place.part_id
        place = self._places.get(part_id) if part_id else None
        facts: dict[str, Any] = {
            **contact.facts,
            "part": f"{place.code} {place.name_hi if locale == 'hi' else place.name_en}" if place else None,
            **{name: getattr(contact, name) for name in ("serial_no", "gender", "age", "language")},
            "tags": ", ".join(contact.tags),
        }
        return {name: value for name, value in facts.items() if value not in (None, "", "unknown")}

    def _attempt(self, outcome: Document, campaigns: Mapping[str, Document], locale: str) -> HeldAttempt:
        said = self._outcomes.said(outcome)
        given = {"given": ", ".join(str(one["value"]) for one in said["given"])} if said.get("given") else {}
        return HeldAttempt(
            at=utc_text(outcome["occurred_at"]),
            campaign=str(campaigns.get(outcome["campaign_id"], {}).get("name", "")),
            channel=outcome["channel"],
            result=self._catalogue.by_name[outcome["disposition"]].labels[locale],
            said={**{name: said[name] for name in _SAID if said.get(name) is not None}, **given},
        )


def _address(address: Any, sources: Mapping[str, Document]) -> HeldAddress:
    same = ("kind", "value", "basis", "collected_on", "notice_version", "state")
    return HeldAddress(source=_source(sources, address.source_id), **{name: getattr(address, name) for name in same})


def _source(sources: Mapping[str, Document], source_id: str) -> str:
    return str(sources.get(source_id, {}).get("name") or source_id)


def _told_by(sources: Mapping[str, Document], source_id: str, locale: str) -> str:
    if source_id.startswith(EDITED):
        return f"{_CORRECTED[locale]} {source_id.removeprefix(EDITED)}"
    return _source(sources, source_id)
