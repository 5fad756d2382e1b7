"""Two contacts found to be one person: what the one brings to the other, and how exactly that is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.domain.contacts.contacts import (
    ACTIVE,
    MERGED,
    OPEN_FACTS,
    SEALED_FACTS,
    UNKNOWN_GENDER,
    Also,
    Contact,
    ContactAddress,
    Place,
)
from services.domain.contacts.merging import MOST_TAGS
from services.domain.contacts.tellings import TOGETHER, same_fact

_MOST_HISTORY = 50
# Facts of a place on the roll, which go over only where the survivor has none.
_PLACED = ("serial_no", "roll_group")
_UNKNOWN: Mapping[str, Any] = {"gender": UNKNOWN_GENDER}


def absorb(survivor: Contact, other: Contact, *, by: str, at: datetime) -> Contact:
    """Return the survivor with all that the other is known by; the same one when it has everything already.

    What the survivor is known by holds, the other's facts stand beside with their sources. The record of the merge
    names what came with it and holds no fact itself: the other keeps those.
    """
    record = _record(survivor, other.id) or {"id": other.id, "at": at, "by": by, **{name: [] for name in _LISTS}}
    brought: dict[str, Any] = {name: list(record[name]) for name in _LISTS}
    changes = {
        **_place(survivor, other, brought),
        **_facts(survivor, other, brought),
        "addresses": _addresses(survivor, other, brought),
    }
    room = MOST_TAGS - len(survivor.tags)
    fresh_tags = [tag for tag in other.tags if tag not in survivor.tags][:room]
    lists = {"tags": fresh_tags, **{name: _fresh(survivor, other, name) for name in ("keys", "stripped", "sources")}}
    for name, fresh in lists.items():
        changes[name] = (*getattr(survivor, name), *fresh)
        brought[name] += [list(one) for one in fresh] if name == "sources" else fresh
    known = {*brought["touches"], *(touch["o"] for touch in survivor.touches)}
    brought["touches"] += [touch["o"] for touch in other.touches if touch["o"] not in known]
    changes = {name: value for name, value in changes.items() if value != getattr(survivor, name)}
    if not changes and _record(survivor, other.id):
        return survivor
    others = tuple(one for one in survivor.merges if one["id"] != other.id)
    return replace(
        survivor,
        **changes,
        merges=(*others, {**record, **brought}),
        history=_told(survivor, "merged", other.id, by=by, at=at),
    )


def absorbed(other: Contact, survivor_id: str, *, by: str, at: datetime) -> Contact:
    """Return the contact that went into another: it keeps what it knew, so that it can come back."""
    history = _told(other, "merged", survivor_id, by=by, at=at)
    return replace(other, state=MERGED, merged_into=survivor_id, history=history)


def brought_touches(survivor: Contact, other: Contact) -> list[str]:
    """Return the outcomes whose attempts the survivor counts for the other's sake."""
    record = _record(survivor, other.id)
    return list(record["touches"]) if record else []


def give_back(survivor: Contact, other: Contact, *, by: str, at: datetime) -> Contact:
    """Return the survivor without what the merge brought, whatever was changed about it since; else as it is."""
    record = _record(survivor, other.id)
    if record is None:
        return survivor
    facts, origin, also = dict(survivor.facts), dict(survivor.facts_from), list(survivor.also)
    changes: dict[str, Any] = {}
    for name in record["filled"]:
        told = _fact(other, name)
        known = facts.get(name) if name in SEALED_FACTS else getattr(survivor, name)
        if origin.get(name) == source_of(other, name):
            del origin[name]
        if told is None or known != told:
            # Somebody corrected it since, and what was corrected is told beside: that goes instead.
            _drop(also, [Also(name, told, source_of(other, name))])
            continue
        if name in SEALED_FACTS:
            del facts[name]
        else:
            changes[name] = _UNKNOWN.get(name)
    tellings = _tellings(other)
    _drop(also, [tellings[at_] for at_ in record["also"] if at_ < len(tellings)])
    sources = {tuple(one) for one in record["sources"]}
    if record["place"] and survivor.place == other.place:
        changes["place"] = Place(*record["place"])
    changes |= {name: _without(getattr(survivor, name), record[name]) for name in ("tags", "keys", "stripped")}
    return replace(
        survivor,
        **changes,
        facts=facts,
        facts_from=origin,
        also=tuple(also),
        addresses=_addresses_without(survivor, record),
        sources=tuple(one for one in survivor.sources if tuple(one) not in sources),
        merges=tuple(one for one in survivor.merges if one["id"] != other.id),
        history=_told(survivor, "unmerged", other.id, by=by, at=at),
    )


def given_back(other: Contact, survivor: Contact, *, by: str, at: datetime) -> Contact:
    """Return the contact that comes back out of another; a number found dead meanwhile is dead for both."""
    since = {one.key: one for one in survivor.addresses}
    addresses = tuple(_as_known(one, since.get(one.key)) for one in other.addresses)
    history = _told(other, "unmerged", survivor.id, by=by, at=at)
    return replace(other, state=ACTIVE, merged_into=None, addresses=addresses, history=history)


