"""Two contents under one id: listed for the volunteers' own coordinator, who says which one stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.domain.errors import Conflict, Invalid, NotFound
from services.domain.outcomes.standing import VOID
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.outcomes.outcomes import OutcomeStore

Document = dict[str, Any]
# Asks those who decide about a kind of thing, given the districts, and when each was told.
Waits = Callable[[str, Iterable[tuple[str | None, datetime]]], None]


class Conflicts:
    """Settling is a correction: the stored outcome stays as evidence, figures follow what stands."""

    def __init__(self, *, store: OutcomeStore, waits: Waits, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._waits = waits
        self._audit = audit
        self._clock = clock

    def list_page(self, actor: Actor, page: PageRequest) -> Page[Document]:
        """Return the open conflicts of the actor's volunteers, both contents side by side."""
        found = self._store.list_conflicts(page, district_ids=_districts(actor))
        stored = self._store.find_many(twin["outcome_id"] for twin in found.items)
        return found.map(lambda twin: _shown(twin, stored[twin["outcome_id"]]))

    def tell_new(self) -> int:
        """Let the coordinators know of new conflicts, and return how many there were (a step of the worker)."""
        new = self._store.untold_conflicts()
        if new:
            self._waits("conflict", [(twin["district_id"], twin["kept_at"]) for twin in new if twin["state"] == "open"])
            self._store.told_of([twin["_id"] for twin in new])
        return len(new)

    def settle(self, actor: Actor, conflict_id: str, *, keep: str) -> Document:
        """Close a conflict; raise NotFound for another district's, Invalid for a fingerprint of neither."""
        twin = self._store.find_conflict(conflict_id)
        districts = _districts(actor)
        if twin is None or (districts is not None and twin["district_id"] not in districts):
            raise NotFound
        stored = self._store.find_many([twin["outcome_id"]])[twin["outcome_id"]]
        if keep not in {stored["fingerprint"], twin["fingerprint"], "none"}:
            raise Invalid(keep="fingerprint_unknown")
        if not self._store.close_conflict(conflict_id, {"keep": keep, "settled_by": actor.user_id}):
            raise Conflict("state_conflict")
        if keep != stored["fingerprint"]:
            self._store.insert_new([self._correction(stored, twin, void=keep == "none")])
        self._audit.record(actor, "outcome.settle", subject=stored["_id"], keep=keep)
        return {"id": conflict_id, "state": "settled", "keep": keep}

    def _correction(self, stored: Document, twin: Document, *, void: bool) -> Document:
        """Return the outcome in the place of the stored one; its id follows from the conflict, so it is made once."""
        outcome_id = str(uuid5(NAMESPACE_URL, twin["_id"]))
        said = {} if void else self._store.said(twin)
        left_out = {"state", "outcome_id", "kept_at", "untold", "keep", "settled_by"}
        content = {name: value for name, value in twin.items() if name not in left_out}
        return {
            **content,
            "_id": outcome_id,
            "sealed": self._store.seal(said, outcome_id=outcome_id),
            "disposition": VOID if void else twin["disposition"],
            "status": stored["status"],
            "corrects": stored["_id"],
            "received_at": self._clock.now(),
            "pending": True,
        }


def _districts(actor: Actor) -> list[str] | None:
    return None if actor.is_headquarters else [actor.home_area or ""]


def _shown(twin: Document, stored: Document) -> Document:
    shared = {name: twin[name] for name in ("outcome_id", "user_id", "batch_id", "item_id", "channel")}
    return {**shared, "id": twin["_id"], "stored": stored, "other": twin}
