"""What people change about a contact by hand: corrections, decisions about addresses, erasure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.domain.contacts.contacts import (
    EDITED,
    ERASED,
    SEALED_FACTS,
    UNKNOWN_GENDER,
    WITHDRAWN,
    Also,
    Contact,
    ContactAddress,
    Place,
)
from services.domain.contacts.keys import ContactKeys
from services.domain.errors import Conflict, Invalid
from services.domain.ist import IST
from services.domain.sheets.people import PersonRow
from services.domain.sheets.row_addresses import RowAddress
from services.domain.sheets.sources import GIVEN_BASES

_MOST_HISTORY = 50
_MOST_ALSO = 40
# What keeps such an address back is that nobody said on which basis it may be used.
_NEEDS_BASIS = frozenset({"basis", "joined", "given", WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressDecision:
    """What becomes of one address: accepted (`ok`, on a `basis` if it lacks one), quarantined, dead, preferred.

    `why` WITHDRAWN quarantines one that the person no longer lets us use: only the person's own word frees it again.
    """

    key: str
    state: str | None = None
    basis: str | None = None
    preferred: bool | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The facts that are to be changed, by name; a place is given to those only who have none."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    addresses: Sequence[AddressDecision] = ()
    part_id: str | None = None

    def names(self) -> list[str]:
        """Return what is touched, without any value."""
        more = (["addresses"] if self.addresses else []) + (["part"] if self.part_id else [])
        return sorted([*self.facts, *more])


def correct(
    contact: Contact,
    correction: Correction,
    *,
    place: Sequence[str] | None,
    keys: ContactKeys,
    by: str,
    at: datetime,
) -> Contact:
    """Return the corrected contact, the same one when nothing changes; what was told before is kept beside.

    Raises Invalid for addresses that are not the contact's or may not be used, Conflict for a place that is known.
    """
    changed = _placed(contact, place) if place else contact
    changed = _with_facts(changed, correction.facts, source=f"{EDITED}{at.astimezone(IST).date()}")
    for decision in correction.addresses:
        changed = _decided(changed, decision)
    if changed == contact:
        return contact
    names = [changed.facts.get("name"), changed.facts.get("name_hi")]
    words = keys.words(changed.place.part_id or changed.place.constituency_id, names)
    withdrawn = any(decision.why == WITHDRAWN for decision in correction.addresses)
    entry = {"at": at, "by": by, "action": WITHDRAWN if withdrawn else "edited", "fields": correction.names()}
    return replace(
        changed,
        keys=tuple(dict.fromkeys((*changed.keys, *words))),
        history=(*contact.history, entry)[-_MOST_HISTORY:],
    )


def with_address(contact: Contact, address: ContactAddress, *, by: str, at: datetime) -> Contact:
    """Return the contact with one more address; one that it has, dead or kept back, comes into use again."""
    others = tuple(one for one in contact.addresses if one.key != address.key)
    had = next((one for one in contact.addresses if one.key == address.key), address)
    entry = {"at": at, "by": by, "action": "edited", "fields": ["addresses"]}
    return replace(
        contact,
        addresses=(*others, replace(address, kind=had.kind, preferred=had.preferred)),
        keys=tuple(dict.fromkeys((*contact.keys, address.key))),
        history=(*contact.history, entry)[-_MOST_HISTORY:],
    )


def erased(contact: Contact, *, keys: ContactKeys, by: str, at: datetime) -> Contact:
    """Return what is left of a person who was erased: where, the blind keys of who, and that it was done."""
    entry = {"at": at, "by": by, "action": "erased", "fields": []}
    return replace(
        contact,
        facts={},
        facts_from={},
        also=(),
        addresses=(),
        gender=UNKNOWN_GENDER,
        age=None,
        language=None,
        tags=(),
        keys=tuple(dict.fromkeys((contact.id, *_identities(contact, keys)))),
        stripped=tuple(dict.fromkeys((*contact.stripped, *contact.address_keys()))),
        history=(entry,),
        state=ERASED,
        merged_into=None,
        merges=(),
    )


def _identities(contact: Contact, keys: ContactKeys) -> tuple[str, ...]:
    """Every key by which a sheet would bring the person back: the roll's own, or one that claims the serial."""
    row, part_id = as_row(contact), contact.place.part_id
    return (*keys.identities(row, part_id, of_roll=contact.roll_group is not None), *keys.claims(row, part_id))


