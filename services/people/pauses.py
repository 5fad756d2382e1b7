"""Pauses: two complaints stop a volunteer's work until a coordinator has looked; the volunteer may say their side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.campaigns.rulebook import Rulebook
from services.domain.errors import Conflict, NotFound, StaleVersion
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.people.pauses import CLEAR, MADE, PAUSED, TOLD, Complaint, counting, settled
from services.domain.people.users import sees
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.batches.leases import LeaseStore
from services.store.outcomes.outcomes import OutcomeStore
from services.store.people.pauses import PauseStore
from services.store.people.users import UserStore

Document = dict[str, Any]
# Who is to hear that a volunteer is paused (coordinators), or that they may or may not work (the volunteer).
Tell = Callable[[Mapping[str, Any]], None]


class Pauses:
    """Count complaints against callers, hear appeals, lift. Threats against a volunteer are no complaint."""

    def __init__(
        self,
        *,
        store: PauseStore,
        users: UserStore,
        leases: LeaseStore,
        outcomes: OutcomeStore,
        rulebook: Rulebook,
        paused: Tell,
        moved: Tell,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._users = users
        self._leases = leases
        self._outcomes = outcomes
        self._rulebook = rulebook
        self._paused = paused
        self._moved = moved
        self._audit = audit
        self._clock = clock

    def told(self, outcome: Mapping[str, Any]) -> None:
        """Count the complaint that an outcome tells of; again is once."""
        self._count(self._complaint(outcome, ref=outcome["_id"], kind=TOLD, at=outcome["occurred_at"]), outcome)

    def made(self, request_id: str, address: str, at: datetime) -> None:
        """Count a person's own complaint against who last tried their number; of nobody if nobody did."""
        attempts = self._leases.by_keys([address]).get(address, {}).get("attempts") or []
        tried = self._outcomes.find_many([attempts[-1]["o"]]) if attempts else {}
        for outcome in tried.values():
            self._count(self._complaint(outcome, ref=request_id, kind=MADE, at=at), outcome)

    def refused(self, request_id: str) -> None:
        """Take a complaint back that was not borne out; who is paused by too few then goes on."""
        pause = self._store.against(request_id)
        if pause is None:
            return
        complaints = settled(pause["complaints"], ref=request_id)
        fields: Document = {"complaints": complaints}
        if pause["state"] == PAUSED and counting(complaints) < pause["most"]:
            fields |= {"state": CLEAR, "paused_at": None}
        self._store.change(pause, fields)
        if "state" in fields:
            self._let_go(pause["_id"])

    def own(self, actor: Actor) -> Document:
        """Return how it stands with the caller."""
        return self._store.find(actor.user_id) or _nothing(actor.user_id, actor.home_area)

    def appeal(self, actor: Actor, text: str) -> Document:
        """Keep what a paused volunteer has to say; raise Conflict for one who is not paused. The last word counts."""
        pause = self._store.find(actor.user_id)
        if pause is None or pause["state"] != PAUSED:
            raise Conflict("state_conflict")
        self._store.change(pause, {"appeal": {"text": text, "at": self._clock.now()}})
        self._audit.record(actor, "pause.appeal", subject=f"user:{actor.user_id}")
        self._paused(pause | {"appealed": True})
        return self.own(actor)

    def list_page(self, actor: Actor, page: PageRequest, *, state: str | None) -> Page[Document]:
        """Return volunteers against whom somebody complained: of the own district, for headquarters all."""
        district = None if actor.is_headquarters else actor.home_area or ""
        return self._store.list_page(page, district=district, state=state)

    def get(self, actor: Actor, user_id: str) -> Document:
        """Return how it stands with a volunteer whom the actor sees, or raise NotFound."""
        user = self._users.get(user_id)
        if user.role != "volunteer" or not sees(actor, home_area=user.home_area):
            raise NotFound
        return self._store.find(user_id) or _nothing(user_id, user.home_area)

    def lift(self, actor: Actor, user_id: str, reason: str, *, version: int | None) -> Document:
        """Let a volunteer work again; what was complained of counts no more. Raise Conflict when not paused."""
        pause = self.get(actor, user_id)
        if version is not None and version != pause["version"]:
            raise StaleVersion
        if pause["state"] != PAUSED:
            if self._users.get(user_id).paused_at is None:
                raise Conflict("state_conflict")
            # Whoever lifted it died before the volunteer was let go.
            self._let_go(user_id)
            return pause
        lifted = {"by": actor.user_id, "at": self._clock.now(), "reason": reason}
        complaints = settled(pause["complaints"])
        self._store.change(pause, {"state": CLEAR, "paused_at": None, "complaints": complaints, "lifted": lifted})
        self._audit.record(actor, "pause.lift", subject=f"user:{user_id}", complaints=len(complaints))
        self._let_go(user_id)
        return self.get(actor, user_id)

    def _complaint(self, outcome: Mapping[str, Any], *, ref: str, kind: str, at: datetime) -> Complaint:
        return Complaint(
            ref=ref,
            kind=kind,
            about=outcome["address"],
            user_id=outcome["user_id"],
            district_id=outcome["district_id"],
            campaign_id=outcome["campaign_id"],
            at=at,
        )

    def _count(self, complaint: Complaint, outcome: Mapping[str, Any]) -> None:
        """Count it, and when the volunteer is paused say so; each step may be done again after a kill."""
        now = self._clock.now()
        rules = self._rulebook.of(complaint.campaign_id, now).rules
        most = rules.at(outcome["part_id"], outcome["constituency_id"]).complaints_pause
        pause = self._store.complain(complaint, most=most, now=now)
        if pause["state"] == PAUSED:
            self._users.pause(complaint.user_id, pause["paused_at"])
            self._paused(pause)
            self._moved(pause)

    def _let_go(self, user_id: str) -> None:
        self._users.pause(user_id, None)
        self._moved({"_id": user_id})


def _nothing(user_id: str, district_id: str | None) -> Document:
    return {
        "_id": user_id,
        "district_id": district_id,
        "state": CLEAR,
        "complaints": [],
        "paused_at": None,
        "appeal": None,
        "lifted": None,
        "version": 0,
    }
