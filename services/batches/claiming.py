"""Claiming: a volunteer asks for work and gets one pooled batch, however often they tap and whoever else asks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from services.batches.desk import Desks, gate_for
from services.batches.forming import Forming
from services.batches.handing import Handing
from services.batches.pool_search import Place, Search, candidates
from services.batches.view import BatchView
from services.campaigns.rulebook import Rulebook
from services.domain.batches.batches import ASSIGNED, POOLED
from services.domain.errors import BlockedByRule, Invalid, NotFound, Unavailable
from services.domain.people.actor import Actor
from services.domain.people.users import User
from services.domain.rules.facts import Facts
from services.domain.rules.verdict import Verdict
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.batches.batches import BatchStore
from services.store.batches.pools import DeskStore, PoolStore, desk_of
from services.store.contacts.facts import FactStore

Document = dict[str, Any]
_ROUNDS = 4
_TRIES = 64


@dataclass(slots=True)
class _Claim:
    """One claim in progress; `seen` is the batch that lies on the volunteer's desk."""

    user: User
    search: Search
    desk: str
    seen: str | None
    tries: int = 0


class Claiming:
    """Finds, weighs and hands over pooled batches."""

    def __init__(
        self,
        *,
        batches: BatchStore,
        facts: FactStore,
        pools: PoolStore,
        claims: DeskStore,
        desks: Desks,
        forming: Forming,
        handing: Handing,
        view: BatchView,
        rulebook: Rulebook,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._batches = batches
        self._facts = facts
        self._pools = pools
        self._claims = claims
        self._desks = desks
        self._forming = forming
        self._handing = handing
        self._view = view
        self._rulebook = rulebook
        self._audit = audit
        self._clock = clock

    def claim(self, actor: Actor, campaign_id: str, channel: str) -> tuple[Document, int, bool]:
        """Return a batch (masked), its version, and whether it is newly claimed.

        Raises BlockedByRule when the rules forbid all of it now, NotFound("no_batch") when there is nothing to take.
        """
        now = self._clock.now()
        ruling = self._rulebook.of(campaign_id, now)
        desk = self._desks.of(actor.user_id, now)
        if channel not in ruling.campaign["channels"]:
            raise Invalid(channel="channel_not_in_campaign")
        if desk.user.channels and channel not in desk.user.channels:
            raise Invalid(channel="channel_not_yours")
        unopened = self._unopened(actor.user_id, campaign_id, channel)
        if unopened is not None:
            return (*self._shown(unopened), False)
        gate = gate_for(ruling, channel, now, desk.view(ruling.rules, channel))
        seats = self._desks.seats(desk.user, ruling.campaign)
        search = Search(ruling, channel, gate, seats, desk.user.home_area)
        if search.closed_as_a_whole():
            raise _closed(search.closed)
        place = desk_of(actor.user_id, campaign_id, channel)
        claim = _Claim(desk.user, search, place, self._claims.find(place))
        return self._take(actor, claim)

    def _take(self, actor: Actor, claim: _Claim) -> tuple[Document, int, bool]:
        found = self._resume(claim)
        for _ in range(_ROUNDS):
            if found is not None or claim.tries >= _TRIES:
                break
            pools = self._pools.read(list(claim.search.pools()))
            places = claim.search.places(pools)
            if not places:
                raise _nothing(claim.search, pools)
            for place in places:
                found = found or self._at(claim, place)
                if found is not None or claim.tries >= _TRIES:
                    break
        if found is None:
            if claim.tries >= _TRIES and not claim.search.reasons:
                raise Unavailable("busy", retry_after=1)
            raise _nothing(claim.search, {})
        batch, facts, is_new = found
        if is_new:
            facts_told = {"channel": batch["channel"], "items": batch["counts"]["total"]}
            self._audit.record(actor, "batch.claim", subject=f"batch:{batch['_id']}", **facts_told)
        if facts is None:
            return (*self._shown(batch), False)
        return self._view.masked(batch, facts), batch["version"], is_new

    def _resume(self, claim: _Claim) -> tuple[Document, Facts | None, bool] | None:
        """Go on with the batch on the desk if it still waits: another tap is after it, or one was killed."""
        return self._try(claim, claim.seen) if claim.seen is not None else None

    def _at(self, claim: _Claim, place: Place) -> tuple[Document, Facts | None, bool] | None:
        for batch_id, is_last in candidates(self._batches, self._pools, place):
            found = self._try(claim, batch_id)
            if found is not None:
                if is_last:
                    self._pools.forget(place.pool, place.part, place.token)
                return found
            if claim.tries >= _TRIES:
                return None
        return None

    def _try(self, claim: _Claim, batch_id: str) -> tuple[Document, Facts | None, bool] | None:
        """Try to get one batch; None when it is not to be had."""
        batch = self._batches.find(batch_id)
        if batch is None or batch["state"] != POOLED:
            return self._other_tap(claim, batch)
        here = {seat.id for seat in claim.search.seats}.issuperset(batch["constituency_ids"])
        if batch["pool_key"] is None or batch["forming_since"] is not None or not here:
            return None
        claim.tries += 1
        gate, ruling = claim.search.gate, claim.search.ruling
        offer = self._handing.weigh(batch, gate)
        if not offer.weighed.kept:
            claim.search.reasons += offer.weighed.reasons()
            self._handing.retire(offer, gate.now)
            return None
        if claim.seen != batch_id:
            if not self._claims.move(claim.desk, seen=claim.seen, batch_id=batch_id):
                claim.seen = self._claims.find(claim.desk)
                return self._resume(claim)
            claim.seen = batch_id
        handed = self._handing.hand(offer, claim.user, ruling, gate)
        if handed.batch is not None:
            return handed.batch, handed.facts, True
        return self._other_tap(claim, self._batches.find(batch_id))

    def _other_tap(self, claim: _Claim, batch: Document | None) -> tuple[Document, Facts | None, bool] | None:
        """Return the batch that another request of the same volunteer has just got, else None."""
        if batch is None or batch["assignee"] != claim.user.id or batch["state"] != ASSIGNED:
            return None
        return self._finished(batch), None, False

    def _unopened(self, user_id: str, campaign_id: str, channel: str) -> Document | None:
        now = self._clock.now()
        for batch in self._batches.of_assignee(user_id, [ASSIGNED]):
            if (batch["campaign_id"], batch["channel"]) == (campaign_id, channel) and batch["due_at"] > now:
                finished = self._finished(batch)
                if finished["state"] == ASSIGNED:
                    return finished
        return None

    def _finished(self, batch: Document) -> Document:
        return self._forming.recover(batch) if batch["forming_since"] is not None else batch

    def _shown(self, batch: Document) -> tuple[Document, int]:
        contacts = [contact for item in batch["items"] for contact in item["contacts"]]
        facts = self._facts.people(batch["campaign_id"], contacts, now=self._clock.now())
        return self._view.masked(batch, facts), batch["version"]


def _closed(verdicts: list[Verdict]) -> BlockedByRule:
    reasons = dict.fromkeys(code for verdict in verdicts for code in verdict.codes)
    starts = [verdict.allowed_from for verdict in verdicts if verdict.allowed_from is not None]
    return BlockedByRule(list(reasons), allowed_from=min(starts, default=None))


def _nothing(search: Search, pools: dict[str, Document]) -> BlockedByRule | NotFound:
    """Return why there is nothing: the hour, or what the last plan and this claim found against the contacts."""
    if search.closed and not search.reasons:
        return _closed(search.closed)
    reasons = sum((Counter(pool.get("blocked") or {}) for pool in pools.values()), search.reasons)
    return NotFound("no_batch", details={"reasons": dict(reasons)})
