"""Who is who: which known contact a row tells of, decided over a chunk of rows and the contacts they may mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from services.domain.contacts.contacts import ERASED, MERGED, RETIRED, UNKNOWN_GENDER, Contact
from services.domain.contacts.merging import Incoming, create, merge, remembered
from services.domain.sheets.people import PersonRow
from services.domain.text import tokens

CREATED, UPDATED, DUPLICATES, SUPPRESSED = "created", "updated", "duplicates", "suppressed"
# People of one number and name whose ages lie further apart are parent and child (ages in sheets are rough).
_ONE_PERSON_YEARS = 15


@dataclass(frozen=True, slots=True)
class Matched:
    """What a row came to: how it counts, and the contact it made or met (None: nothing is kept of it)."""

    row: Incoming
    kind: str
    contact_id: str | None


class Matcher:
    """Takes rows one by one; `known` are the stored contacts that any of them may mean, `apart` makes spare ids.

    People who `opted_out` get no address from any row.
    """

    def __init__(
        self,
        known: Iterable[Contact],
        *,
        apart: Callable[[str, PersonRow], str],
        opted_out: frozenset[str] = frozenset(),
    ) -> None:
        self._contacts: dict[str, Contact] = {}
        self._by_key: dict[str, list[str]] = {}
        self._apart = apart
        self._opted_out = opted_out
        self._stored: dict[str, Contact] = {}
        for contact in known:
            self._stored[contact.id] = contact
            self._keep(contact)

    def take(self, row: Incoming, *, join_allowed: bool) -> Matched:
        """Match a row and keep what it changes; counting a row again that was stored before a kill gives the same."""
        contact = self._find(row)
        if row.claimed is not None and self._has_other(row.claimed, contact):
            row = row.unclaimed()
        if contact is not None and contact.state == ERASED:
            return Matched(row, SUPPRESSED, None)
        if contact is not None and contact.state == RETIRED and row.suppressed and not row.on_roll:
            return Matched(row, SUPPRESSED, None)
        if contact is None:
            return self._new(row)
        if contact.id in self._opted_out:
            row = row.stripped_wholly()
        told = contact.told_by(row.mention.import_id, row.mention.line)
        if told is None:
            merged = merge(contact, row, join_allowed=join_allowed)
            told = DUPLICATES if merged is contact else UPDATED
            self._keep(merged)
        return Matched(row, SUPPRESSED if row.suppressed else told, contact.id)

    def remember(self, matched: Matched) -> Matched:
        """Let a row that told nothing new of the person itself count as updated, and the person know it for it."""
        contact = self._contacts[str(matched.contact_id)]
        self._keep(replace(contact, sources=remembered(contact.sources, matched.row.mention)))
        return replace(matched, kind=UPDATED)

    def created(self) -> list[Contact]:
        """Return the contacts that are new."""
        return [contact for contact_id, contact in self._contacts.items() if contact_id not in self._stored]

    def changed(self) -> list[tuple[Contact, Contact]]:
        """Return the stored contacts that rows added to, each as it was and as it is."""
        pairs = ((before, self._contacts[contact_id]) for contact_id, before in self._stored.items())
        return [(before, after) for before, after in pairs if after is not before]

    def to_be_stored(self, keys: Iterable[str]) -> dict[str, Contact]:
        """Return by id the new and the changed contacts that have one of the keys, as they are once they are stored."""
        ids = {contact_id for key in keys for contact_id in self._by_key.get(key, ())}
        found = {contact_id: self._contacts[contact_id] for contact_id in ids}
        return {
            contact_id: contact if before is None else replace(contact, version=before.version + 1)
            for contact_id, contact in found.items()
            if (before := self._stored.get(contact_id)) is not contact
        }

    def get(self, contact_id: str) -> Contact:
        """Return a contact as it is after the rows so far."""
        return self._contacts[contact_id]

    def _new(self, row: Incoming) -> Matched:
        if row.suppressed and not row.on_roll:
            # Nobody is left to reach and nothing public is told: keeping the name would serve no purpose.
            return Matched(row, SUPPRESSED, None)
        free = (key for key in row.ids if key not in self._contacts)
        contact_id = next(free, None) or self._apart(row.ids[0], row.person)
        if contact_id in self._contacts:
            return Matched(row, DUPLICATES, contact_id)
        self._keep(create(contact_id, row))
        return Matched(row, SUPPRESSED if row.suppressed else CREATED, contact_id)

    def _find(self, row: Incoming) -> Contact | None:
        place = row.claimed or (row.identities[0] if row.on_roll else None)
        for key in row.identities:
            for contact_id in self._by_key.get(key, ()):
                contact = self._contacts[contact_id]
                sure = key == place and row.claimed is None and contact.roll_group is not None
                if key == place and not sure and not same_name(contact, row.person):
                    continue
                if contact.state == ERASED or not differs(contact, row, sure=sure):
                    return self._survivor(contact)
        return None

    def _survivor(self, contact: Contact) -> Contact:
        """Return whom a contact was found to be; who has its keys was read with it."""
        while contact.state == MERGED and contact.merged_into in self._contacts:
            contact = self._contacts[contact.merged_into]
        return contact

    def _has_other(self, place: str, contact: Contact | None) -> bool:
        """Tell whether the roll has somebody else at a place than the one who was found."""
        there = (self._survivor(self._contacts[contact_id]) for contact_id in self._by_key.get(place, ()))
        return any(one is not contact and one.roll_group is not None for one in there)

    def _keep(self, contact: Contact) -> None:
        known = self._contacts.get(contact.id)
        if known is contact:
            return
        before = known.keys if known else ()
        self._contacts[contact.id] = contact
        for key in contact.keys:
            if key not in before:
                self._by_key.setdefault(key, []).append(contact.id)


def same_name(contact: Contact, person: PersonRow) -> bool:
    """Tell whether a row names somebody as the contact is named, in either script and in any order of the words."""
    known = (contact.facts.get("name"), contact.facts.get("name_hi"))
    told = (person.name, person.name_hi)
    return not {_folded(name) for name in known if name}.isdisjoint(_folded(name) for name in told if name)


def _folded(name: str) -> tuple[str, ...]:
    return tuple(sorted(tokens(name)))


def is_surely(contact: Contact | None, row: Incoming) -> bool:
    """Tell whether a contact is the row's person whatever else is known: the roll's own at its place on the roll."""
    if contact is None or contact.state == ERASED or contact.roll_group is None:
        return False
    return row.on_roll and row.claimed is None and not differs(contact, row, sure=True)


def differs(contact: Contact, row: Incoming, *, sure: bool) -> bool:
    """Tell whether a contact with one of the row's keys is yet another person.

    Two EPIC numbers are two people. One EPIC, or one place on the roll (`sure`), is one person; one number and name
    is one person unless the roll, gender or a generation stands between them. What the roll and what another sheet
    say about a serial do not compare: the sheet may have counted its own rows.
    """
    person = row.person
    epic = contact.facts.get("epic")
    if epic and person.epic:
        return epic != person.epic
    if sure:
        return False
    alike = (contact.roll_group is None) == (row.roll_group is None)
    if contact.serial_no is not None and row.on_roll and alike:
        return (contact.place.part_id, contact.serial_no) != (row.place.part_id, person.serial_no)
    genders = {contact.gender, person.gender} - {UNKNOWN_GENDER}
    apart = contact.age is not None and person.age is not None and abs(contact.age - person.age) > _ONE_PERSON_YEARS
    return len(genders) > 1 or apart