def source_of(contact: Contact, name: str) -> str:
    """Return the source of a known fact."""
    return contact.facts_from.get(name, contact.sources[0].source_id if contact.sources else "")


_LISTS = ("filled", "also", "addresses", "shared", "tags", "keys", "stripped", "sources", "touches", "place")


def _record(survivor: Contact, other_id: str) -> Mapping[str, Any] | None:
    return next((one for one in survivor.merges if one["id"] == other_id), None)


def _fresh(survivor: Contact, other: Contact, name: str) -> list[Any]:
    known = set(getattr(survivor, name))
    return [one for one in getattr(other, name) if one not in known]


def _fact(contact: Contact, name: str) -> Any:
    value = contact.facts.get(name) if name in SEALED_FACTS else getattr(contact, name)
    return None if value == _UNKNOWN.get(name) else value


def _tellings(other: Contact) -> list[Also]:
    """Everything that sources told of somebody, in an order that does not change while nobody edits them."""
    known = [(name, _fact(other, name)) for name in (*SEALED_FACTS, *OPEN_FACTS)]
    return [*(Also(name, value, source_of(other, name)) for name, value in known if value is not None), *other.also]


def _place(survivor: Contact, other: Contact, brought: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if survivor.place.part_id is None and other.place.part_id is not None:
        changes["place"] = other.place
        brought["place"] = list(survivor.place)
    if changes.get("place", survivor.place).part_id != other.place.part_id:
        return changes
    for name in _PLACED:
        if getattr(survivor, name) is None and getattr(other, name) is not None:
            changes[name] = getattr(other, name)
            brought["filled"].append(name)
    return changes


def _facts(survivor: Contact, other: Contact, brought: dict[str, Any]) -> dict[str, Any]:
    facts, origin, also = dict(survivor.facts), dict(survivor.facts_from), list(survivor.also)
    opened: dict[str, Any] = {}
    # Of two names in two scripts, say, each stays with its own.
    closed = {name for pair in TOGETHER if _fact(survivor, pair[0]) is not None for name in pair}
    for at, told in enumerate(_tellings(other)):
        known = _fact(survivor, told.field)
        is_known = at < len(_tellings(other)) - len(other.also)
        if known is None and told.field not in closed and is_known:
            if told.field in SEALED_FACTS:
                facts[told.field] = told.value
            else:
                opened[told.field] = told.value
            origin[told.field] = told.source_id
            brought["filled"].append(told.field)
        elif told not in also and not (known is not None and same_fact(told.field, known, told.value)):
            also.append(told)
            brought["also"].append(at)
    return {"facts": facts, "facts_from": origin, "also": tuple(also), **opened}


def _addresses(survivor: Contact, other: Contact, brought: dict[str, Any]) -> tuple[ContactAddress, ...]:
    told = {one.key: one for one in other.addresses}
    kept = []
    for known in survivor.addresses:
        after = _as_known(known, told.pop(known.key, None))
        kept.append(after)
        if after is not known:
            brought["shared"].append([known.key, known.state, list(known.dead_channels)])
    brought["addresses"] += list(told)
    preferred = any(one.preferred for one in kept)
    return (*kept, *(replace(one, preferred=one.preferred and not preferred) for one in told.values()))


def _addresses_without(survivor: Contact, record: Mapping[str, Any]) -> tuple[ContactAddress, ...]:
    gone = set(record["addresses"])
    before = {key: (state, tuple(dead)) for key, state, dead in reversed(record["shared"])}
    kept = []
    for one in survivor.addresses:
        if one.key in gone:
            continue
        state, dead = before.get(one.key, (one.state, one.dead_channels))
        kept.append(replace(one, state=state, dead_channels=dead))
    return tuple(kept)


def _as_known(address: ContactAddress, other: ContactAddress | None) -> ContactAddress:
    """A number that nobody answers, or that is not on a channel, is so whoever of the two was called."""
    if other is None:
        return address
    state = "dead" if other.state == "dead" else address.state
    dead = tuple(dict.fromkeys((*address.dead_channels, *other.dead_channels)))
    if (state, dead) == (address.state, address.dead_channels):
        return address
    return replace(address, state=state, dead_channels=dead)


def _drop(also: list[Also], gone: Iterable[Also]) -> None:
    for one in gone:
        if one in also:
            also.remove(one)


def _without(values: tuple[str, ...], gone: Iterable[str]) -> tuple[str, ...]:
    left = set(gone)
    return tuple(one for one in values if one not in left)


def _told(contact: Contact, action: str, other_id: str, *, by: str, at: datetime) -> tuple[Mapping[str, Any], ...]:
    entry = {"at": at, "by": by, "action": action, "fields": [], "contact_id": other_id}
    return (*contact.history, entry)[-_MOST_HISTORY:]
