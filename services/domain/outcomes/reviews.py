"""What a coordinator has to decide about: addresses that people gave in talk, and deaths that volunteers heard of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.domain.batches.links import mask_address
from services.domain.errors import Invalid
from services.domain.identifiers.handles import normalise_handle
from services.domain.identifiers.phones import parse_phones
from services.domain.ids import derived_id

GIVEN, DECEASED = "given", "deceased"
KINDS = (GIVEN, DECEASED)
OPEN, ACCEPTED, DECLINED, WITHDRAWN = "open", "accepted", "declined", "withdrawn"
STATES = (OPEN, ACCEPTED, DECLINED, WITHDRAWN)
# Kinds of what is given that are numbers; the others are handles of the platform of that name.
_NUMBERS = frozenset({"phone", "whatsapp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One thing to decide. `value` is what was given, as it was told; `consent` and `notice_version` came with it."""

    id: str
    kind: str
    outcome_id: str
    contact_id: str
    campaign_id: str
    user_id: str
    district_id: str | None
    told_at: datetime
    state: str = OPEN
    given_kind: str | None = None
    value: str | None = None
    consent: bool | None = None
    notice_version: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    version: int = 1


def given_in(outcome: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Review]:
    """Yield a review for everything that a person gave in an outcome; drawn again it is the same."""
    for number, one in enumerate(said.get("given") or ()):
        yield Review(
            id=derived_id(outcome["received_at"], "given", outcome["_id"], str(number)),
            kind=GIVEN,
            given_kind=one["kind"],
            value=one["value"],
            consent=one["consent"],
            notice_version=one["notice_version"],
            **_about(outcome),
        )


def death_in(outcome: Mapping[str, Any]) -> Review:
    """Return the review of a death that an outcome tells of."""
    return Review(id=derived_id(outcome["received_at"], "deceased", outcome["_id"]), kind=DECEASED, **_about(outcome))


def address_given(kind: str, value: str) -> tuple[str, str]:
    """Return kind and canonical value of an address that was given; raise Invalid for what is none."""
    if kind in _NUMBERS:
        found = parse_phones(value)
        if found.problems or len(found.numbers) != 1:
            raise Invalid(value=found.problems[0] if found.problems else "phone_invalid")
        number = found.numbers[0]
        return "whatsapp" if kind == "whatsapp" and number.kind == "mobile" else number.kind, number.e164
    handle = normalise_handle(kind, value)
    if handle is None:
        raise Invalid(value="handle_invalid")
    return kind, handle


def as_shown(review: Review) -> tuple[str | None, str | None]:
    """Return what was given, masked, and the code of what is wrong with it where it is no address."""
    if review.given_kind is None or review.value is None:
        return None, None
    try:
        return mask_address(address_given(review.given_kind, review.value)[1]), None
    except Invalid as error:
        return None, error.fields["value"][0]


def _about(outcome: Mapping[str, Any]) -> dict[str, Any]:
    named = ("contact_ids", "campaign_id", "user_id", "district_id", "occurred_at", "_id")
    contacts, campaign, user, district, at, outcome_id = (outcome[name] for name in named)
    return {
        "contact_id": contacts[0],
        "campaign_id": campaign,
        "user_id": user,
        "district_id": district,
        "told_at": at,
        "outcome_id": outcome_id,
    }
