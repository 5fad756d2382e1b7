"""Stored facts turned into what the rules are asked about; everything that asks the rules comes through here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.domain.batches.batches import target_id
from services.domain.contacts.suppressions import person_key
from services.domain.outcomes.standing import UNTOUCHED, Standing
from services.domain.rules.subject import Address, Subject, Touch, pick_address

Document = dict[str, Any]
_NONE: Mapping[str, Document] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read about some contacts of a campaign; `leases` is empty where addresses are asked later.

    Numbers that a batch of `own` has are not held by another: a run that is gone on with finds its own batches.
    """

    campaign_id: str
    now: datetime
    contacts: Mapping[str, Document] = field(default_factory=lambda: _NONE)
    targets: Mapping[str, Document] = field(default_factory=lambda: _NONE)
    suppressed: frozenset[str] = frozenset()
    leases: Mapping[str, Document] = field(default_factory=lambda: _NONE)
    own: frozenset[str] = frozenset()

    def addresses(self, contact_id: str, *, holder: str | None = None) -> list[Address]:
        """Return a contact's addresses, the preferred first; those leased by a batch other than `holder` are held."""
        contact = self.contacts.get(contact_id)
        if contact is None:
            return []
        rows = sorted(contact["addresses"], key=lambda row: not row.get("preferred"))
        return [self._address(row, holder) for row in rows]

    def pick(self, contact_id: str, channel: str) -> Address | None:
        """Return the address by which a contact would be reached on a channel."""
        return pick_address(self.addresses(contact_id), channel)

    def subject(self, contact_id: str, place: tuple[str, str], address: Address | None) -> Subject:
        """Return a contact as the rules see them; `place` is part and constituency."""
        contact = self.contacts.get(contact_id)
        target = self.targets.get(target_id(self.campaign_id, contact_id))
        return Subject(
            part_id=place[0],
            constituency_id=place[1],
            address=address,
            standing=standing_of(target) if target else UNTOUCHED,
            touches=touches_of(contact.get("touches") or ()) if contact else (),
            suppressed=person_key(contact_id) in self.suppressed,
            gone=contact is None or contact["state"] != "active" or bool(contact.get("gone")),
        )

    def of_item(self, item: Document, *, channel: str, holder: str | None) -> tuple[Subject, ...]:
        """Return the people of an item, each with the item's address; `channel` is what the item is worked on."""
        place = (item["part_id"], item["constituency_id"])
        people = (
            self.subject(contact_id, place, self._shared(contact_id, item["address"], holder))
            for contact_id in item["contacts"]
        )
        return tuple(_as_told(person, item, channel) for person in people)

    def _shared(self, contact_id: str, key: str, holder: str | None) -> Address | None:
        contact = self.contacts.get(contact_id)
        rows = contact["addresses"] if contact else ()
        return next((self._address(row, holder) for row in rows if row["key"] == key), None)

    def _address(self, row: Document, holder: str | None) -> Address:
        lease = self.leases.get(row["key"])
        free = {None, holder, *self.own}
        held_until = lease["until"] if lease and lease.get("batch_id") not in free else None
        held = held_until is not None and held_until > self.now
        return Address(
            key=row["key"],
            kind=row["kind"],
            state=row["state"],
            dead_channels=frozenset(row.get("dead_channels") or ()),
            suppressed=row["key"] in self.suppressed,
            held_by_other=held,
            held_until=held_until if held else None,
            touches=touches_of(lease.get("attempts") or ()) if lease else (),
        )


def _as_told(person: Subject, item: Document, channel: str) -> Subject:
    """Return a person with what was told on the item last, which their standing may not know yet."""
    told, standing = item.get("told"), person.standing
    if not told or item["next_at"] is None:
        return person
    last = max(one["at"] for one in told)
    if standing.last_at is not None and standing.last_at >= last:
        return person
    return person._replace(standing=standing._replace(last_at=last, last_channel=channel, next_at=item["next_at"]))


def standing_of(target: Document) -> Standing:
    """Return a stored standing as the rules read it; what it was counted from is not needed for that.

    With it counts what was `carried` over from contacts that were found to be the same person.
    """
    standing = _own_standing(target)
    for carried in target.get("carried") or ():
        standing = _together(standing, standing_of(carried))
    return standing


def _together(first: Standing, second: Standing) -> Standing:
    """Return one person's standing of two: attempts of both, the later one's last, the longer wait of two."""
    earlier, later = sorted((first, second), key=lambda one: (one.last_at is not None, one.last_at))
    waits = [one for one in (first.next_at, second.next_at) if one is not None]
    return later._replace(
        attempts=Counter(first.attempts) + Counter(second.attempts),
        total=first.total + second.total,
        next_at=max(waits, default=None),
        callback_at=later.callback_at or earlier.callback_at,
        final=first.final or second.final,
    )


def _own_standing(target: Document) -> Standing:
    return Standing(
        attempts=target.get("attempts") or {},
        total=target.get("total") or 0,
        last_at=target.get("last_at"),
        last_channel=target.get("last_channel"),
        last_disposition=target.get("last_disposition"),
        next_at=target.get("next_at"),
        callback_at=target.get("callback_at"),
        final=target["state"] == "done",
    )


def touches_of(rows: Any) -> tuple[Touch, ...]:
    """Return stored attempts `{at, ch, c, i}` (time, channel, campaign, item) as touches."""
    return tuple(Touch(row["at"], row["ch"], row["c"], row.get("i") or "") for row in rows)
