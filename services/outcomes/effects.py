"""What single outcomes do beyond counting: opt-outs, dead numbers, people who moved or died, complaints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from services.batches.work import BatchWork
from services.contacts.suppressions import Suppressions
from services.domain.batches.batches import target_ids
from services.domain.outcomes.dispositions import Catalogue
from services.gateways.clock import Clock
from services.store.batches.leases import LeaseStore
from services.store.batches.target_marks import TargetMarkStore
from services.store.contacts.effects import ContactEffectStore
from services.store.outcomes.batch_outcomes import BatchOutcomeStore

Document = dict[str, Any]
Escalate = Callable[[Document], None]
# Who is to hear that something in their batches is blocked now.
Tell = Callable[[Collection[str]], None]


class Effects:
    """Draws the effects that the catalogue of dispositions names; each may be drawn again without harm."""

    def __init__(
        self,
        *,
        contacts: ContactEffectStore,
        leases: LeaseStore,
        targets: TargetMarkStore,
        batches: BatchOutcomeStore,
        suppressions: Suppressions,
        work: BatchWork,
        escalate: Escalate,
        complain: Escalate,
        tell: Tell,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._contacts = contacts
        self._leases = leases
        self._targets = targets
        self._batches = batches
        self._suppressions = suppressions
        self._work = work
        self._escalate = escalate
        # Counts a complaint against the caller: too many pause their work.
        self._complain = complain
        self._tell = tell
        self._catalogue = catalogue
        self._clock = clock

    def apply(self, outcomes: Sequence[Document], *, now: datetime) -> None:
        """Draw every effect of these outcomes but the freeing of their targets."""
        stopped = [outcome for outcome in outcomes if self._has(outcome, "suppress")]
        if stopped:
            self._suppressions.from_outcomes(stopped, now=now)
        self._contacts.kill_numbers(self._dead(outcomes, "number_dead"))
        self._contacts.kill_channels(self._dead(outcomes, "channel_dead"))
        self._contacts.note_gone(
            [
                (contact, effect, outcome["_id"])
                for effect in ("moved", "deceased")
                for outcome in outcomes
                if self._has(outcome, effect)
                for contact in outcome["contact_ids"]
            ]
        )
        for outcome in outcomes:
            if self._has(outcome, "escalate"):
                self._escalate(outcome)
            if self._has(outcome, "complaint"):
                self._complain(outcome)

    def stop(self, address_keys: Sequence[str]) -> None:
        """Block the items of every live batch that holds one of these addresses, whoever suppressed them."""
        leases = self._leases.by_keys(address_keys)
        held = {key: lease["batch_id"] for key, lease in leases.items() if lease.get("batch_id")}
        self._work.block(sorted(set(held.values())), frozenset(held), now=self._clock.now())
        self._tell({leases[key]["user_id"] for key in held})

    def free(self, outcomes: Sequence[Document]) -> None:
        """Give up the number and the people of a finished item; hold the number of an agreed call until its time."""
        told = {outcome["item_id"] for outcome in outcomes}
        for batch in self._batches.find_many([outcome["batch_id"] for outcome in outcomes]).values():
            finished = [item for item in batch["items"] if item["state"] == "done" and item["id"] in told]
            self._leases.release([item["address"] for item in finished], batch["_id"])
            self._targets.free(target_ids(batch, finished), from_batch=batch["_id"])
            agreed = [item["address"] for item in batch["items"] if item["state"] == "callback" and item["id"] in told]
            self._leases.extend(agreed, batch["_id"], batch["due_at"])

    def _dead(self, outcomes: Sequence[Document], effect: str) -> list[tuple[str, str, str]]:
        """Return `(contact id, address key, channel)` of the addresses that an effect has ended."""
        return [
            (contact, outcome["address"], outcome["channel"])
            for outcome in outcomes
            if self._has(outcome, effect)
            for contact in outcome["contact_ids"]
        ]

    def _has(self, outcome: Document, effect: str) -> bool:
        return effect in self._catalogue.by_name[outcome["disposition"]].effects
