"""Contacts as the administration sees them: found within a campaign, corrected, accepted, erased; always masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.campaigns.places import Places
from services.contacts.reach import ContactReach
from services.contacts.sayings import Sayings
from services.contacts.search import ContactSearch, Wanted
from services.contacts.suppressions import Suppressions
from services.domain.contacts.contacts import ERASED, MERGED, RETIRED, Contact
from services.domain.contacts.edits import Correction, correct, erased
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.suppressions import person_key
from services.domain.errors import Invalid, NotFound, StaleVersion
from services.domain.identifiers.aadhaar import holds_aadhaar
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.sheets.cells import CellRefused, CellWords, read_tags
from services.domain.sheets.headings import HeadingTable
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.contacts import ContactStore
from services.store.contacts.sources import SourceStore
from services.store.contacts.targets import TargetStore, target_id

_TRIES = 5
Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Contacts with what else is told of them: their targets in a campaign, what is suppressed, their sources."""

    contacts: Sequence[Contact]
    targets: Mapping[str, Document]
    suppressed: frozenset[str]
    sources: Mapping[str, Document]


class Contacts:
    """Find, show, correct and erase; a coordinator reaches the constituencies where the own district helps."""

    def __init__(
        self,
        *,
        store: ContactStore,
        targets: TargetStore,
        campaigns: CampaignStore,
        sayings: Sayings,
        sources: SourceStore,
        suppressions: Suppressions,
        keys: ContactKeys,
        words: CellWords,
        headings: HeadingTable,
        places: Places,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._targets = targets
        self._campaigns = campaigns
        self._sayings = sayings
        self._sources = sources
        self._suppressions = suppressions
        self._search = ContactSearch(store, keys)
        self._keys = keys
        self._words = words
        self._headings = headings
        self._places = places
        self._reach = ContactReach(store, campaigns, places)
        self._audit = audit
        self._clock = clock

    def list_page(
        self,
        actor: Actor,
        page: PageRequest,
        *,
        campaign_id: str | None,
        area: str | None,
        status: str | None = None,
        **wanted: Any,
    ) -> tuple[Page[Contact], Shown]:
        """Return contacts of a campaign's parts, or of those within an area; without a campaign of all in reach.

        Raises NotFound for no such campaign, Invalid for a status without a campaign.
        """
        if status is not None and campaign_id is None:
            raise Invalid(campaign_id="required")
        parts = self._reach.parts(actor, campaign_id=campaign_id, area=area)
        asked = Wanted(
            parts=parts,
            anywhere=actor.is_headquarters and campaign_id is None and area is None,
            keep=lambda found: self._of_status(found, campaign_id, status),
            **wanted,
        )
        found = self._search.page(asked, page)
        return found, self.about(found.items, campaign_ids=[campaign_id] if campaign_id else [])

    def _of_status(self, contacts: Sequence[Contact], campaign_id: str | None, status: str | None) -> Sequence[Contact]:
        if campaign_id is None or status is None or not contacts:
            return contacts
        targets = self._targets.of_contacts([campaign_id], [one.id for one in contacts])
        return [one for one in contacts if _has_status(targets.get(target_id(campaign_id, one.id)), status)]

    def get(self, actor: Actor, contact_id: str) -> tuple[Contact, Shown]:
        """Return a contact with its targets in the live campaigns; raise NotFound for one out of reach."""
        contact = self._reach.get(actor, contact_id)
        return contact, self.about([contact], campaign_ids=[one["_id"] for one in self._campaigns.list_live()])

    def about(self, contacts: Sequence[Contact], *, campaign_ids: Sequence[str]) -> Shown:
        """Return what else is told of a bounded number of contacts."""
        keys = [key for one in contacts for key in (person_key(one.id), *one.address_keys())]
        source_ids = {address.source_id for one in contacts for address in one.addresses}
        source_ids |= {mention.source_id for one in contacts for mention in one.sources}
        source_ids |= {also.source_id for one in contacts for also in one.also}
        return Shown(
            contacts=contacts,
            targets=self._targets.of_contacts(campaign_ids, [one.id for one in contacts]) if contacts else {},
            suppressed=frozenset(self._suppressions.suppressed(keys)),
            sources=self._sources.by_ids(source_ids),
        )

    def correct(self, actor: Actor, contact_id: str, correction: Correction, *, version: int | None) -> Contact:
        """Correct facts or decide about addresses; raise Invalid for what may not be, StaleVersion."""
        self._refuse_forbidden(correction)
        if correction.part_id is not None:
            self._places.require([correction.part_id], field="part", kinds=frozenset({"part"}))
        place = self._places.get(correction.part_id).path if correction.part_id else None
        for _ in range(_TRIES):
            before = self._reach.get(actor, contact_id)
            if before.state in {ERASED, RETIRED}:
                raise NotFound
            if version is not None and version != before.version:
                raise StaleVersion
            now = self._clock.now()
            after = correct(before, correction, place=place, keys=self._keys, by=actor.user_id, at=now)
            if after is before:
                return before
            if not self._store.replace([(before, after)], at=now):
                self._followed(actor, after, correction)
                return self._store.get(contact_id)
        raise StaleVersion

    def erase(self, actor: Actor, contact_id: str) -> None:
        """Erase a person: unreachable at once and for ever, nothing personal is left, blind keys know them again."""
        self._reach.get(actor, contact_id)
        self.erase_known(actor, contact_id)

    def erase_known(self, actor: Actor, contact_id: str, *, beside: str | None = None) -> None:
        """Erase a person of whom it is settled that the actor may; one that is gone or erased changes nothing.

        Contacts that were merged are one person: all of them go, those that went into it before `beside` itself.
        """
        for _ in range(_TRIES):
            before = self._store.find(contact_id)
            if before is None or before.state == ERASED:
                return
            if before.state == MERGED and before.merged_into not in {None, beside}:
                self.erase_known(actor, str(before.merged_into))
                return
            for one in before.merges:
                self.erase_known(actor, one["id"], beside=contact_id)
            self._suppressions.suppress_person(actor, contact_id, reason="erased", origin="erasure")
            self._suppressions.forget_shown(before.address_keys())
            # While the contact still names them: were we killed after it no longer does, the words would stay.
            self._sayings.forget(before, self._campaign_ids(before))
            now = self._clock.now()
            after = erased(before, keys=self._keys, by=actor.user_id, at=now)
            if not self._store.replace([(before, after)], at=now):
                self._targets.close(self._campaign_ids(before), [contact_id], why="erased")
                self._audit.record(actor, "contact.erase", subject=contact_id)
                return
        raise StaleVersion

    def history(self, actor: Actor, contact_id: str) -> list[Document]:
        """Return what happened to a contact, the oldest first: rows of imports, corrections, attempts."""
        contact = self._reach.get(actor, contact_id)
        told = [
            {"at": None, "on": one.on, "kind": "updated" if at else "created", "import_id": one.import_id}
            for at, one in enumerate(contact.sources)
        ]
        edits = [{**one, "kind": one["action"]} for one in contact.history]
        tried = [
            {
                "at": one["at"],
                "kind": "contacted",
                "channel": one["ch"],
                "campaign_id": one["c"],
                "outcome_id": one["o"],
            }
            for one in contact.touches
        ]
        return [*told, *sorted([*edits, *tried], key=lambda one: one["at"])]

    def _refuse_forbidden(self, correction: Correction) -> None:
        """Raise Invalid for what no field may hold: an Aadhaar-like number, a tag of caste or religion."""
        texts = {name: value for name, value in correction.facts.items() if isinstance(value, str)}
        wrong = {name: "aadhaar_like" for name, value in texts.items() if holds_aadhaar(value)}
        tags = correction.facts.get("tags", ())
        try:
            read_tags(";".join(tags), self._words)
        except CellRefused as refused:
            wrong["tags"] = refused.code
        if any(self._headings.forbidden_kind(tag) or holds_aadhaar(tag) for tag in tags):
            wrong["tags"] = "tag_forbidden"
        if wrong:
            raise Invalid(**wrong)

    def _followed(self, actor: Actor, after: Contact, correction: Correction) -> None:
        self._targets.follow(self._campaign_ids(after), [after])
        self._audit.record(actor, "contact.edit", subject=after.id, fields=correction.names())

    def _campaign_ids(self, contact: Contact) -> list[str]:
        seat = contact.place.constituency_id
        return [one["_id"] for one in self._campaigns.of_constituency(seat)] if seat else []


def _has_status(target: Document | None, status: str) -> bool:
    """Tell whether a target stands so: ended, waiting for a callback, in somebody's batch, tried, or none of it."""
    if target is None:
        return status == "not_enrolled"
    stands = {
        "done": target["state"] == "done",
        "callback": target.get("callback_at") is not None,
        "in_batch": target["batch_id"] is not None,
        "tried": target["total"] > 0 and target["state"] != "done",
        "untouched": target["total"] == 0 and target["state"] != "done",
    }
    return bool(stands.get(status))
