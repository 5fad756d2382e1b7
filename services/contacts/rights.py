"""Requests of people about their own data: a stop holds at once, the others wait for proof of the number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from services.contacts.access_reports import AccessReports
from services.contacts.contacts import Contacts
from services.contacts.suppressions import Suppressions
from services.domain.contacts.access_report import HeldPerson
from services.domain.contacts.contacts import MERGED
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.rights import COMPLAIN, ERASE, STOP, RightsRequest
from services.domain.errors import Conflict, Invalid, NotFound, StaleVersion
from services.domain.identifiers.phones import parse_phones
from services.domain.ids import new_id
from services.domain.ist import IST
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.contacts.contacts import ContactStore
from services.store.contacts.rights import RightsStore

_OPEN, _RESOLVED = "open", "resolved"


class Complaints(Protocol):
    """Who counts what people complain of against the volunteers who called them."""

    def made(self, request_id: str, address: str, at: datetime) -> None:
        """Count a complaint about calls to an address."""

    def refused(self, request_id: str) -> None:
        """Take a complaint back that was not borne out."""


class Rights:
    """Take requests from anybody, list and resolve them for who is responsible."""

    def __init__(
        self,
        *,
        store: RightsStore,
        contacts: ContactStore,
        people: Contacts,
        suppressions: Suppressions,
        complaints: Complaints,
        keys: ContactKeys,
        reports: AccessReports,
        terms: Mapping[str, Any],
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._people = people
        self._suppressions = suppressions
        self._complaints = complaints
        self._keys = keys
        self._reports = reports
        self._answer_days = int(terms["answer_days"])
        self._kept = timedelta(days=int(terms["kept_days"]))
        self._audit = audit
        self._clock = clock

    def take(self, *, kind: str, phone: str, note: str | None) -> RightsRequest:
        """Keep a request and return it; for a known and an unknown number the same is done and told.

        Raises Invalid for what is no phone number. The same request of the same day is kept once.
        """
        number = _number(phone)
        if kind == STOP:
            self._suppressions.suppress_address(
                None, kind="phone", value=number, reason="rights_request", origin="rights"
            )
        now = self._clock.now()
        today = now.astimezone(IST).date()
        key = self._keys.address("phone", number)
        people = [one for one in self._contacts.with_keys([key]) if one.state != MERGED]
        # A stop is done when it is stored; nobody needs to do more.
        request = RightsRequest(
            id=new_id(),
            kind=kind,
            phone=number,
            note=note,
            received_at=now,
            due_on=today + timedelta(days=self._answer_days),
            state=_RESOLVED if kind == STOP else _OPEN,
            result="done" if kind == STOP else None,
            resolved_at=now if kind == STOP else None,
            contact_ids=tuple(one.id for one in people),
            districts=tuple(sorted({one.place.district_id for one in people if one.place.district_id})),
        )
        kept_until = now + self._kept if kind == STOP else None
        kept = self._store.insert_once(request, once=f"{key}|{kind}|{today}", kept_until=kept_until)
        if kind == COMPLAIN and kept.state == _OPEN:
            self._complaints.made(kept.id, key, now)
        return kept

    def list_page(
        self, actor: Actor, page: PageRequest, *, state: str | None, due_before: date | None
    ) -> Page[RightsRequest]:
        """Return requests about people of the actor's district, for headquarters all; those due before a day."""
        return self._store.list_page(page, district=_district(actor), state=state, due_before=due_before)

    def prove(self, actor: Actor, request_id: str, *, proof: str, version: int | None) -> RightsRequest:
        """Note how it was shown that the number is theirs; again changes nothing. Raise Conflict when resolved."""
        request = self._unchanged(actor, request_id, version)
        if self._store.prove(request_id, proof=proof, by=actor.user_id, at=self._clock.now()):
            self._audit.record(actor, "rights.prove", subject=request_id, kind=request.kind, proof=proof)
        elif request.state != _OPEN:
            raise Conflict("state_conflict")
        return self.get(actor, request_id)

    def report(
        self, actor: Actor, request_id: str, *, locale: str, contact_ids: Sequence[str] | None = None
    ) -> list[HeldPerson]:
        """Return all that is kept about the people of a proven request, or about some of them; it is logged.

        Raises Conflict("not_proven"), Invalid for somebody who is none of the number.
        """
        request = self.get(actor, request_id)
        if request.proof is None:
            raise Conflict("not_proven")
        held = self._reports.gather(self._meant(request, contact_ids), locale=locale)
        contacts = [one.contact_id for one in held]
        self._audit.record(actor, "rights.report", subject=request_id, contacts=contacts)
        return held

    def forget(self) -> int:
        """Take number and notes from requests answered long enough ago; the worker's step."""
        return self._store.forget(until=self._clock.now())

    def resolve(
        self,
        actor: Actor,
        request_id: str,
        *,
        result: str,
        note: str | None,
        version: int | None,
        contact_ids: Sequence[str] | None = None,
    ) -> RightsRequest:
        """Resolve a request; an erasure that is done erases the people of the number, or those of them who are named.

        Raises Conflict when it is resolved, Invalid for somebody who is none of the number.
        """
        request = self._unchanged(actor, request_id, version)
        if request.state != _OPEN:
            raise Conflict("state_conflict")
        meant = self._meant(request, contact_ids)
        if request.kind == ERASE and result == "done":
            self._erase(actor, request, meant)
        now = self._clock.now()
        kept_until = now + self._kept
        if not self._store.resolve(
            request_id, result=result, by=actor.user_id, at=now, resolution=note, kept_until=kept_until
        ):
            raise Conflict("state_conflict")
        if request.kind == COMPLAIN and result != "done":
            self._complaints.refused(request_id)
        self._audit.record(actor, "rights.resolve", subject=request_id, kind=request.kind, result=result)
        return self._store.get(request_id, district=None)

    def get(self, actor: Actor, request_id: str) -> RightsRequest:
        """Return a request of the actor's district, or raise NotFound."""
        return self._store.get(request_id, district=_district(actor))

    def _unchanged(self, actor: Actor, request_id: str, version: int | None) -> RightsRequest:
        request = self.get(actor, request_id)
        if version is not None and version != request.version:
            raise StaleVersion
        return request

    def _erase(self, actor: Actor, request: RightsRequest, people: Sequence[str]) -> None:
        """Erase people; their number is not contacted any more, whoever else has it: it would reach them as well."""
        if request.phone is not None:
            self._suppressions.suppress_address(
                actor, kind="phone", value=request.phone, reason="rights_request", origin="rights"
            )
        for contact_id in people:
            self._people.erase_known(actor, contact_id)

    def _meant(self, request: RightsRequest, contact_ids: Sequence[str] | None) -> list[str]:
        people = self._people_of(request)
        if contact_ids is None:
            return people
        if not set(contact_ids) <= set(people):
            raise Invalid(contact_ids="contact_unknown")
        return [one for one in people if one in contact_ids]

    def _people_of(self, request: RightsRequest) -> list[str]:
        """The people of the number when it was asked, and those whom a sheet has brought since."""
        now: list[str] = []
        if request.phone is not None:
            key = self._keys.address("phone", request.phone)
            now = [one.id for one in self._contacts.with_keys([key]) if one.state != MERGED]
        return list(dict.fromkeys((*request.contact_ids, *now)))


def _number(text: str) -> str:
    found = parse_phones(text)
    if found.problems or len(found.numbers) != 1:
        raise Invalid(phone="phone_invalid")
    return found.numbers[0].e164


def _district(actor: Actor) -> str | None:
    """The district that a person answers for; headquarters answers for all."""
    if actor.is_headquarters:
        return None
    if actor.home_area is None:
        raise NotFound
    return actor.home_area
