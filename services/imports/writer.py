"""A chunk of an import's rows brought into contacts and targets; writing it again after a kill changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.domain.contacts.contacts import ACTIVE, Contact
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.matching import CREATED, UPDATED, Matched, Matcher, is_surely
from services.domain.contacts.merging import Incoming
from services.domain.contacts.suppressions import person_key
from services.domain.errors import Unavailable
from services.domain.rules.rules import Rules
from services.imports.custom_tellings import CustomTellings
from services.store.contacts.contacts import ContactStore
from services.store.contacts.suppressions import SuppressionStore
from services.store.contacts.targets import TargetStore

_TRIES = 5
# Stands for the part of contacts whose part is not known.
NO_PART = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the rows of a chunk are written under: the import, its campaign if any, that campaign's rules now."""

    import_id: str
    rules: Rules
    now: datetime
    campaign_id: str | None = None
    constituencies: frozenset[str] = frozenset()
    # Campaigns whose targets follow when a contact's addresses change, with their constituencies.
    following: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Prepared:
    """A chunk without its opt-outs, and as a rule matched: while the chunk before (`after`) was still being written.

    `stood` says, once it is written, that all came out as it was matched.
    """

    rows: Sequence[Incoming]
    setting: Setting
    match: tuple[Matcher, list[Matched]] | None = None
    after: Prepared | None = None
    stood: bool = False


@dataclass(slots=True)
class Written:
    """What came of a chunk; `parts` are those of its contacts."""

    counts: Counter[str]
    quarantined: int = 0
    outside: int = 0
    parts: set[str] = field(default_factory=set)


