"""What is kept of a person when nobody may need them any more: what a public roll says, or that somebody was there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.domain.contacts.contacts import (
    ERASED,
    MERGED,
    OPEN_FACTS,
    RETIRED,
    SEALED_FACTS,
    UNKNOWN_GENDER,
    Contact,
)
from services.domain.contacts.edits import as_row
from services.domain.contacts.joining import source_of
from services.domain.contacts.keys import ContactKeys

_MOST_HISTORY = 50
# The language to speak is nothing that a roll knows: it goes whoever told it.
_ROLL_FACTS = tuple(name for name in OPEN_FACTS if name != "language")


def retained(contact: Contact, rolls: Collection[str], *, keys: ContactKeys, by: str, at: datetime) -> Contact:
    """Return what stays of a contact; the same one where nothing goes. `rolls` are the sources that are public rolls.

    Addresses, tags, language and whatever no roll told are gone. Somebody of no roll is a place without a name, whom
    the next sheet that tells of them finds again under the same id.
    """
    if contact.state in {ERASED, RETIRED}:
        return contact
    on_roll = contact.roll_group is not None and contact.state != MERGED
    left = _of_the_roll(contact, rolls, keys) if on_roll else _shell(contact)
    if left == contact:
        return contact
    entry = {"at": at, "by": by, "action": "retired", "fields": []}
    return replace(left, history=(*contact.history, entry)[-_MOST_HISTORY:])


def _of_the_roll(contact: Contact, rolls: Collection[str], keys: ContactKeys) -> Contact:
    contact = _as_the_roll_says(contact, rolls)
    facts = {name: value for name, value in contact.facts.items() if source_of(contact, name) in rolls}
    told = tuple(one for one in contact.sources if one.source_id in rolls)
    sources = told or contact.sources[:1]
    first = sources[0].source_id
    known = {name: source_of(contact, name) for name in (*facts, *_ROLL_FACTS)}
    opened: dict[str, Any] = {
        name: getattr(contact, name) if known[name] in rolls else _unknown(name) for name in _ROLL_FACTS
    }
    left = replace(
        contact,
        **opened,
        facts=facts,
        facts_from={name: source for name, source in known.items() if source != first and _is_kept(name, facts)},
        also=tuple(one for one in contact.also if one.source_id in rolls and one.field != "language"),
        addresses=(),
        language=None,
        tags=(),
        sources=sources,
        merges=(),
    )
    found = keys.identities(as_row(left), left.place.part_id, of_roll=True)
    words = keys.words(left.place.part_id or left.place.constituency_id, (facts.get("name"), facts.get("name_hi")))
    kept = {contact.id, *found, *words}
    # In the order in which they were: whom nothing is taken from is not written.
    return replace(left, keys=tuple(key for key in contact.keys if key in kept))


def _as_the_roll_says(contact: Contact, rolls: Collection[str]) -> Contact:
    """Where something else holds than what a roll said, what the roll said holds again; it stands beside."""
    facts, origin, opened = dict(contact.facts), dict(contact.facts_from), {}
    for one in contact.also:
        if one.source_id in rolls and source_of(contact, one.field) not in rolls and one.field != "language":
            origin[one.field] = one.source_id
            if one.field in SEALED_FACTS:
                facts[one.field] = one.value
            else:
                opened[one.field] = one.value
    return replace(contact, facts=facts, facts_from=origin, **opened)


def _shell(contact: Contact) -> Contact:
    return replace(
        contact,
        facts={},
        facts_from={},
        also=(),
        addresses=(),
        serial_no=None,
        gender=UNKNOWN_GENDER,
        age=None,
        language=None,
        tags=(),
        keys=() if contact.state == MERGED else (contact.id,),
        roll_group=None,
        state=RETIRED,
        merged_into=None,
        merges=(),
    )


def _unknown(name: str) -> Any:
    return UNKNOWN_GENDER if name == "gender" else None


def _is_kept(name: str, facts: Mapping[str, str]) -> bool:
    return name in facts or name not in SEALED_FACTS
