"""Two contacts that a coordinator finds to be one person, and the way back when they are not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.contacts.reach import ContactReach
from services.contacts.suppressions import Suppressions
from services.contacts.target_counts import TargetCounts
from services.domain.contacts.contacts import ACTIVE, MERGED, Contact
from services.domain.contacts.joining import absorb, absorbed, brought_touches, give_back, given_back
from services.domain.errors import Conflict, Invalid, NotFound, StaleVersion
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.contacts import ContactStore
from services.store.contacts.target_merges import TargetMergeStore
from services.store.outcomes.marks import MarkStore

_TRIES = 5
Document = dict[str, Any]


class ContactMerges:
    """Merge and unmerge; each step may be cut off and made again, the survivor is always written first."""

    def __init__(
        self,
        *,
        store: ContactStore,
        targets: TargetMergeStore,
        marks: MarkStore,
        campaigns: CampaignStore,
        counts: TargetCounts,
        suppressions: Suppressions,
        reach: ContactReach,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._targets = targets
        self._marks = marks
        self._campaigns = campaigns
        self._counts = counts
        self._suppressions = suppressions
        self._reach = reach
        self._audit = audit
        self._clock = clock

    def merge(self, actor: Actor, contact_id: str, *, into: str, version: int | None) -> Contact:
        """Let a contact be another one from now on and return that; made again it changes nothing.

        Raises NotFound, Invalid for what it cannot go into, Conflict while either lies in an open batch or is gone,
        StaleVersion.
        """
        for _ in range(_TRIES):
            other = self._reach.get_merged(actor, contact_id)
            if version is not None and version != other.version:
                raise StaleVersion
            survivor = self._survivor(actor, into, other)
            if other.state != MERGED:
                self._check(survivor, other)
                now = self._clock.now()
                after = absorb(survivor, other, by=actor.user_id, at=now)
                if after is not survivor and self._store.replace([(survivor, after)], at=now):
                    continue
                gone = absorbed(other, survivor.id, by=actor.user_id, at=now)
                if self._store.replace([(other, gone)], at=now):
                    continue
                self._audit.record(actor, "contact.merge", subject=other.id, into=survivor.id)
            return self._followed(self._store.get(survivor.id), other)
        raise StaleVersion

    def unmerge(self, actor: Actor, contact_id: str, *, version: int | None) -> Contact:
        """Take a merge back and return the contact that comes back; asked of the survivor, the last of its merges.

        Raises NotFound, Conflict for what was not merged and while the survivor lies in an open batch, StaleVersion.
        """
        for _ in range(_TRIES):
            named = self._reach.get_merged(actor, contact_id)
            if version is not None and version != named.version:
                raise StaleVersion
            if named.state != MERGED and not named.merges:
                raise Conflict("state_conflict")
            other = named if named.state == MERGED else self._store.get(named.merges[-1]["id"])
            survivor = self._store.get(str(other.merged_into or contact_id))
            if survivor.state != ACTIVE:
                raise Conflict("state_conflict")
            self._refuse_in_batch([survivor])
            if touches := brought_touches(survivor, other):
                self._store.take_touches(survivor.id, touches)
            now = self._clock.now()
            after = give_back(survivor, other, by=actor.user_id, at=now)
            if after is not survivor and self._store.replace([(survivor, after)], at=now):
                continue
            self._returned(actor, after, other)
            back = given_back(other, survivor, by=actor.user_id, at=now)
            if self._store.replace([(other, back)], at=now):
                continue
            self._audit.record(actor, "contact.unmerge", subject=other.id, out_of=survivor.id)
            return self._store.get(other.id)
        raise StaleVersion

    def _survivor(self, actor: Actor, into: str, other: Contact) -> Contact:
        if into == other.id:
            raise Invalid(into="contact_itself")
        if other.state == MERGED and other.merged_into != into:
            raise Conflict("contact_merged", params={"details": {"merged_into": other.merged_into}})
        try:
            return self._reach.get(actor, into)
        except NotFound as error:
            raise Invalid(into="contact_unknown") from error

    def _check(self, survivor: Contact, other: Contact) -> None:
        if survivor.state != ACTIVE or other.state != ACTIVE:
            raise Conflict("state_conflict")
        self._refuse_in_batch([survivor, other])

    def _refuse_in_batch(self, contacts: Iterable[Contact]) -> None:
        """Raise Conflict while a batch has one of them: a volunteer may just be talking to that person."""
        for contact in contacts:
            targets = self._targets.of_contact(self._campaign_ids(contact), contact.id).values()
            if batches := sorted({target["batch_id"] for target in targets if target.get("batch_id")}):
                raise Conflict("contact_in_batch", params={"details": {"batches": batches}})

    def _followed(self, survivor: Contact, other: Contact) -> Contact:
        """Bring what follows from a merge to where it is kept: attempts, standings, opt-outs."""
        if other.touches:
            self._marks.touch_contacts({survivor.id: other.touches})
        targets = self._targets.of_contact(self._campaign_ids(other), other.id)
        seats = {one["_id"]: one["constituencies"] for one in self._campaigns.get_many(list(targets)).values()}
        fitting = {key: one for key, one in targets.items() if survivor.place.constituency_id in seats.get(key, ())}
        self._targets.carry(survivor, fitting)
        self._targets.close(targets.values())
        self._suppressions.share(survivor, other)
        self._recount(survivor, fitting)
        return survivor

    def _returned(self, actor: Actor, survivor: Contact, other: Contact) -> None:
        campaign_ids = sorted({*self._campaign_ids(survivor), *self._campaign_ids(other)})
        self._targets.give_back(survivor, other, campaign_ids)
        self._targets.reopen(other, self._targets.of_contact(campaign_ids, other.id).values())
        for contact in (survivor, other):
            self._suppressions.unshare(actor, contact.id)
        self._recount(survivor, campaign_ids)

    def _recount(self, contact: Contact, campaign_ids: Iterable[str]) -> None:
        if contact.place.part_id is not None:
            for campaign in self._campaigns.get_many(list(campaign_ids)).values():
                self._counts.recount(campaign, [contact.place.part_id])

    def _campaign_ids(self, contact: Contact) -> list[str]:
        seat = contact.place.constituency_id
        return [one["_id"] for one in self._campaigns.of_constituency(seat)] if seat else []
