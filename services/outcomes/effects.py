"""What single outcomes do beyond counting: opt-outs, dead numbers, people who moved or died, complaints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from services.batches.work import BatchWork
from services.contacts.suppressions import Suppressions
from services.domain.batches.batches import target_ids
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.reviews import DECEASED, death_in, given_in
from services.domain.outcomes.standing import standing_marks
from services.domain.outcomes.tallies import mark_of
from services.gateways.clock import Clock
from services.outcomes.conflicts import Waits
from services.store.batches.leases import LeaseStore
from services.store.batches.target_marks import TargetMarkStore
from services.store.contacts.effects import ContactEffectStore, Ended
from services.store.outcomes.batch_outcomes import BatchOutcomeStore
from services.store.outcomes.outcomes import OutcomeStore
from services.store.outcomes.reviews import ReviewStore

Document = dict[str, Any]
Escalate = Callable[[Document], None]
# Who is to hear that something in their batches is blocked now.
Tell = Callable[[Collection[str]], None]
_GONE = ("moved", "deceased")


class Effects:
    """Draws the effects that the catalogue of dispositions names; each may be drawn again without harm."""

    def __init__(
        self,
        *,
        contacts: ContactEffectStore,
        reviews: ReviewStore,
        outcomes: OutcomeStore,
        leases: LeaseStore,
        targets: TargetMarkStore,
        batches: BatchOutcomeStore,
        suppressions: Suppressions,
        work: BatchWork,
        escalate: Escalate,
        complain: Escalate,
        waits: Waits,
        tell: Tell,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._contacts = contacts
        self._reviews = reviews
        self._outcomes = outcomes
        self._leases = leases
        self._targets = targets
        self._batches = batches
        self._suppressions = suppressions
        self._work = work
        self._escalate = escalate
        # Counts a complaint against the caller: too many pause their work.
        self._complain = complain
        self._waits = waits
        self._tell = tell
        self._catalogue = catalogue
        self._clock = clock

    def apply(self, outcomes: Sequence[Document], told: Mapping[str, Sequence[Document]]) -> None:
        """Draw every effect of these outcomes but the freeing of their targets; `told` is all of their items, by item.

        An opt-out holds whatever corrects it, and a threat is told of once it was noted. The other effects are those
        of what stands after corrections; what was corrected away is taken back, in whatever order both arrived.
        """
        stopped = [outcome for outcome in outcomes if self._has(outcome, "suppress")]
        if stopped:
            self._suppressions.draw_again(stopped)
        stands, fell = self._sorted_out(outcomes, told)
        if fell:
            self._take_back(fell)
        self._contacts.kill_numbers(self._ended(stands, "number_dead"))
        self._contacts.kill_channels(self._ended(stands, "channel_dead"))
        gone = [(one, effect) for effect in _GONE for one in stands if self._has(one, effect)]
        self._contacts.note_gone(
            [(contact, effect, outcome["_id"]) for outcome, effect in gone for contact in outcome["contact_ids"]]
        )
        received = {one["_id"]: one["received_at"] for mine in told.values() for one in mine}
        given = [one for outcome in outcomes for one in given_in(outcome, self._outcomes.said(outcome))]
        reviews = [*given, *(death_in(outcome) for outcome, effect in gone if effect == DECEASED)]
        self._reviews.insert_new(reviews)
        self._waits("review", [(one.district_id, received[one.outcome_id]) for one in reviews])
        for outcome in outcomes:
            if self._has(outcome, "escalate"):
                self._escalate(outcome)
            if self._has(outcome, "complaint"):
                self._complain(outcome)

    def _sorted_out(
        self, outcomes: Sequence[Document], told: Mapping[str, Sequence[Document]]
    ) -> tuple[list[Document], list[Document]]:
        """Return the outcomes whose effects stand, and those that had some and were corrected."""
        new = {outcome["_id"] for outcome in outcomes}
        stands: list[Document] = []
        fell: list[Document] = []
        for mine in told.values():
            held = {mark.id for mark in standing_marks(mark_of(outcome) for outcome in mine)}
            gone = [one for one in mine if one["_id"] not in held and self._lasting(one)]
            fell += gone
            # Where something is taken back, what stands is drawn again: both may have ended the same number.
            stands += [one for one in mine if one["_id"] in held and (gone or one["_id"] in new)]
        return stands, fell

    def _take_back(self, fell: Sequence[Document]) -> None:
        self._contacts.revive_numbers(self._ended(fell, "number_dead"))
        self._contacts.revive_channels(self._ended(fell, "channel_dead"))
        gone = [outcome for outcome in fell if any(self._has(outcome, effect) for effect in _GONE)]
        self._contacts.note_back([(contact, outcome["_id"]) for outcome in gone for contact in outcome["contact_ids"]])
        self._reviews.withdraw([outcome["_id"] for outcome in gone])

    def _lasting(self, outcome: Document) -> bool:
        return any(self._has(outcome, effect) for effect in ("number_dead", "channel_dead", *_GONE))

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

    def _ended(self, outcomes: Sequence[Document], effect: str) -> list[Ended]:
        """Return the addresses that an effect of these outcomes ends."""
        return [
            (contact, outcome["address"], outcome["channel"], outcome["_id"])
            for outcome in outcomes
            if self._has(outcome, effect)
            for contact in outcome["contact_ids"]
        ]

    def _has(self, outcome: Document, effect: str) -> bool:
        row = self._catalogue.find(outcome["disposition"])
        return row is not None and effect in row.effects
