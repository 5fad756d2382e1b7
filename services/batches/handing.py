"""Giving a batch to a volunteer: the rules are asked, the batch is taken by one guarded write, then its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.batches.forming import Forming
from services.batches.returning import Returning
from services.campaigns.rulebook import Ruling
from services.domain.batches.batches import LIVE, POOLED, RECALLED, UNWORKED, with_items
from services.domain.batches.changes import ended, handing_over, passing
from services.domain.batches.weighing import Weighed, weigh
from services.domain.ids import new_id
from services.domain.people.users import User
from services.domain.rules.eligibility import Gate
from services.domain.rules.facts import Facts
from services.store.batches.batches import BatchStore
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

    def __init__(self, *, batches: BatchStore, facts: FactStore, forming: Forming, returning: Returning) -> None:
        self._batches = batches
        self._facts = facts
        self._forming = forming
        self._returning = returning

    def weigh(self, batch: Document, gate: Gate, *, leases: bool = False) -> Offer:
        """Ask the rules about a batch's unworked items (three round trips, one more to know whose numbers are held)."""
        items = [item for item in batch["items"] if item["state"] in UNWORKED]
        contacts = [contact for item in items for contact in item["contacts"]]
        facts = self._facts.read(batch["campaign_id"], contacts, now=gate.now, leases=leases, whole=True)
        return Offer(batch, facts, weigh(gate, facts, items, holder=batch["_id"]))

    def hand(self, offer: Offer, user: User, ruling: Ruling, gate: Gate, *, due_at: datetime | None = None) -> Handed:
        """Give what is allowed of an offer to a volunteer; the rest goes back to the pool or to the next plan."""
        batch, now = offer.batch, gate.now
        limit = now + ruling.rules.batch_expires
        given = due_at or (min(limit, batch["due_at"]) if batch["due_at"] and batch["state"] == POOLED else limit)
        changes = handing_over(
            batch, user_id=user.id, district_id=user.home_area, lease_id=new_id(), now=now, due_at=given
        )
        changes |= with_items(_with(batch, offer.weighed))
        events = changes["events"]
        spilled = self._spilled(offer, now)
        if batch["state"] in LIVE:
            # Whoever had it hears that it is gone; nothing of it goes anywhere but to the new volunteer.
            events = [passing(batch, "recalled", at=now, items=[], freed=[], reason="reassigned"), *events]
        taken = self._batches.swap(batch, {**changes, "events": [*events, *spilled]})
        if taken is None:
            return Handed(None, offer.facts, offer.weighed)
        finished = self._forming.finish([taken], gate, known=offer.facts)[0]
        for event in spilled:
            self._returning.apply_returned(taken, event)
        mine = finished["assignee"] == user.id and finished["state"] in LIVE
        return Handed(finished if mine else None, offer.facts, offer.weighed)

    def retire(self, offer: Offer, now: datetime) -> None:
        """Take a pooled batch out of the way of which nothing is allowed now: till later, or for good."""
        batch, weighed = offer.batch, offer.weighed
        waiting = weighed.waiting()
        freed = passing(batch, "spilled", at=now, items=[], freed=weighed.freed())
        changes: Document = {"events": [*batch["events"], freed], "pending": True, "updated_at": now}
        if waiting:
            changes |= {**with_items(waiting), "pool_key": None, "pool_from": weighed.again_at(now)}
        else:
            changes |= ended(RECALLED, at=now, reason="nothing_left")
        retired = self._batches.swap(batch, changes)
        if retired is not None:
            self._returning.apply_returned(retired, freed)

    def _spilled(self, offer: Offer, now: datetime) -> list[Document]:
        """Return the event that passes on what is not handed over, if there is such."""
        waiting, freed = offer.weighed.waiting(), offer.weighed.freed()
        if not waiting and not freed:
            return []
        again = offer.weighed.again_at(now)
        return [passing(offer.batch, "spilled", at=now, items=waiting, freed=freed, pool_from=again)]


def _with(batch: Document, weighed: Weighed) -> list[Document]:
    """Return the items that go with the batch: those allowed now, and what is worked already."""
    kept = {item["id"]: item for item in weighed.kept}
    unworked = {item["id"] for item in batch["items"] if item["state"] in UNWORKED}
    return [kept.get(item["id"], item) for item in batch["items"] if item["id"] in kept or item["id"] not in unworked]
