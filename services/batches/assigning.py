"""What coordinators do with a batch: assign, recall, extend; and what happens to the work of who leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from services.batches.desk import at_work, gate_for
from services.batches.forming import Forming
from services.batches.handing import Handing
from services.batches.holding import HolderLeft
from services.batches.returning import Returning
from services.batches.scope import BatchScope
from services.campaigns.rulebook import Rulebook
from services.domain.batches.batches import ACTIVE, LIVE, POOLED, RECALLED
from services.domain.batches.changes import successor
from services.domain.batches.weighing import Weighed
from services.domain.errors import BlockedByRule, Conflict, Invalid, StaleVersion, Unavailable
from services.domain.people.actor import Actor
from services.domain.people.users import User
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.batches.batches import BatchStore
from services.store.batches.leases import LeaseStore

Document = dict[str, Any]
_TRIES = 8
_LONGEST = timedelta(days=30)


class Assigning:
    """Changes batches within an actor's scope; `version` is the one that was loaded, None asks nothing."""

    def __init__(
        self,
        *,
        scope: BatchScope,
        batches: BatchStore,
        leases: LeaseStore,
        forming: Forming,
        handing: Handing,
        returning: Returning,
        rulebook: Rulebook,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._scope = scope
        self._batches = batches
        self._leases = leases
        self._forming = forming
        self._handing = handing
        self._returning = returning
        self._rulebook = rulebook
        self._audit = audit
        self._clock = clock

    def assign(
        self, actor: Actor, batch_id: str, user_id: str, *, version: int | None, worked_since: datetime | None = None
    ) -> Document:
        """Give a batch to a volunteer; one that is being worked on goes on as a new batch without what is done.

        What was worked after `worked_since` stays where it is too.
        Raises Invalid for somebody who cannot take it, BlockedByRule when nothing of it is allowed now.
        """
        for _ in range(_TRIES):
            batch = self._settled(actor, batch_id)
            _check(batch, version, (POOLED, *LIVE))
            user = self._scope.volunteer(actor, user_id, batch["channel"])
            if batch["assignee"] == user_id:
                return batch
            if batch["state"] == ACTIVE:
                batch_id, version = self._taken_out(batch, version, worked_since), None
                continue
            try:
                given = self._hand(batch, user)
            except HolderLeft as left:
                # Its work goes on elsewhere; who is named is asked again, as if we had come a moment later.
                if left.following is None:
                    raise Conflict("state_conflict") from left
                batch_id, version = left.following, None
                continue
            if given is not None:
                self._audit.record(actor, "batch.assign", subject=f"batch:{given['_id']}", user_id=user_id)
                return given
        raise Unavailable("busy")

    def recall(
        self, actor: Actor, batch_id: str, *, reason: str, version: int | None, worked_since: datetime | None = None
    ) -> Document:
        """Take a batch back: its unworked items go to the pool, those of a pooled one to the next plan.

        What was worked after `worked_since` stays with its volunteer.
        """
        batch = self._settled(actor, batch_id)
        if batch["state"] == RECALLED:
            return batch

        def check(found: Document) -> None:
            _check(found, version, (POOLED, *LIVE))

        closed, _ = self._returning.close(
            batch_id,
            "recalled",
            check=check,
            state=RECALLED,
            reason=reason,
            dissolve=batch["state"] == POOLED,
            worked_since=worked_since,
        )
        self._audit.record(actor, "batch.recall", subject=f"batch:{batch_id}")
        return closed

    def extend(self, actor: Actor, batch_id: str, due_at: datetime, *, version: int | None) -> Document:
        """Let a batch live longer, or shorter; its numbers are held as long."""
        now = self._clock.now()
        if not now < due_at <= now + _LONGEST:
            raise Invalid(due_at="not_in_future" if due_at <= now else "too_far")
        for _ in range(_TRIES):
            batch = self._settled(actor, batch_id)
            _check(batch, version, (POOLED, *LIVE))
            if batch["state"] in LIVE and batch["due_at"] <= now:
                raise Conflict("state_conflict")
            # The numbers first: a batch must not live longer than it holds them.
            self._leases.extend([item["address"] for item in batch["items"]], batch_id, due_at)
            warn_at = due_at if batch["state"] in LIVE else None
            changed = self._batches.swap(batch, {"due_at": due_at, "warn_at": warn_at, "updated_at": now})
            if changed is not None:
                self._audit.record(actor, "batch.extend", subject=f"batch:{batch_id}", due_at=due_at)
                return changed
        raise Unavailable("busy")

    def take_back(self, user_id: str, *, reason: str) -> int:
        """Return all live work of a volunteer who works no more (suspended, moved); return how many batches it was."""
        taken = 0
        for batch in self._batches.of_assignee(user_id, LIVE, whole=False):
            # One that was finished or handed on in this moment is theirs no longer.
            with suppress(Conflict):
                self._returning.close(batch["_id"], "recalled", check=_held_by(user_id), state=RECALLED, reason=reason)
                taken += 1
        return taken

    def _settled(self, actor: Actor, batch_id: str) -> Document:
        batch = self._scope.get(actor, batch_id)
        return self._forming.recover(batch) if batch["forming_since"] is not None else batch

    def _taken_out(self, batch: Document, version: int | None, worked_since: datetime | None) -> str:
        """Close a batch that is worked on, if any of its open work is allowed now; return the batch that goes on."""
        gate = gate_for(self._rulebook.of(batch["campaign_id"], self._clock.now()), batch["channel"], self._clock.now())
        weighed = self._handing.weigh(batch, gate).weighed
        if not weighed.kept:
            raise _blocked(weighed)

        def check(found: Document) -> None:
            _check(found, version, (ACTIVE,))

        closed, passed = self._returning.close(
            batch["_id"], "recalled", check=check, state=RECALLED, reason="reassigned", worked_since=worked_since
        )
        if not passed["items"]:
            raise Conflict("state_conflict")
        following: str = successor(closed, passed)["_id"]
        return following

    def _hand(self, batch: Document, user: User) -> Document | None:
        now = self._clock.now()
        ruling = self._rulebook.of(batch["campaign_id"], now)
        gate = gate_for(ruling, batch["channel"], now, at_work(user))
        # Whoever names a volunteer hears why it cannot be; a claim takes the next batch instead.
        offer = self._handing.weigh(batch, gate, leases=True)
        if not offer.weighed.kept:
            raise _blocked(offer.weighed)
        handed = self._handing.hand(offer, user, ruling, gate)
        if handed.batch is None and not handed.weighed.kept:
            raise _blocked(handed.weighed)
        return handed.batch


def _check(batch: Document, version: int | None, states: Sequence[str]) -> None:
    if version is not None and version != batch["version"]:
        raise StaleVersion
    if batch["state"] not in states:
        raise Conflict("state_conflict")


def _held_by(user_id: str) -> Callable[[Document], None]:
    def check(found: Document) -> None:
        if found["assignee"] != user_id or found["state"] not in LIVE:
            raise Conflict("state_conflict")

    return check


def _blocked(weighed: Weighed) -> BlockedByRule:
    reasons = dict.fromkeys(code for _, verdict in weighed.dropped for code in verdict.codes)
    starts = [verdict.allowed_from for _, verdict in weighed.dropped if verdict.allowed_from is not None]
    return BlockedByRule(list(reasons) or ["final"], allowed_from=min(starts, default=None))
