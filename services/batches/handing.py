"""Giving a batch to a volunteer: the rules are asked, its numbers are leased, then it is taken by one guarded write.

Numbers first: a batch that somebody has holds its numbers, whenever a process is killed. What was leased for a batch
that somebody else took is theirs, for a lease is the batch's; for one that was closed meanwhile it is let go.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.batches.forming import Forming
from services.batches.holding import Holding
from services.batches.returning import Returning
from services.campaigns.rulebook import Ruling
from services.domain.batches.batches import LIVE, NOTHING_LEFT, POOLED, RECALLED, UNWORKED, with_items
from services.domain.batches.changes import ended, handing_over, passing
from services.domain.batches.weighing import Weighed, weigh
from services.domain.ids import new_id
from services.domain.people.actor import Actor
from services.domain.people.users import User
from services.domain.rules.eligibility import Gate
from services.domain.rules.facts import Facts
from services.store.batches.batches import BatchStore
from services.store.batches.leases import LeaseStore
from services.store.contacts.facts import FactStore

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """A batch as it was read, with what the rules say about its items."""

    batch: Document
    facts: Facts
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of an offer: the batch as the volunteer has it, or None with what stood against it."""

    batch: Document | None
    facts: Facts
    weighed: Weighed = field(default_factory=Weighed)


class Handing:
    """Weighs batches and hands them over; a batch that somebody else takes meanwhile is not handed over."""

    def __init__(
        self,
        *,
        batches: BatchStore,
        facts: FactStore,
        leases: LeaseStore,
        forming: Forming,
        holding: Holding,
        returning: Returning,
    ) -> None:
        self._batches = batches
        self._leases = leases
        self._facts = facts
        self._forming = forming
        self._holding = holding
        self._returning = returning

    def weigh(self, batch: Document, gate: Gate, *, leases: bool = False) -> Offer:
        """Ask the rules about a batch's unworked items (three round trips, one more to know whose numbers are held)."""
        contacts = [contact for item in _unworked(batch) for contact in item["contacts"]]
        facts = self._facts.read(batch["campaign_id"], contacts, now=gate.now, leases=leases, whole=True)
        return offered(batch, facts, gate)

    def offer_to(self, user: User, batch: Document, facts: Facts, gate: Gate, *, against: Counter[str]) -> Offer | None:
        """Return what of a pooled batch a volunteer may have, None when that is nothing: `against` counts why.

        A batch of which nobody may have anything now goes out of the way.
        """
        offer = offered(batch, facts, gate)
        if not offer.weighed.kept:
            against.update(offer.weighed.reasons())
            self.retire(offer, gate.now)
            return None
        meant = _meant_for(offer, user)
        if meant.weighed.kept:
            return meant
        against["tags_excluded"] += sum(len(item["contacts"]) for item in meant.weighed.for_others)
        return None

    def hand(self, offer: Offer, user: User, ruling: Ruling, gate: Gate, *, claimed_by: Actor | None = None) -> Handed:
        """Give what is allowed of an offer to a volunteer; the rest goes back to the pool or to the next plan.

        That a batch was claimed the worker puts into the audit trail; `claimed_by` is who it names. Raises HolderLeft
        when the volunteer was suspended, merged or moved in this moment; then it is given back already.
        """
        batch, now = offer.batch, gate.now
        limit = now + ruling.rules.batch_expires
        given = min(limit, batch["due_at"]) if batch["due_at"] and batch["state"] == POOLED else limit
        changes = handing_over(
            batch, user_id=user.id, district_id=user.home_area, lease_id=new_id(), now=now, due_at=given
        )
        if claimed_by is not None:
            changes["events"][-1]["claimed_by"] = told_of(claimed_by)
        asked = {**batch, **changes, "items": offer.weighed.kept}
        lost = self._forming.lease([asked], gate, offer.facts).get(batch["_id"])
        offer = replace(offer, weighed=offer.weighed.without(lost))
        if not offer.weighed.kept:
            if batch["state"] == POOLED:
                self.retire(offer, now)
            return Handed(None, offer.facts, offer.weighed)
        return self._taken(offer, asked, changes, now)

    def _taken(self, offer: Offer, asked: Document, changes: Document, now: datetime) -> Handed:
        """Take the batch whose numbers are leased, unless somebody else was faster."""
        batch = offer.batch
        events = changes["events"]
        spilled = self._spilled(offer, now)
        items = _with(batch, offer.weighed)
        if items != batch["items"]:
            changes |= with_items(items)
        if batch["state"] in LIVE:
            # Whoever had it hears that it is gone; nothing of it goes anywhere but to the new volunteer.
            events = [passing(batch, "recalled", at=now, items=[], freed=[], reason="reassigned"), *events]
        whole = {"forming_since": None, "pending": True, "events": [*events, *spilled]}
        taken = self._batches.swap(batch, {**changes, **whole})
        if taken is None:
            self._step_back(asked)
            return Handed(None, offer.facts, offer.weighed)
        for event in spilled:
            self._returning.apply_returned(taken, event)
        self._holding.confirm(taken)
        return Handed(taken, offer.facts, offer.weighed)

    def _step_back(self, asked: Document) -> None:
        """Leave the numbers to who has the batch now; a closed batch keeps none of them."""
        keys = [item["address"] for item in asked["items"]]
        present = self._batches.find(asked["_id"])
        if present is None or present["state"] not in {POOLED, *LIVE}:
            self._leases.release(keys, asked["_id"])
        elif present["state"] in LIVE:
            who, until = present["assignee"], present["due_at"]
            self._leases.hold_for(keys, asked["_id"], user_id=who, until=until)

    def retire(self, offer: Offer, now: datetime) -> None:
        """Take a pooled batch out of the way of which nothing is allowed now: till later, or for good."""
        batch, weighed = offer.batch, offer.weighed
        if weighed.for_others:
            return  # some of it may be handed out at once, be it to somebody else
        waiting = weighed.waiting()
        freed = passing(batch, "spilled", at=now, items=[], freed=weighed.freed())
        changes: Document = {"events": [*batch["events"], freed], "pending": True, "updated_at": now}
        if waiting:
            changes |= {**with_items(waiting), "pool_key": None, "pool_from": weighed.again_at(now)}
        else:
            changes |= ended(RECALLED, at=now, reason=NOTHING_LEFT)
        retired = self._batches.swap(batch, changes)
        if retired is not None:
            self._returning.apply_returned(retired, freed)

    def _spilled(self, offer: Offer, now: datetime) -> list[Document]:
        """Return the events that pass on what is not handed over: for somebody else at once, or for later."""
        batch, weighed = offer.batch, offer.weighed
        waiting, freed, others = weighed.waiting(), weighed.freed(), weighed.for_others
        events = [passing(batch, "spilled", at=now, items=others, freed=[])] if others else []
        if waiting or freed:
            again = weighed.again_at(now)
            events.append(passing(batch, "spilled", at=now, items=waiting, freed=freed, pool_from=again))
        return events


