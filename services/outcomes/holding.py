"""Uploads from a phone that was reported lost: kept apart until a coordinator accepts or drops them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from services.batches.work import BatchWork
from services.domain.errors import Conflict, NotFound
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.outcomes import DUPLICATE, HELD, LATE, STORED, is_late, twin_of
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.outcomes.outcomes import Receipt
from services.store.outcomes.held import ACCEPTED, ACCEPTING, DROPPED, OPEN, HeldStore
from services.store.outcomes.outcomes import OutcomeStore

Document = dict[str, Any]
_OF_HOLDING = frozenset({"state", "outcome_id", "session_id", "held_at", "settled_by", "settled_at"})
_AT_ONCE = 200

# Suppresses whom the outcomes that somebody tells opt out.
Suppress = Callable[[Actor, Sequence[Document]], object]
# Tells who of some people were erased.
Erased = Callable[[Iterable[str]], set[str]]


class Holding:
    """Nothing of what is held counts anywhere, but its opt-outs, which bite at once."""

    def __init__(
        self,
        *,
        held: HeldStore,
        outcomes: OutcomeStore,
        work: BatchWork,
        suppress: Suppress,
        erased: Erased,
        catalogue: Catalogue,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._held = held
        self._outcomes = outcomes
        self._work = work
        self._suppress = suppress
        self._erased = erased
        self._catalogue = catalogue
        self._audit = audit
        self._clock = clock

    def keep(self, actor: Actor, judged: Sequence[Document | Receipt]) -> list[Receipt]:
        """Keep what is well-formed and answer in order: `stored` with the flag `held`, so that none comes again."""
        told = [one for one in judged if not isinstance(one, Receipt)]
        # The opt-outs first: a kill behind them loses nothing, as the phone then sends again.
        stopped = [one for one in told if "suppress" in self._catalogue.by_name[one["disposition"]].effects]
        self._suppress(actor, stopped)
        gone = self._erased(contact for one in told if one["sealed"] is not None for contact in one["contact_ids"])
        told = [{**one, "sealed": None} if gone.intersection(one["contact_ids"]) else one for one in told]
        landed = self._outcomes.find_many(one["_id"] for one in told)
        fresh: dict[str, Document] = {}
        for one in told:
            if not _same(landed.get(one["_id"]), one):
                fresh.setdefault(_key(one), self._waiting(actor, one))
        known = self._held.insert_new(list(fresh.values()))
        new = fresh.keys() - known
        receipts: list[Receipt] = []
        for made in judged:
            if isinstance(made, Receipt):
                receipts.append(made)
                continue
            status = STORED if _key(made) in new else DUPLICATE
            new.discard(_key(made))
            receipts.append(Receipt(made["_id"], status, flags=(*made["flags"], HELD)))
        return receipts

    def list_page(self, actor: Actor, page: PageRequest, *, session_id: str | None) -> Page[Document]:
        """Return what waits from the actor's volunteers, of one lost phone if asked."""
        return self._held.list_page(page, districts=_districts(actor), session_id=session_id)

    def settle(self, actor: Actor, held_id: str, *, accept: bool) -> Document:
        """Let an outcome count, or drop it; raise NotFound for another district's, Conflict when it was settled."""
        held = self._held.find(held_id)
        districts = _districts(actor)
        if held is None or (districts is not None and held["district_id"] not in districts):
            raise NotFound
        if held["state"] not in {OPEN, ACCEPTING}:
            raise Conflict("state_conflict")
        return self._settle(actor, held, accept=accept)

    def settle_phone(self, actor: Actor, session_id: str, *, accept: bool) -> tuple[int, bool]:
        """Do so for up to 200 outcomes of one lost phone; return how many it was, and whether more wait."""
        page = self._held.list_page(PageRequest(limit=_AT_ONCE), districts=_districts(actor), session_id=session_id)
        for held in page.items:
            self._settle(actor, held, accept=accept)
        return len(page.items), page.next_cursor is not None

    def _settle(self, actor: Actor, held: Document, *, accept: bool) -> Document:
        # Once begun it is accepted and nothing else: a kill in between leaves it on the list, to be accepted again.
        if accept and not self._held.begin(held["_id"]):
            raise Conflict("state_conflict")
        if accept:
            self._land(held)
        state = ACCEPTED if accept else DROPPED
        if not self._held.close(held["_id"], state=state, by=actor.user_id, at=self._clock.now()):
            raise Conflict("state_conflict")
        action = "outcome.held_accept" if accept else "outcome.held_drop"
        self._audit.record(actor, action, subject=held["outcome_id"])
        return {**held, "state": state}

    def _land(self, held: Document) -> None:
        """Store the outcome as if it came now; the worker draws what follows. Again it is the same."""
        batch = self._work.find_many([held["batch_id"]]).get(held["batch_id"])
        item = next((one for one in batch["items"] if one["id"] == held["item_id"]), None) if batch else None
        mine = (
            batch is not None and item is not None and not is_late(batch, item, held["user_id"], now=self._clock.now())
        )
        made = {name: value for name, value in held.items() if name not in _OF_HOLDING}
        made |= {"_id": held["outcome_id"], "status": STORED if mine else LATE, "pending": True}
        taken = self._outcomes.insert_new([made]).get(made["_id"])
        if taken is not None and not _same(taken, made):
            self._outcomes.keep_twin(twin_of(made, self._clock.now()))

    def _waiting(self, actor: Actor, made: Document) -> Document:
        waiting = {name: value for name, value in made.items() if name != "pending"}
        return {
            **waiting,
            "_id": _key(made),
            "outcome_id": made["_id"],
            "session_id": actor.session_id,
            "flags": [*made["flags"], HELD],
            "state": OPEN,
            "held_at": self._clock.now(),
        }


def _key(made: Mapping[str, Any]) -> str:
    return f"{made['_id']}~{made['fingerprint']}"


def _same(stored: Mapping[str, Any] | None, made: Mapping[str, Any]) -> bool:
    if stored is None:
        return False
    return bool(stored["fingerprint"] == made["fingerprint"] and stored["user_id"] == made["user_id"])


def _districts(actor: Actor) -> list[str] | None:
    return None if actor.is_headquarters else [actor.home_area or ""]
