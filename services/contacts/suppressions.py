"""Opt-outs: immediate, permanent, for every channel and campaign; only headquarters lifts one, and says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.contacts.opt_outs import OptOuts
from services.contacts.reach import ContactReach
from services.domain.batches.links import mask_address
from services.domain.contacts.contacts import Contact
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.suppressions import (
    SHARED,
    Suppression,
    address_group,
    of_addresses,
    person_key,
    seen_by,
    shared,
)
from services.domain.errors import Invalid
from services.domain.identifiers.handles import normalise_handle
from services.domain.identifiers.phones import parse_phones
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.sheets.row_addresses import HANDLES
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.contacts.contacts import ContactStore
from services.store.contacts.suppressions import SuppressionStore

Outcome = Mapping[str, Any]


class Suppressions:
    """Suppress addresses and people, list and lift what was suppressed."""

    def __init__(
        self,
        *,
        store: SuppressionStore,
        contacts: ContactStore,
        reach: ContactReach,
        keys: ContactKeys,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._opt_outs = OptOuts(store=store, contacts=contacts, audit=audit)
        self._reach = reach
        self._keys = keys
        self._audit = audit
        self._clock = clock

    def suppress(
        self,
        actor: Actor,
        *,
        reason: str,
        note: str | None = None,
        phone: str | None = None,
        channel: str | None = None,
        handle: str | None = None,
        contact_id: str | None = None,
    ) -> Suppression:
        """Suppress whom one of phone, channel with handle, and contact names; raise Invalid, NotFound."""
        if contact_id is not None:
            self._reach.get_merged(actor, contact_id)
            return self.suppress_person(actor, contact_id, reason=reason, note=note)
        kind, value = _read(phone, channel, handle)
        return self.suppress_address(actor, kind=kind, value=value, reason=reason, note=note)

    def suppress_address(
        self,
        actor: Actor | None,
        *,
        kind: str,
        value: str,
        reason: str,
        note: str | None = None,
        origin: str = "manual",
    ) -> Suppression:
        """Suppress one phone (`kind` phone) or handle, known or not, and return what now stands."""
        wanted = Suppression(
            id=self._keys.address(kind, value),
            kind=address_group(kind),
            reason=reason,
            origin=origin,
            at=self._clock.now(),
            by=actor.user_id if actor else None,
            note=note,
            shown=mask_address(value),
        )
        self._store.add([wanted])
        self._audit.record(actor, "suppression.create", subject=wanted.id, reason=reason, origin=origin)
        return self._store.get(wanted.id)

    def suppress_person(
        self, actor: Actor | None, contact_id: str, *, reason: str, note: str | None = None, origin: str = "manual"
    ) -> Suppression:
        """Suppress a person with all addresses, whichever they get later included; raise NotFound."""
        contact = self._contacts.get(contact_id)
        base = Suppression(
            id=person_key(contact_id),
            kind="person",
            reason=reason,
            origin=origin,
            at=self._clock.now(),
            by=actor.user_id if actor else None,
            note=note,
        )
        self._store.add([base, *of_addresses(contact, base), *self._opt_outs.beside([contact], {base.id: base})])
        self._audit.record(actor, "suppression.create", subject=base.id, reason=reason, origin=origin)
        return self._store.get(base.id)

    def from_outcomes(self, outcomes: Iterable[Outcome], *, now: datetime, actor: Actor | None = None) -> list[str]:
        """Suppress the address and the people of outcomes that opted out; return the address keys that now are.

        The audit trail has each that is new, by `actor` who told them.
        """
        return self._opt_outs.suppress(list(outcomes), now=now, actor=actor)

    def draw_again(self, outcomes: Sequence[Outcome]) -> None:
        """Suppress once more whom outcomes opted out; what was lifted since they were told stays lifted."""
        self._opt_outs.draw_again(outcomes)

    def list_page(self, actor: Actor, page: PageRequest, *, phone: str | None = None) -> Page[Suppression]:
        """Return what is suppressed, the latest first, or what is on one number.

        An address belongs to no district; a person's opt-out is told where the actor reaches the contact.
        """
        if phone is None:
            found = self._store.list_page(page, now=self._clock.now())
        else:
            kind, value = _read(phone, None, None)
            key = self._keys.address(kind, value)
            found = Page([self._store.get(key)] if self._store.find_many([key]) else [])
        if actor.is_headquarters:
            return found
        near = self._reach.among(actor, (person for one in found.items for person in one.people))
        seen = (one for one in found.items if one.kind != "person" or near.intersection(one.people))
        return Page([seen_by(one, actor.user_id, near) for one in seen], found.next_cursor)

    def get(self, suppression_id: str) -> Suppression:
        """Return one, or raise NotFound."""
        return self._store.get(suppression_id)

    def lift(self, actor: Actor, suppression_id: str, *, reason: str) -> None:
        """Lift one again; a person's takes along those of their addresses that stand for nobody else.

        An address that is lifted may be used for others of the house: who opted out stays out by their own suppression.
        """
        now = self._clock.now()
        lifted = self._store.get(suppression_id)
        if lifted.kind == "person":
            self._lift_addresses(suppression_id.partition(":")[2], by=actor.user_id, reason=reason, at=now)
        self._store.lift(suppression_id, by=actor.user_id, reason=reason, at=now)
        self._audit.record(actor, "suppression.lift", subject=suppression_id)

    def share(self, first: Contact, second: Contact) -> None:
        """Let the opt-out of either of two contacts hold for both: they are one person."""
        known = self._store.find_many([person_key(first.id), person_key(second.id)])
        for has, lacks in ((first, second), (second, first)):
            if person_key(has.id) in known and person_key(lacks.id) not in known:
                self._store.add(shared(self._store.get(person_key(has.id)), lacks, at=self._clock.now()))

    def unshare(self, actor: Actor, contact_id: str) -> None:
        """Lift what a contact had from another one alone; what they asked for themselves stays."""
        key = person_key(contact_id)
        if not self._store.find_many([key]):
            return
        held = self._store.get(key)
        if held.origin == SHARED and not held.direct:
            now = self._clock.now()
            self._lift_addresses(contact_id, by=actor.user_id, reason=SHARED, at=now)
            self._store.lift(key, by=actor.user_id, reason=SHARED, at=now)

    def _lift_addresses(self, contact_id: str, *, by: str, reason: str, at: datetime) -> None:
        for one in self._store.of_person(contact_id):
            self._store.release(one.id, contact_id=contact_id)
            if not one.direct and set(one.persons) == {contact_id}:
                self._store.lift(one.id, by=by, reason=reason, at=at)

    def suppressed(self, keys: Iterable[str]) -> set[str]:
        """Return those of the keys (of addresses, or `person:<contact>`) that must not be contacted."""
        return self._store.find_many(keys)

    def forget_shown(self, keys: Sequence[str]) -> None:
        """Drop what is shown of addresses whose person was erased; that they are suppressed stays."""
        self._store.forget_shown(keys)

    def carry_out(self, stop: Callable[[Sequence[str]], None], *, limit: int = 200) -> int:
        """Let `stop` end the work on newly suppressed addresses; return how many there were (a step of the worker)."""
        keys = self._store.pending(limit=limit)
        if keys:
            stop([key for key in keys if not key.startswith(person_key(""))])
            self._store.settle(keys)
        return len(keys)


def _read(phone: str | None, channel: str | None, handle: str | None) -> tuple[str, str]:
    """Return kind and value of an address as a person wrote it; a handle on a phone's channel is a number."""
    if phone is not None or channel not in HANDLES:
        found = parse_phones(phone or handle or "")
        if found.problems or len(found.numbers) != 1:
            raise Invalid(**{"phone" if phone is not None else "handle": "phone_invalid"})
        return "phone", found.numbers[0].e164
    name = normalise_handle(channel, handle or "")
    if name is None:
        raise Invalid(handle="handle_invalid")
    return channel, name
