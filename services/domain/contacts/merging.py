"""How a row becomes a contact, or adds to one: nothing known is lost, what sources tell differently is kept twice.

Merging the same row again changes nothing, in whatever order rows come: that is what makes an import repeatable.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from services.domain.contacts.contacts import ACTIVE, RETIRED, SEALED_FACTS, Contact, ContactAddress, Mention, Place
from services.domain.contacts.tellings import settle_facts
from services.domain.sheets.people import PersonRow
from services.domain.sheets.sources import BASIS_RANK, UNATTESTED

MOST_ADDRESSES = 20
MOST_TAGS = 20
_MOST_MENTIONS = 60
# Better provenance ends these. What a person withdrew or a coordinator decided is no sheet's to overrule.
_FREED_BY_SHEETS = frozenset({None, "no_place", "basis", UNATTESTED, "joined", "given"})
_sealed_facts = attrgetter(*SEALED_FACTS)


class Incoming(NamedTuple):
    """A row on its way into the contacts: whom it may be (`identities`), where, and how they are reached.

    `claimed` is the last of the identities where a serial is told by another sheet than the roll.
    `addresses` are those that have not opted out, quarantined already as far as basis and place ask for it.
    """

    person: PersonRow
    place: Place
    mention: Mention
    identities: tuple[str, ...]
    words: tuple[str, ...]
    addresses: tuple[ContactAddress, ...]
    stripped: tuple[str, ...] = ()
    roll_group: str | None = None
    claimed: str | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The identities under which a new contact may be kept."""
        return self.identities if self.claimed is None else self.identities[:-1]

    @property
    def suppressed(self) -> bool:
        """Whether the row brought addresses and every one has opted out."""
        return bool(self.stripped) and not self.addresses

    @property
    def on_roll(self) -> bool:
        """Whether the row names the person's place on the roll."""
        return self.person.serial_no is not None and self.place.part_id is not None

    def unclaimed(self) -> Incoming:
        """Return the row without its claim on a place of the roll: the roll has somebody else there."""
        return self._replace(person=self.person._replace(serial_no=None), identities=self.ids, claimed=None)

    def stripped_wholly(self) -> Incoming:
        """Return the row without any address: the person has opted out, whatever the number."""
        keys = tuple(address.key for address in self.addresses)
        return self._replace(addresses=(), stripped=_united(self.stripped, keys)) if keys else self


def told_facts(person: PersonRow) -> dict[str, str]:
    """Return the sealed facts that a row tells, those it does not tell left out."""
    return {name: value for name, value in zip(SEALED_FACTS, _sealed_facts(person), strict=True) if value}


def create(contact_id: str, row: Incoming) -> Contact:
    """Return the contact that a row makes."""
    person = row.person
    return Contact(
        id=contact_id,
        place=row.place,
        serial_no=person.serial_no if row.on_roll else None,
        facts=told_facts(person),
        addresses=_preferring(row.addresses),
        gender=person.gender,
        age=person.age,
        language=person.language,
        tags=person.tags,
        keys=_united((contact_id,), row.identities, [address.key for address in row.addresses], row.words),
        stripped=row.stripped,
        sources=(row.mention,),
        roll_group=row.roll_group,
    )


def merge(contact: Contact, row: Incoming, *, join_allowed: bool) -> Contact:
    """Return the contact with what the row adds; the very same contact when it adds nothing.

    A phone that another source brings to somebody of the roll is quarantined unless joining is allowed.
    """
    joined = contact.roll_group is not None and contact.roll_group != row.mention.group and not join_allowed
    changes: dict[str, Any] = {
        **_places(contact, row),
        **settle_facts(contact, row.person, row.mention),
        **_addresses(contact, row, joined=joined),
    }
    if tags := [tag for tag in row.person.tags if tag not in contact.tags]:
        changes["tags"] = (*contact.tags, *tags)[:MOST_TAGS]
    if contact.state == RETIRED:
        changes["state"] = ACTIVE
    if row.roll_group and contact.roll_group is None:
        changes["roll_group"] = row.roll_group
    changes = {name: value for name, value in changes.items() if value != getattr(contact, name)}
    if not changes:
        return contact
    addresses = changes.get("addresses", contact.addresses)
    changes["keys"] = _united(contact.keys, row.identities, [address.key for address in addresses], row.words)
    changes["sources"] = remembered(contact.sources, row.mention)
    return replace(contact, **changes)


