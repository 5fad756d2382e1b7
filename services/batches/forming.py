"""Bringing batches into being: their targets marked, their numbers leased, what could not be had left out.

A batch is stored as forming before anything else is written, so whoever finds one that its maker left behind can go
on where the maker stopped: every step may be taken again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.batches.leasing import Held, Leasing
from services.batches.returning import Returning
from services.campaigns.rulebook import Rulebook
from services.domain.batches.batches import (
    ASSIGNED,
    LIVE,
    NOTHING_LEFT,
    POOLED,
    RECALLED,
    UNWORKED,
    pool_of,
    target_id,
    target_ids,
    with_items,
)
from services.domain.batches.changes import ended, passing
from services.domain.batches.weighing import Weighed, weigh
from services.domain.rules.eligibility import Gate
from services.domain.rules.facts import Facts
from services.domain.rules.verdict import Blocked, Verdict
from services.gateways.clock import Clock
from services.store.batches.batches import BatchStore
from services.store.batches.leases import Wanted
from services.store.batches.pools import PoolStore
from services.store.batches.surveys import SurveyStore
from services.store.batches.target_marks import TargetMarkStore
from services.store.contacts.facts import FactStore

Document = dict[str, Any]


class Forming:
    """Makes batches and finishes those that are forming; all batches of one call are of one campaign and channel."""

    def __init__(
        self,
        *,
        batches: BatchStore,
        facts: FactStore,
        leasing: Leasing,
        marks: TargetMarkStore,
        pools: PoolStore,
        returning: Returning,
        surveys: SurveyStore,
        rulebook: Rulebook,
        clock: Clock,
    ) -> None:
        self._batches = batches
        self._facts = facts
        self._leasing = leasing
        self._marks = marks
        self._pools = pools
        self._returning = returning
        self._surveys = surveys
        self._rulebook = rulebook
        self._clock = clock

    def form(self, made: Sequence[Document], gate: Gate) -> list[Document]:
        """Store new batches and finish them; one that is stored already is returned as it is stored."""
        now = self._clock.now()
        fresh = [{**batch, "forming_since": now, "unmarked": True} for batch in made]
        there = self._batches.insert_new(fresh)
        stored = self._batches.by_ids(there) if there else {}
        return self.finish([stored.get(batch["_id"], batch) for batch in fresh], gate)

    def recover(self, batch: Document) -> Document:
        """Finish a batch that somebody else began, or end what they began after it was closed."""
        if batch["state"] not in {POOLED, ASSIGNED}:
            return self._let_go(batch)
        ruling = self._rulebook.of(batch["campaign_id"], self._clock.now())
        gate = Gate(
            rules=ruling.rules,
            controls=ruling.controls,
            campaign=ruling.view,
            channel=batch["channel"],
            now=self._clock.now(),
        )
        return self.finish([batch], gate)[0]

    def finish(self, batches: Sequence[Document], gate: Gate, *, known: Facts | None = None) -> list[Document]:
        """Mark, lease and settle forming batches, and return all batches as they are then."""
        forming = [batch for batch in batches if batch["forming_since"] is not None]
        kept = self._marked([batch for batch in forming if batch["unmarked"]])
        marked = [{**batch, "items": kept.get(batch["_id"], batch["items"])} for batch in forming]
        lost = self.lease([batch for batch in marked if batch["state"] == ASSIGNED], gate, known)
        self._pools.note([pool_of(batch) for batch in marked if batch["state"] == POOLED and batch["items"]])
        whole = [batch for batch in forming if batch["_id"] not in lost and not _shrunk(batch, kept)]
        all_settled = self._batches.settle(whole) == len(whole)
        done = {batch["_id"]: _settled(batch) if all_settled else self._as_it_is(batch) for batch in whole}
        for before, after in zip(forming, marked, strict=True):
            if before["_id"] not in done:
                done[before["_id"]] = self._settle_changed(before, after, lost.get(before["_id"]) or Weighed())
        return [done.get(batch["_id"], batch) for batch in batches]

    def _as_it_is(self, batch: Document) -> Document:
        """Return a batch that somebody else has settled or closed meanwhile; a closed one keeps no number of ours."""
        present = self._batches.get(batch["_id"])
        return present if present["state"] in {POOLED, *LIVE} else self._let_go(present)

    def _let_go(self, batch: Document) -> Document:
        self._leasing.release([item["address"] for item in batch["items"]], batch["_id"])
        self._marks.free(target_ids(batch), from_batch=batch["_id"])
        return self._batches.swap(batch, {"forming_since": None, "unmarked": False}) or batch

    def _marked(self, batches: Sequence[Document]) -> dict[str, list[Document]]:
        """Mark the targets of new batches; return, by batch, the items whose targets are its own."""
        if not batches:
            return {}
        owners = self._marks.mark(batches)
        places = {(item["part_id"], item["constituency_id"]) for batch in batches for item in batch["items"]}
        self._surveys.touch(batches[0]["campaign_id"], places)
        return {batch["_id"]: _owned(batch, owners) for batch in batches}

    def lease(self, batches: Sequence[Document], gate: Gate, known: Facts | None) -> dict[str, Weighed]:
        """Lease what the batches want; return, by batch, the items that could not be had."""
        wanted = [_wanted(batch, item) for batch in batches for item in batch["items"] if item["state"] in UNWORKED]
        by_id = {batch["_id"]: batch for batch in batches}
        now = gate.now
        refusals: dict[str, Weighed] = {}

        def allowed(refused: Sequence[Wanted], leases: Mapping[str, Document]) -> list[Wanted]:
            facts = self._about(refused, by_id, leases, known, now)
            return [one for one in refused if not _weighed(one, by_id, gate, facts, refusals).dropped]

        held = self._leasing.take(wanted, now=now, allowed=allowed) if wanted else set()
        return _lost(batches, held, refusals)

    def _about(
        self,
        refused: Sequence[Wanted],
        batches: Mapping[str, Document],
        leases: Mapping[str, Document],
        known: Facts | None,
        now: datetime,
    ) -> Facts:
        """Return the facts about the people of refused addresses, together with the leases as they are."""
        if known is None:
            items = [_item(batches, one) for one in refused]
            contacts = [contact for item in items for contact in item["contacts"]]
            known = self._facts.read(refused[0].campaign_id, contacts, now=now, leases=False)
        return replace(known, leases=leases)

    def _settle_changed(self, before: Document, after: Document, lost: Weighed) -> Document:
        """Settle a batch without the items that it did not get; one that got none is over."""
        now = self._clock.now()
        gone = {item["id"] for item, _ in lost.dropped}
        items = [item for item in after["items"] if item["id"] not in gone]
        changes = {**with_items(items), "forming_since": None, "unmarked": False, "updated_at": now}
        events = list(before["events"])
        if gone:
            again = lost.again_at(now)
            # What is new goes back to where it came from, the next plan; what was in a pool goes back there.
            waiting = [] if before["unmarked"] else lost.waiting()
            freed = [item for item, _ in lost.dropped if item not in waiting]
            events.append(passing(before, "spilled", at=now, items=waiting, freed=freed, pool_from=again))
        if not items:
            changes |= ended(RECALLED, at=now, reason=NOTHING_LEFT)
            events = [event for event in events if event["kind"] != "assigned"]
        changes |= {"events": events, "pending": bool(events)}
        settled = self._batches.swap(before, changes)
        if settled is None:
            return self._as_it_is(before)
        if gone:
            self._returning.apply_returned(settled, events[-1])
        return settled


def _owned(batch: Document, owners: Mapping[str, str]) -> list[Document]:
    """Return the items whose targets the batch got, each with the people it got."""
    owned = []
    for item in batch["items"]:
        mine = [one for one in item["contacts"] if owners.get(target_id(batch["campaign_id"], one)) == batch["_id"]]
        if mine:
            owned.append(item if mine == item["contacts"] else {**item, "contacts": mine})
    return owned


def _shrunk(batch: Document, kept: Mapping[str, Sequence[Document]]) -> bool:
    return batch["_id"] in kept and kept[batch["_id"]] != batch["items"]


def _settled(batch: Document) -> Document:
    """Return a batch as `BatchStore.settle` leaves it."""
    pending = bool(batch["events"])
    return {**batch, "forming_since": None, "unmarked": False, "pending": pending, "version": batch["version"] + 1}


def _wanted(batch: Document, item: Document) -> Wanted:
    return Wanted(
        key=item["address"],
        batch_id=batch["_id"],
        item_id=item["id"],
        user_id=batch["assignee"],
        campaign_id=batch["campaign_id"],
        channel=batch["channel"],
        until=batch["due_at"],
        at=batch["assigned_at"],
    )


def _item(batches: Mapping[str, Document], wanted: Wanted) -> Document:
    found: Document = next(item for item in batches[wanted.batch_id]["items"] if item["id"] == wanted.item_id)
    return found


def _weighed(
    one: Wanted, batches: Mapping[str, Document], gate: Gate, facts: Facts, refusals: dict[str, Weighed]
) -> Weighed:
    """Ask the rules about one refused address, and remember what they say against it."""
    weighed = weigh(gate, facts, [_item(batches, one)], holder=one.batch_id)
    refusals.setdefault(one.batch_id, Weighed()).dropped.extend(weighed.dropped)
    return weighed


def _lost(batches: Sequence[Document], held: Held, refusals: Mapping[str, Weighed]) -> dict[str, Weighed]:
    """Return, by batch, every item without a lease: refused by the rules, or taken by somebody in that moment."""
    lost: dict[str, Weighed] = {}
    for batch in batches:
        told = {item["id"]: verdict for item, verdict in refusals.get(batch["_id"], Weighed()).dropped}
        for item in batch["items"]:
            if item["state"] in UNWORKED and (batch["_id"], item["address"]) not in held:
                verdict = told.get(item["id"], Verdict((Blocked("held"),), None))
                lost.setdefault(batch["_id"], Weighed()).dropped.append((item, verdict))
    return lost
