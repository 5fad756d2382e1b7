"""What a person said to volunteers, wherever it lies: found for a report about them, forgotten when they are erased."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.domain.contacts.contacts import Contact
from services.domain.outcomes.standing import VOID
from services.store.contacts.targets import TargetStore
from services.store.outcomes.held import HeldStore
from services.store.outcomes.outcomes import OutcomeStore
from services.store.outcomes.reviews import ReviewStore

_AT_ONCE = 500
Document = dict[str, Any]


class Sayings:
    """Outcomes about people, their corrections and doubles, and the addresses that were given in them."""

    def __init__(self, outcomes: OutcomeStore, held: HeldStore, reviews: ReviewStore, targets: TargetStore) -> None:
        self._outcomes = outcomes
        self._held = held
        self._reviews = reviews
        self._targets = targets

    def about(self, contact: Contact, campaign_ids: Sequence[str]) -> dict[str, Document]:
        """Return all outcomes about a person by id, of contacts that were merged into it as well.

        The contact itself remembers its last attempts by the outcome that was told first; the rest is found by them.
        """
        people = [contact.id, *(one["id"] for one in contact.merges)]
        marks = self._targets.of_contacts(campaign_ids, people, fields=["marks"]).values()
        told = {touch["o"] for touch in contact.touches}
        told |= {mark["id"] for target in marks for mark in target.get("marks") or ()}
        found: dict[str, Document] = {}
        for some in _some(sorted(told)):
            found |= self._outcomes.find_many(some)
        items = sorted({one["item_id"] for one in found.values()} | {touch["i"] for touch in contact.touches})
        for some in _some(items):
            of_items = self._outcomes.of_items(some)
            found |= {one["_id"]: one for one in of_items if not {*people}.isdisjoint(one["contact_ids"])}
        return found

    def forget(self, contact: Contact, campaign_ids: Sequence[str]) -> None:
        """Take all that a person said; what was counted from it is drawn again. Done again it changes nothing."""
        for some in _some(sorted(self.about(contact, campaign_ids))):
            self._outcomes.forget_said(some)
            self._reviews.forget(some)
        self._held.forget_person(contact.id)
        self._reviews.forget_person(contact.id)


def standing(found: Mapping[str, Document]) -> list[Document]:
    """Return outcomes in the order in which they happened, without those that were corrected or taken back."""
    corrected = {one["corrects"] for one in found.values() if one.get("corrects")}
    told = (one for one in found.values() if one["_id"] not in corrected and one["disposition"] != VOID)
    return sorted(told, key=lambda one: (one["occurred_at"], one["_id"]))


def _some(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), _AT_ONCE):
        yield ids[at : at + _AT_ONCE]