def as_row(contact: Contact) -> PersonRow:
    """Return the contact as a row would tell of it, for the keys by which another sheet would bring it back."""
    return PersonRow(
        serial_no=contact.serial_no,
        epic=contact.facts.get("epic"),
        name=contact.facts.get("name"),
        name_hi=contact.facts.get("name_hi"),
        relative_name=contact.facts.get("relative_name"),
        house_no=contact.facts.get("house_no"),
        addresses=tuple(RowAddress(one.kind, one.value, one.kind) for one in contact.addresses),
    )


def _placed(contact: Contact, path: Sequence[str]) -> Contact:
    if contact.place.part_id == path[-1]:
        return contact
    if contact.place.part_id is not None:
        raise Conflict("state_conflict")
    freed = tuple(
        replace(one, state="ok", why=None) if one.state == "quarantined" and one.why == "no_place" else one
        for one in contact.addresses
    )
    return replace(contact, place=Place(*path), addresses=freed)


def _with_facts(contact: Contact, told: Mapping[str, Any], *, source: str) -> Contact:
    """What is corrected holds against every sheet that was collected before, and what was told stays beside."""
    facts, also, opened = dict(contact.facts), list(contact.also), {}
    origin = dict(contact.facts_from)
    for name, value in told.items():
        known = facts.get(name) if name in SEALED_FACTS else getattr(contact, name)
        if known == value:
            continue
        if known not in (None, UNKNOWN_GENDER) and name != "tags":
            also.append(Also(name, known, contact.facts_from.get(name, contact.sources[0].source_id)))
        origin.pop(name, None)
        if name != "tags" and value not in (None, UNKNOWN_GENDER):
            origin[name] = source
        if name not in SEALED_FACTS:
            opened[name] = value
        elif value is None:
            facts.pop(name)
        else:
            facts[name] = value
    return replace(contact, facts=facts, facts_from=origin, also=tuple(also[-_MOST_ALSO:]), **opened)


def _decided(contact: Contact, decision: AddressDecision) -> Contact:
    if decision.key not in contact.address_keys():
        raise Invalid(addresses="address_unknown")
    addresses = []
    for one in contact.addresses:
        if one.key == decision.key:
            addresses.append(_judged(contact, one, decision))
        elif decision.preferred:
            addresses.append(replace(one, preferred=False))
        else:
            addresses.append(one)
    return replace(contact, addresses=tuple(addresses))


def _why(address: ContactAddress, state: str) -> str | None:
    """Return what keeps an address from use in a state; one that died while it waited waits when it lives again."""
    if state == "quarantined":
        return address.why or "decided"
    return address.why if state == "dead" else None


def _judged(contact: Contact, address: ContactAddress, decision: AddressDecision) -> ContactAddress:
    if decision.why == WITHDRAWN:
        if decision.state not in {None, "quarantined"}:
            raise Invalid(addresses="withdrawn_and_used")
        return replace(address, state="quarantined", why=WITHDRAWN, preferred=False)
    basis = decision.basis or address.basis
    if decision.state == "ok" and (address.state == "quarantined" or address.why is not None):
        if contact.place.part_id is None:
            raise Invalid(addresses="place_missing")
        if address.why in _NEEDS_BASIS and decision.basis not in GIVEN_BASES:
            raise Invalid(addresses="basis_missing")
    state = decision.state or address.state
    return replace(
        address,
        basis=basis,
        state=state,
        why=_why(address, state),
        preferred=address.preferred if decision.preferred is None else decision.preferred,
    )
