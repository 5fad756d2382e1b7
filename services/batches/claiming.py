"""Claiming: a volunteer asks for work and gets one pooled batch, however often they tap and whoever else asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.batches.desk import Desk, Desks, at_work, gate_for
from services.batches.forming import Forming
from services.batches.handing import Handing
from services.batches.pool_search import Place, Search, candidates, drawn
from services.batches.starting import Start, Starting
from services.batches.view import BatchView
from services.campaigns.rulebook import Rulebook, Ruling
from services.domain.batches.batches import ASSIGNED, LIVE, POOLED
from services.domain.errors import Invalid, Unavailable
from services.domain.people.actor import Actor
from services.domain.people.users import User
from services.domain.rules.eligibility import Gate
from services.domain.rules.facts import Facts
from services.gateways.clock import Clock
from services.store.batches.batches import BatchStore
from services.store.batches.looks import BatchLook, LookStore
from services.store.batches.pools import DeskStore, PoolStore, desk_of
from services.store.contacts.facts import FactStore

Document = dict[str, Any]
# A batch, the facts about its people unless they have to be read, and whether it is new.
_Found = tuple[Document, Facts | None, bool]
_ROUNDS = 4
_TRIES = 64


@dataclass(slots=True)
class _Claim:
    """One claim in progress, by whom and for whom; `seen` is the batch that lies on the desk."""

    by: Actor
    user: User
    search: Search
    pools: Mapping[str, Document]
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
        looks: LookStore,
        desks: Desks,
        forming: Forming,
        handing: Handing,
        view: BatchView,
        rulebook: Rulebook,
        clock: Clock,
    ) -> None:
        self._batches = batches
        self._facts = facts
        self._pools = pools
        self._claims = claims
        self._looks = looks
        self._desks = desks
        self._starting = Starting(looks, pools, desks=desks, rulebook=rulebook)
        self._forming = forming
        self._handing = handing
        self._view = view
        self._clock = clock

    def claim(
        self, actor: Actor, campaign_id: str, channel: str, *, by: Actor | None = None
    ) -> tuple[Document, int, bool]:
        """Return a batch (masked), its version, and whether it is newly claimed.

        What waits comes before new work: a batch that is not opened yet, then one with callbacks that are due. Raises
        BlockedByRule when the rules forbid all of it now, NotFound("no_batch") when there is nothing to take. `by` is
        who claims for the volunteer, if it is not they.
        """
        now = self._clock.now()
        place = desk_of(actor.user_id, campaign_id, channel)
        start = self._starting.of(actor.user_id, campaign_id, channel, place=place, now=now, who=actor)
        ruling, desk = start.ruling, start.desk
        self._check_channel(desk.user, ruling, channel)
        waiting = self._waiting(actor.user_id, campaign_id, channel, now)
        if waiting is not None:
            return (*self._shown(waiting), False)
        search = self._search(ruling, channel, desk, gate_for(ruling, channel, now, desk.view(ruling.rules, channel)))
        batch, facts, is_new = self._take(self._begun(by or actor, start, search, place))
        if facts is None:
            return (*self._shown(batch), False)
        return self._view.masked(batch, facts), batch["version"], is_new

    def take_for(self, by: Actor, user_id: str, campaign_id: str, channel: str, *, errand: str) -> Document:
        """Give a volunteer the next batch on somebody's word: once for each errand, however often it is asked.

        The day's cap is not asked here but by the opening: what is given today may be opened tomorrow.
        """
        now = self._clock.now()
        start = self._starting.of(user_id, campaign_id, channel, place=errand, now=now)
        ruling, desk, seen = start.ruling, start.desk, start.seen
        self._check_channel(desk.user, ruling, channel)
        search = self._search(ruling, channel, desk, gate_for(ruling, channel, now, at_work(desk.user)))
        # What the errand brought stays what it brought, whatever became of it since.
        brought = self._batches.find(seen) if seen is not None else None
        if brought is not None and user_id in brought["holders"]:
            return brought
        return self._take(self._begun(by, start, search, errand))[0]

    def last_of(self, user_id: str, campaign_id: str, channel: str) -> Document | None:
        """Return the batch that a volunteer claimed last, or None."""
        seen = self._claims.find(desk_of(user_id, campaign_id, channel))
        return self._batches.find(seen) if seen is not None else None

    def _check_channel(self, user: User, ruling: Ruling, channel: str) -> None:
        if channel not in ruling.campaign["channels"]:
            raise Invalid(channel="channel_not_in_campaign")
        if user.channels and channel not in user.channels:
            raise Invalid(channel="channel_not_yours")

    def _search(self, ruling: Ruling, channel: str, desk: Desk, gate: Gate) -> Search:
        seats = self._desks.seats(desk.user, ruling.campaign)
        search = Search(ruling, channel, gate, seats, desk.user.home_area)
        if search.closed_as_a_whole():
            raise search.forbidden()
        return search

    def _begun(self, by: Actor, start: Start, search: Search, desk: str) -> _Claim:
        return _Claim(by, start.desk.user, search, self._starting.pools(start, search), desk, start.seen)

    def _take(self, claim: _Claim) -> _Found:
        found, rounds = self._resume(claim), self._rounds(claim)
        while found is None and claim.tries < _TRIES and (pools := next(rounds, None)) is not None:
            found = self._among(claim, pools)
        if found is None:
            if claim.tries >= _TRIES and not claim.search.reasons:
                raise Unavailable("busy", retry_after=1)
            raise claim.search.nothing({})
        return found

    def _among(self, claim: _Claim, pools: Mapping[str, Document]) -> _Found | None:
        """Look through some pools; raise what `Search.nothing` says when they name no place at all."""
        looked = False
        for places in claim.search.places(pools):
            looked = True
            found = self._at(claim, places)
            if found is not None or claim.tries >= _TRIES:
                return found
        if not looked:
            raise claim.search.nothing(pools)
        return None

    def _rounds(self, claim: _Claim) -> Iterator[Mapping[str, Document]]:
        """Yield the pools as they were read at the start, then a few times as they have become since."""
        yield claim.pools
        for _ in range(_ROUNDS - 1):
            yield self._pools.read(list(claim.search.pools()))

    def _resume(self, claim: _Claim) -> _Found | None:
        """Go on with the batch on the desk if it still waits: another tap is after it, or one was killed."""
        return self._try_named(claim, claim.seen) if claim.seen is not None else None

    def _at(self, claim: _Claim, places: Sequence[Place]) -> _Found | None:
        """Draw one batch; when that comes to nothing, look at all that lie there."""
        look = drawn(self._looks, places, now=claim.search.gate.now)
        found = self._try(claim, look) if look is not None else None
        if found is not None:
            return found
        for batch_id in candidates(self._batches, self._pools, places):
            if claim.tries >= _TRIES:
                return None
            found = self._try_named(claim, batch_id)
            if found is not None:
                return found
        return None

    def _try_named(self, claim: _Claim, batch_id: str) -> _Found | None:
        look = self._looks.of_batch(batch_id, now=claim.search.gate.now)
        return self._try(claim, look) if look is not None else None

    def _try(self, claim: _Claim, look: BatchLook) -> _Found | None:
        """Try to get one batch; None when it is not to be had."""
        batch, batch_id = look.batch, look.batch["_id"]
        if batch["state"] != POOLED:
            return self._other_tap(claim, batch)
        here = {seat.id for seat in claim.search.seats}.issuperset(batch["constituency_ids"])
        if batch["pool_key"] is None or batch["forming_since"] is not None or not (here and speaks(claim.user, batch)):
            return None
        claim.tries += 1
        gate, ruling, against = claim.search.gate, claim.search.ruling, claim.search.reasons
        if (offer := self._handing.offer_to(claim.user, batch, look.facts, gate, against=against)) is None:
            return None
        if claim.seen != batch_id:
            if not self._claims.move(claim.desk, seen=claim.seen, batch_id=batch_id):
                claim.seen = self._claims.find(claim.desk)
                return self._resume(claim)
            claim.seen = batch_id
        handed = self._handing.hand(offer, claim.user, ruling, gate, claimed_by=claim.by)
        if handed.batch is not None:
            return handed.batch, handed.facts, True
        return self._other_tap(claim, self._batches.find(batch_id))

    def _other_tap(self, claim: _Claim, batch: Document | None) -> _Found | None:
        """Return the batch that another request of the same volunteer has just got, else None."""
        if batch is None or batch["assignee"] != claim.user.id or batch["state"] != ASSIGNED:
            return None
        return self._finished(batch), None, False

    def _waiting(self, user_id: str, campaign_id: str, channel: str, now: datetime) -> Document | None:
        """Return what a volunteer has to do before new work: a batch to open, else callbacks whose time has come."""
        due = None
        for head in self._batches.of_assignee(user_id, LIVE, whole=False):
            if (head["campaign_id"], head["channel"]) != (campaign_id, channel) or head["due_at"] <= now:
                continue
            if head["state"] == ASSIGNED:
                finished = self._finished(self._batches.get(head["_id"]))
                if finished["state"] == ASSIGNED:
                    return finished
            elif due is None and head["counts"]["callback"]:
                batch = self._batches.get(head["_id"])
                due = batch if any(_is_due(item, now) for item in batch["items"]) else None
        return due

    def _finished(self, batch: Document) -> Document:
        return self._forming.recover(batch) if batch["forming_since"] is not None else batch

    def _shown(self, batch: Document) -> tuple[Document, int]:
        contacts = [contact for item in batch["items"] for contact in item["contacts"]]
        facts = self._facts.people(batch["campaign_id"], contacts, now=self._clock.now())
        return self._view.masked(batch, facts), batch["version"]


def _is_due(item: Document, now: datetime) -> bool:
    return item["state"] == "callback" and item["callback_at"] is not None and item["callback_at"] <= now


def speaks(user: User, batch: Document) -> bool:
    """Tell whether a volunteer has a language that a batch asks for, if it asks for one."""
    return not batch.get("languages") or not set(batch["languages"]).isdisjoint(user.languages)