class ChunkWriter:
    """Strips opt-outs and matches, ahead of the writing; then stores and enrols, chunk by chunk in their order."""

    def __init__(
        self,
        *,
        contacts: ContactStore,
        targets: TargetStore,
        suppressions: SuppressionStore,
        custom: CustomTellings,
        keys: ContactKeys,
    ) -> None:
        self._contacts = contacts
        self._targets = targets
        self._suppressions = suppressions
        self._custom = custom
        self._keys = keys
        self._met_known = False

    def prepare(self, rows: Sequence[Incoming], setting: Setting, *, after: Prepared | None = None) -> Prepared:
        """Match the rows of one chunk; `after` is the chunk before, which may be on its way into the store still.

        Values of custom fields are compared with what is stored, so rows that tell some are matched when written.
        """
        prepared = Prepared(self._strip(rows), setting, after=after)
        told_before = after.match if after else None
        if not any(row.person.custom for row in rows) and (after is None or told_before is not None):
            prepared.match = self._match(prepared.rows, setting, underway=told_before[0] if told_before else None)
        return prepared

    def write(self, prepared: Prepared) -> Written:
        """Store the contacts of a chunk, bring them to the targets of the campaigns, return how its rows count."""
        setting = prepared.setting
        matcher, matched, changed = self._store(prepared)
        follow = [after for before, after in changed if _reached_otherwise(before, after)]
        # What a try before a kill has changed already is no change any more, but may not have come to its targets.
        again = {one.contact_id for one in matched if one.kind == UPDATED} - {after.id for _, after in changed}
        follow += [matcher.get(contact_id) for contact_id in sorted(filter(None, again))]
        self._follow(follow, setting)
        return self._enrolled(matcher, matched, setting)

    def _store(self, prepared: Prepared) -> tuple[Matcher, list[Matched], list[tuple[Contact, Contact]]]:
        setting, match = prepared.setting, prepared.match
        if prepared.after is not None and not prepared.after.stood:
            # What this chunk was matched with has come out otherwise.
            match = None
        prepared.after = None
        for _ in range(_TRIES):
            matcher, matched = match or self._match(prepared.rows, setting)
            matched = self._custom.counted(
                matcher, matched, campaign_id=setting.campaign_id, seats=setting.constituencies
            )
            refused = self._contacts.insert_new(matcher.created(), at=setting.now)
            changed = matcher.changed()
            overtaken = self._contacts.replace(changed, undo=setting.import_id, at=setting.now)
            if not refused and not overtaken:
                prepared.stood = match is not None
                return matcher, matched, changed
            # Somebody else wrote one of these contacts meanwhile: look again, what is stored counts as it did.
            match = None
        raise Unavailable("database_unavailable")

    def _strip(self, rows: Sequence[Incoming]) -> list[Incoming]:
        """Take out the addresses that have opted out; their keys are remembered."""
        gone = self._suppressions.find_many(address.key for row in rows for address in row.addresses)
        return [_without(row, gone) if gone else row for row in rows]

    def _match(
        self, rows: Sequence[Incoming], setting: Setting, *, underway: Matcher | None = None
    ) -> tuple[Matcher, list[Matched]]:
        """Match rows with the stored contacts, and with those that a chunk still underway is about to store."""
        stored = {contact.id: contact for contact in self._known(rows)}
        if underway is not None:
            stored.update(underway.to_be_stored(key for row in rows for key in row.identities))
        known = list(stored.values())
        out = self._suppressions.find_many(person_key(contact.id) for contact in known)
        opted_out = frozenset(contact.id for contact in known if person_key(contact.id) in out)
        apart = self._spare_ids(rows, known)
        matcher = Matcher([*known, *apart], apart=self._keys.apart, opted_out=opted_out)
        matched = []
        for row in rows:
            rules = setting.rules.at(row.place.part_id or "", row.place.constituency_id or "")
            matched.append(matcher.take(row, join_allowed=rules.join_roll_phones))
        return matcher, matched

    def _known(self, rows: Sequence[Incoming]) -> list[Contact]:
        """Return the stored contacts that any of the rows may mean.

        Where the last chunk met known people, as the next edition of a roll does, those at the rows' places on the roll
        are read by id first, and no other key of theirs is asked for: by id costs a fraction of by key.
        """
        sure: dict[str, Contact] = {}
        if self._met_known:
            sure = self._contacts.by_ids(row.identities[0] for row in rows if row.on_roll)
        others = [row for row in rows if not is_surely(sure.get(row.identities[0]), row)]
        by_key = self._contacts.with_keys(list(dict.fromkeys(key for row in others for key in row.identities)))
        known = {contact.id: contact for contact in (*sure.values(), *by_key)}
        self._met_known = len(known) > len(rows) // 2
        return list(known.values())

    def _spare_ids(self, rows: Sequence[Incoming], known: Sequence[Contact]) -> list[Contact]:
        """Return contacts stored under spare ids that these rows might be: rare, so asked for only where needed."""
        taken = {contact.id for contact in known}
        spare = {self._keys.apart(row.ids[0], row.person) for row in rows if taken.issuperset(row.ids)}
        wanted = spare - taken
        return list(self._contacts.by_ids(wanted).values()) if wanted else []

    def _follow(self, changed: Sequence[Contact], setting: Setting) -> None:
        for campaign_id, seats in setting.following.items():
            self._targets.follow([campaign_id], [one for one in changed if one.place.constituency_id in seats])

    def _enrolled(self, matcher: Matcher, matched: Sequence[Matched], setting: Setting) -> Written:
        written = Written(Counter(one.kind for one in matched))
        met = dict.fromkeys(one.contact_id for one in matched if one.contact_id is not None)
        contacts = [contact for contact_id in met if (contact := matcher.get(contact_id)).state == ACTIVE]
        written.quarantined = sum(_brought_quarantined(one, matcher) for one in matched)
        written.parts = {contact.place.part_id or NO_PART for contact in contacts}
        if setting.campaign_id is None:
            return written
        inside = [one for one in contacts if one.place.constituency_id in setting.constituencies and one.place.part_id]
        self._targets.enrol(setting.campaign_id, inside, by=setting.import_id)
        self._custom.keep(
            matcher,
            matched,
            campaign_id=setting.campaign_id,
            seats=setting.constituencies,
            import_id=setting.import_id,
        )
        written.outside = len(contacts) - len(inside)
        return written


def _without(row: Incoming, gone: set[str]) -> Incoming:
    stripped = tuple(address.key for address in row.addresses if address.key in gone)
    if not stripped:
        return row
    return row._replace(addresses=tuple(one for one in row.addresses if one.key not in gone), stripped=stripped)


def _reached_otherwise(before: Contact, after: Contact) -> bool:
    return before.address_keys() != after.address_keys()


def _brought_quarantined(one: Matched, matcher: Matcher) -> bool:
    """Whether a row that counts as created or updated brought an address that now waits in quarantine."""
    if not one.row.addresses or one.kind not in {CREATED, UPDATED} or one.contact_id is None:
        return False
    brought = {address.key for address in one.row.addresses}
    addresses: Any = matcher.get(one.contact_id).addresses
    return any(address.key in brought and address.state == "quarantined" for address in addresses)