def offered(batch: Document, facts: Facts, gate: Gate) -> Offer:
    """Return a batch with what the rules say about its unworked items, by facts that were read with it."""
    return Offer(batch, facts, weigh(gate, facts, _unworked(batch), holder=batch["_id"]))


def _meant_for(offer: Offer, user: User) -> Offer:
    """Return an offer without the people who have a tag that the volunteer is not to get: they stay for others."""
    excluded, contacts = frozenset(user.excluded_tags), offer.facts.contacts
    if not excluded:
        return offer

    def may(item: Document) -> bool:
        people = (contacts.get(contact) or {} for contact in item["contacts"])
        return all(excluded.isdisjoint(one.get("tags") or ()) for one in people)

    return replace(offer, weighed=offer.weighed.only(may))


def told_of(actor: Actor) -> Document:
    """Return who did something, as the audit trail will name them."""
    names = ("user_id", "role", "session_id", "address")
    return {name: getattr(actor, name) for name in names}


def _unworked(batch: Document) -> list[Document]:
    return [item for item in batch["items"] if item["state"] in UNWORKED]


def _with(batch: Document, weighed: Weighed) -> list[Document]:
    """Return the items that go with the batch: those allowed now, and what is worked already."""
    kept = {item["id"]: item for item in weighed.kept}
    unworked = {item["id"] for item in batch["items"] if item["state"] in UNWORKED}
    return [kept.get(item["id"], item) for item in batch["items"] if item["id"] in kept or item["id"] not in unworked]