def _places(contact: Contact, row: Incoming) -> dict[str, Any]:
    """Fill in a place that was not known; who is on the roll somewhere is not moved by another sheet."""
    changes: dict[str, Any] = {}
    if contact.place.part_id is None and row.place.part_id is not None:
        if contact.place.constituency_id in (None, row.place.constituency_id):
            changes["place"] = row.place
    elif contact.place.constituency_id is None and row.place.constituency_id is not None:
        changes["place"] = row.place
    if contact.serial_no is None and row.on_roll and changes.get("place", contact.place).part_id == row.place.part_id:
        changes["serial_no"] = row.person.serial_no
    return changes


def _addresses(contact: Contact, row: Incoming, *, joined: bool) -> dict[str, Any]:
    by_key = {address.key: address for address in contact.addresses}
    placed = contact.place.part_id is None and row.place.part_id is not None
    if placed:
        by_key = {key: _released(address, "no_place") for key, address in by_key.items()}
    for told in row.addresses:
        # Which one the row would prefer of its own is no preference among all.
        address = replace(told, preferred=False) if told.preferred else told
        known = by_key.get(address.key)
        if known is not None:
            by_key[address.key] = _better(known, address, joined=joined)
        elif len(by_key) < MOST_ADDRESSES:
            by_key[address.key] = _quarantined(address, "joined") if joined else address
    stripped = _united(contact.stripped, row.stripped)
    return {"addresses": _preferring(tuple(by_key.values())), "stripped": stripped}


def _better(known: ContactAddress, told: ContactAddress, *, joined: bool) -> ContactAddress:
    """Take over what the other source knows better: provenance that frees it, a stronger basis, a wider use."""
    serves_more = known.kind == "whatsapp" and told.kind != "whatsapp"
    frees = known.state == "quarantined" and known.why in _FREED_BY_SHEETS and told.state == "ok" and not joined
    # A consent that nobody has attested yet changes nothing about an address that is in use.
    stronger = BASIS_RANK[told.basis] > BASIS_RANK[known.basis] and told.why != UNATTESTED
    if not (serves_more or frees or stronger):
        return known
    return replace(
        known,
        kind=told.kind if serves_more else known.kind,
        basis=told.basis if stronger else known.basis,
        source_id=told.source_id,
        collected_on=told.collected_on,
        notice_version=told.notice_version,
        state="ok" if frees else known.state,
        why=None if frees else known.why,
    )


def _quarantined(address: ContactAddress, why: str) -> ContactAddress:
    # Attesting a source frees what waits for that alone.
    waits = address.state == "quarantined" and address.why != UNATTESTED
    return address if waits else replace(address, state="quarantined", why=why)


def _released(address: ContactAddress, why: str) -> ContactAddress:
    waits = address.state == "quarantined" and address.why == why
    return replace(address, state="ok", why=None) if waits else address


def _preferring(addresses: tuple[ContactAddress, ...]) -> tuple[ContactAddress, ...]:
    """Mark the first mobile as the preferred address unless one is preferred."""
    if not addresses or any(address.preferred for address in addresses):
        return addresses
    first = next((address for address in addresses if address.kind == "mobile"), None)
    return tuple(replace(address, preferred=True) if address is first else address for address in addresses)


def remembered(mentions: tuple[Mention, ...], mention: Mention) -> tuple[Mention, ...]:
    """Append a mention; the first one, which tells the origin, stays."""
    later = (*mentions[1:], mention)
    return (mentions[0], *later[-_MOST_MENTIONS:])


def _united(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))
