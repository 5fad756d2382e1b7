"""What told opt-outs suppress: a number, the people, and all that reaches them; and what of it is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any, NamedTuple

from services.domain.contacts.contacts import Contact
from services.domain.contacts.suppressions import (
    OUTCOME,
    Suppression,
    of_addresses,
    of_outcome,
    one_person_with,
    person_key,
    shared,
)
from services.domain.people.actor import Actor
from services.operations.audit import Audit
from services.store.contacts.contacts import ContactStore
from services.store.contacts.suppressions import SuppressionStore

Outcome = Mapping[str, Any]

# Who tells outcomes, where a worker draws them again.
_TELLER = "volunteer"
_NEVER = datetime.min.replace(tzinfo=UTC)


class Asked(NamedTuple):
    """A suppression that an outcome asked for, and when that was told."""

    outcome_id: str
    told_at: datetime
    suppression: Suppression


class OptOuts:
    """Suppresses whom outcomes opt out, in writes that may be made again."""

    def __init__(self, *, store: SuppressionStore, contacts: ContactStore, audit: Audit) -> None:
        self._store = store
        self._contacts = contacts
        self._audit = audit

    def suppress(self, outcomes: Sequence[Outcome], *, now: datetime, actor: Actor | None = None) -> list[str]:
        """Suppress the address and the people of outcomes that opted out; return the address keys that now are.

        The number spoken to and the people go first, in one write: the rest of their addresses may follow after a kill.
        """
        if not outcomes:
            return []
        asked = [Asked(outcome["_id"], now, one) for outcome in outcomes for one in of_outcome(outcome, now)]
        first = [one.suppression for one in asked]
        known = self._store.add(first)
        more = self._more(first, self._people(outcomes))
        self._store.add(more)
        self._note(asked, known, actor)
        return list(dict.fromkeys(one.id for one in (*first, *more) if one.kind != "person"))

    def draw_again(self, outcomes: Sequence[Outcome]) -> None:
        """Suppress once more whom these outcomes opted out when they were told, but for what was lifted since."""
        self.restore(self._standing(outcomes))

    def missing(self, outcomes: Sequence[Outcome]) -> list[Asked]:
        """Return what these opt-outs ask for and nobody has; what was lifted since they were told is no loss."""
        standing = self._standing(outcomes)
        there = self._store.find_many(one.suppression.id for one in standing)
        return [one for one in standing if one.suppression.id not in there]

    def restore(self, asked: Iterable[Asked]) -> None:
        """Store what is not there; the worker stops what is at work on it, as with any opt-out."""
        asked = list(asked)
        self._note(asked, self._store.add([one.suppression for one in asked]), None)

    def beside(self, contacts: Iterable[Contact], by_person: Mapping[str, Suppression]) -> list[Suppression]:
        """Return what the opt-outs of contacts mean for those that were merged with them."""
        pairs = [(contact, other) for contact in contacts for other in one_person_with(contact)]
        others = self._contacts.by_ids(other for _, other in pairs) if pairs else {}
        said = [(by_person[person_key(contact.id)], others[other]) for contact, other in pairs if other in others]
        return [one for base, other in said for one in shared(base, other, at=base.at)]

    def _note(self, asked: Sequence[Asked], known: Set[str], actor: Actor | None) -> None:
        """Put into the audit trail what outcomes suppressed of themselves, once each however often that is drawn.

        What was in `known` before is noted only where an outcome of the same person made it: then a kill may have come
        between the two writes, and the entry is the one that it would have been.
        """
        said = [one for one in asked if one.suppression.direct and one.suppression.origin == OUTCOME]
        there = self._store.told_by(one.suppression.id for one in said if one.suppression.id in known)
        entries = []
        for outcome_id, _, one in said:
            # The database keeps milliseconds: what is read again must be named as what was written.
            by, at = there.get(one.id, (None, one.at)) if one.id in known else (one.by, one.at)
            if by is None or by != one.by:
                continue
            teller = actor or Actor(user_id=by, role=_TELLER, session_id="")
            facts = {"reason": one.reason, "origin": one.origin, "outcome_id": outcome_id}
            since = at.replace(microsecond=at.microsecond // 1000 * 1000)
            entries.append(
                self._audit.once(
                    teller, "suppression.create", subject=one.id, once=by, since=since, in_session=False, **facts
                )
            )
        self._audit.append_once(entries)

    def _standing(self, outcomes: Sequence[Outcome]) -> list[Asked]:
        """Return all that opt-outs ask for, without what headquarters lifted after it was told."""
        people = self._people(outcomes)
        asked: list[Asked] = []
        for outcome in outcomes:
            at = outcome["received_at"]
            first = of_outcome(outcome, at)
            mine = {contact: people[contact] for contact in outcome["contact_ids"] if contact in people}
            asked += [Asked(outcome["_id"], at, one) for one in (*first, *self._more(first, mine))]
        lifted = self._store.lifted_at(key for one in asked for key in _lifted_by(one.suppression))
        return [
            one
            for one in asked
            if not any(lifted.get(key, _NEVER) >= one.told_at for key in _lifted_by(one.suppression))
        ]

    def _people(self, outcomes: Sequence[Outcome]) -> dict[str, Contact]:
        return self._contacts.by_ids(contact for outcome in outcomes for contact in outcome["contact_ids"])

    def _more(self, first: Sequence[Suppression], people: Mapping[str, Contact]) -> list[Suppression]:
        """Return the suppressions of all else that reaches people, whose own are in `first`."""
        by_id = {one.id: one for one in first}
        more = [
            one
            for contact in people.values()
            for one in of_addresses(contact, by_id[person_key(contact.id)])
            if one.id not in by_id
        ]
        return more + self.beside(people.values(), by_id)


def _lifted_by(suppression: Suppression) -> list[str]:
    """Return the keys that take a suppression along when they are lifted: its own, and the person's it came with."""
    if suppression.direct or len(suppression.persons) != 1:
        return [suppression.id]
    return [suppression.id, person_key(suppression.persons[0])]
