"""Opt-outs: what is kept of one, and under which keys it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.domain.batches.links import mask_address
from services.domain.contacts.contacts import Contact
from services.domain.contacts.keys import PHONE_KINDS

# Why somebody must not be contacted; the first three come from people's own words.
REASONS = ("opted_out", "do_not_contact", "rights_request", "complaint", "deceased", "erased", "court_order", "other")

# Where an opt-out comes from that a volunteer was told.
OUTCOME = "outcome"
# Where an opt-out comes from that a contact has as it is one person with another.
SHARED = "merge"

# Dispositions whose suppression says more than that somebody opted out.
_OF_DISPOSITIONS = {"do_not_contact": "do_not_contact", "deceased": "deceased"}


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """One address, or one person with whatever address (`id` is then `person:<contact>`), that is never contacted.

    `shown` is the masked address; it is kept sealed and goes with the person's data, the key stays for ever.
    """

    id: str
    kind: str
    reason: str
    origin: str
    at: datetime
    by: str | None = None
    note: str | None = None
    shown: str | None = None
    persons: tuple[str, ...] = ()
    """The people whose opt-out covers this address: lifted with the last of them, unless it stands for itself."""
    direct: bool = True

    @property
    def people(self) -> tuple[str, ...]:
        """The contacts whose opt-out it is, or that it covers."""
        return (self.id.partition(":")[2],) if self.kind == "person" else self.persons


def person_key(contact_id: str) -> str:
    """Return under which key the opt-out of a whole person is kept."""
    return f"person:{contact_id}"


def of_outcome(outcome: Mapping[str, Any], at: datetime) -> list[Suppression]:
    """Return the suppressions of the address and the people of an outcome that opted out."""
    people = tuple(outcome["contact_ids"])
    said = Suppression(
        id=outcome["address"],
        kind="address",
        reason=_OF_DISPOSITIONS.get(outcome["disposition"], "opted_out"),
        origin=OUTCOME,
        at=at,
        by=outcome["user_id"],
        persons=people,
    )
    return [said, *(replace(said, id=person_key(one), kind="person", persons=()) for one in people)]


def of_addresses(contact: Contact, person: Suppression) -> list[Suppression]:
    """Return the suppressions of all addresses of a person who is suppressed."""
    return [
        replace(
            person,
            id=address.key,
            kind=address_group(address.kind),
            shown=mask_address(address.value),
            persons=(contact.id,),
            direct=False,
        )
        for address in contact.addresses
    ]


def one_person_with(contact: Contact) -> list[str]:
    """Return the contacts that a merge made one person with this one."""
    into = [contact.merged_into] if contact.merged_into else []
    return [*into, *(one["id"] for one in contact.merges)]


def shared(person: Suppression, contact: Contact, *, at: datetime) -> list[Suppression]:
    """Return the opt-out of a person as it holds for another contact that is the same person."""
    base = replace(person, id=person_key(contact.id), origin=SHARED, direct=False, note=None, at=at)
    return [base, *of_addresses(contact, base)]


def seen_by(suppression: Suppression, user_id: str, near: Set[str]) -> Suppression:
    """Return it as somebody sees it who reaches the contacts `near`.

    What others noted is told without who did, and without the note unless it is about people within reach.
    """
    if suppression.by == user_id:
        return suppression
    about_near = not near.isdisjoint(suppression.people)
    return replace(suppression, by=None, note=suppression.note if about_near else None)


def address_group(kind: str) -> str:
    """Return what kind of address a suppression is of: a phone, whatever it serves, or a platform."""
    return "phone" if kind == "phone" or kind in PHONE_KINDS else kind
