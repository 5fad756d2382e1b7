"""Deciding what volunteers only heard: a given address comes into use, a death is confirmed, or neither."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.contacts.suppressions import Suppressions
from services.domain.contacts.contacts import ERASED, RETIRED, Contact, ContactAddress
from services.domain.contacts.edits import with_address
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.suppressions import person_key
from services.domain.errors import BlockedByRule, Conflict, Invalid, NotFound, StaleVersion
from services.domain.ist import IST
from services.domain.outcomes.reviews import ACCEPTED, DECEASED, DECLINED, GIVEN, OPEN, Review, address_given
from services.domain.outcomes.standing import VOID
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.sheets.sources import GIVEN_BASES, Source
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.stores import Stores

Document = dict[str, Any]
_TRIES = 5
_SOURCE, _SOURCE_KIND = "Told to a volunteer", "outcome"


class Reviews:
    """Lists what waits for a decision and carries it out; a coordinator decides about the own volunteers' reports."""

    def __init__(
        self, *, stores: Stores, suppressions: Suppressions, keys: ContactKeys, audit: Audit, clock: Clock
    ) -> None:
        self._stores = stores
        self._suppressions = suppressions
        self._keys = keys
        self._audit = audit
        self._clock = clock

    def list_page(self, actor: Actor, page: PageRequest, *, state: str, kind: str | None) -> Page[Review]:
        """Return what waits, or was decided, of the actor's district; for headquarters of all."""
        return self._stores.reviews.list_page(page, district=_district(actor), state=state, kind=kind)

    def get(self, actor: Actor, review_id: str) -> Review:
        """Return one of the actor's district, or raise NotFound."""
        return self._stores.reviews.get(review_id, district=_district(actor))

    def accept(self, actor: Actor, review_id: str, *, basis: str | None, version: int | None) -> Review:
        """Bring a given address into use, or confirm a death.

        Raises Invalid for what is no address or has no basis, BlockedByRule where it must not be contacted, Conflict
        when it was decided before.
        """
        review = self._open(actor, review_id, version)
        if review.kind == GIVEN:
            self._add(actor, review, basis)
        else:
            self._stores.contact_effects.confirm_death(review.contact_id, review.outcome_id)
        return self._decide(actor, review, ACCEPTED)

    def decline(self, actor: Actor, review_id: str, *, version: int | None) -> Review:
        """Leave an address out of use, or take back a death: who was told of may be called again."""
        review = self._open(actor, review_id, version)
        if review.kind == DECEASED:
            self._take_back(review)
        return self._decide(actor, review, DECLINED)

    def _open(self, actor: Actor, review_id: str, version: int | None) -> Review:
        review = self.get(actor, review_id)
        if version is not None and version != review.version:
            raise StaleVersion
        if review.state != OPEN:
            raise Conflict("state_conflict")
        return review

    def _decide(self, actor: Actor, review: Review, state: str) -> Review:
        # What follows was drawn first and bears repetition: killed in between, the review is open and decided again.
        if not self._stores.reviews.close(review.id, state=state, by=actor.user_id, at=self._clock.now()):
            raise Conflict("state_conflict")
        self._audit.record(actor, f"review.{state}", subject=review.id, kind=review.kind)
        return self.get(actor, review.id)

    def _add(self, actor: Actor, review: Review, basis: str | None) -> None:
        kind, value = address_given(review.given_kind or "", review.value or "")
        basis = basis or ("consent" if review.consent else None)
        if basis not in GIVEN_BASES:
            raise Invalid(basis="basis_missing")
        key = self._keys.address(kind, value)
        if self._suppressions.suppressed([key, person_key(review.contact_id)]):
            raise BlockedByRule(["suppressed"], allowed_from=None)
        source = Source(
            name=_SOURCE,
            kind=_SOURCE_KIND,
            lawful_basis=basis,
            collected_on=review.told_at.astimezone(IST).date(),
            notice_version=review.notice_version,
        )
        self._stores.sources.keep(source, by=actor.user_id, at=self._clock.now(), import_id=None)
        # Whoever accepts it vouches for the consent that the volunteer told of.
        self._stores.sources.attest(source.id, by=actor.user_id, at=self._clock.now())
        self._write(
            actor,
            review.contact_id,
            ContactAddress(
                key=key,
                kind=kind,
                value=value,
                basis=basis,
                source_id=source.id,
                collected_on=source.collected_on.isoformat(),
                notice_version=review.notice_version,
            ),
        )

    def _write(self, actor: Actor, contact_id: str, address: ContactAddress) -> None:
        for _ in range(_TRIES):
            before = self._stores.contacts.find_person(contact_id)
            if before is None or before.state in {ERASED, RETIRED}:
                raise Conflict("state_conflict")
            now = self._clock.now()
            after = with_address(before, address, by=actor.user_id, at=now)
            if not self._stores.contacts.replace([(before, after)], at=now):
                self._stores.targets.follow(self._campaigns_of(after), [after])
                return
        raise StaleVersion

    def _campaigns_of(self, contact: Contact) -> Iterable[str]:
        seat = contact.place.constituency_id
        return [one["_id"] for one in self._stores.campaigns.of_constituency(seat)] if seat else []

    def _take_back(self, review: Review) -> None:
        """Put a void in the place of the outcome; its id follows from the review, so it is made once."""
        told = self._stores.outcomes.find_many([review.outcome_id])[review.outcome_id]
        void = {
            "_id": str(uuid5(NAMESPACE_URL, f"declined/{review.id}")),
            "sealed": None,
            "disposition": VOID,
            "corrects": told["_id"],
            "received_at": self._clock.now(),
            "pending": True,
        }
        self._stores.outcomes.insert_new([{**told, **void}])


def _district(actor: Actor) -> str | None:
    """The district that a person answers for; headquarters answers for all."""
    if actor.is_headquarters:
        return None
    if actor.home_area is None:
        raise NotFound
    return actor.home_area
