"""The shapes of people: a phone number, the roster's entry, and what one may change about oneself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from schemas.base import BodyIn, Identifier, PagedQuery, Pattern, Reference, Text, UtcTime, channel_field, page_schema
from schemas.tag_field import tag_list
from services.domain.identifiers.phones import parse_phones
from services.domain.people.actor import ROLES
from services.domain.people.users import LOCALES, STATES

_MANY_AREAS = 200
_HIGHEST_CAPACITY = 1000
_FIRST = {"description": "Contacts with one of these tags go to this volunteer first when work is dealt out"}
_NEVER = {"description": "Contacts with one of these tags are dealt to others"}


class MobilePhone(fields.String):
    """One Indian mobile number; E.164 on the way out, and on the way in any way that people write it."""

    def __init__(self, **options: Any) -> None:
        metadata = {"example": "+919876543210", "description": "E.164"} | options.pop("metadata", {})
        super().__init__(validate=validate.Length(max=40), metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        cell = parse_phones(text)
        if len(cell.numbers) != 1 or cell.problems or cell.numbers[0].kind != "mobile":
            raise ValidationError(cell.problems[0] if cell.problems else "phone_invalid")
        return cell.numbers[0].e164


def language_list(**options: Any) -> fields.List[str]:
    """Return the field of the languages that somebody speaks."""
    code = fields.String(validate=Pattern(r"^[a-z]{2,3}$"), metadata={"example": "hi"})
    return fields.List(code, validate=validate.Length(max=20), **options)


def channel_list(**options: Any) -> fields.List[str]:
    """Return the field of the channels that somebody works on."""
    return fields.List(channel_field(), validate=validate.Length(max=10), **options)


def capacity(**options: Any) -> fields.Integer:
    """Return the field of how many attempts somebody makes a day; null leaves it to the campaign."""
    return fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, _HIGHEST_CAPACITY), **options)


def locale(**options: Any) -> fields.String:
    """Return the field of the language that somebody reads."""
    return fields.String(validate=validate.OneOf(LOCALES), **options)


class WarningOut(Schema):
    """A seat that somebody of another district must leave, as campaigning has ended there."""

    code = fields.String(required=True, validate=validate.OneOf(("outsider",)))
    area = fields.String(required=True, metadata={"example": "ac-24"})
    since = UtcTime(required=True, data_key="from", metadata={"description": "When campaigning ended there"})
    until = UtcTime(required=True, data_key="to", metadata={"description": "The close of poll"})


class UserOut(Schema):
    """A person on the roster."""

    id = fields.String(required=True)
    phone = fields.String(required=True, metadata={"example": "+919876543210"})
    name = fields.String(required=True, metadata={"example": "Asha Verma"})
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    home_area = fields.String(required=True, allow_none=True, metadata={"example": "rj-churu"})
    areas = fields.List(fields.String(), required=True)
    languages = fields.List(fields.String(), required=True)
    channels = fields.List(fields.String(), required=True)
    daily_capacity = fields.Integer(required=True, allow_none=True)
    prioritised_tags = fields.List(fields.String(), required=True, metadata=_FIRST)
    excluded_tags = fields.List(fields.String(), required=True, metadata=_NEVER)
    locale = fields.String(required=True, validate=validate.OneOf(LOCALES))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    merged_into = fields.String(
        required=True, allow_none=True, metadata={"description": "Of a duplicate: the person who has their work now"}
    )
    warnings = fields.List(
        fields.Nested(WarningOut), metadata={"description": "On the roster: seats that they must leave, if any"}
    )
    created_at = UtcTime(required=True)


UserPageOut = page_schema(UserOut)


class ProfileIn(BodyIn):
    """What one may change about oneself; a field that is left out stays."""

    locale = locale()
    languages = language_list()
    channels = channel_list()
    daily_capacity = capacity(metadata={"example": 40})


class AgeFields(BodyIn):
    """How old somebody is; asked so that no minor comes in, and not kept."""

    born_on = fields.Date(metadata={"description": "Day of birth; under 18 is refused, and it is not kept"})
    birth_year = fields.Integer(
        strict=True,
        validate=validate.Range(1900, 2100),
        metadata={"description": "Year of birth, where the day is not known; taken for its last day, and not kept"},
    )


class _RosterFields(ProfileIn, AgeFields):
    home_area = Identifier(
        allow_none=True,
        metadata={"description": "District whose coordinator manages the person", "example": "rj-churu"},
    )
    areas = fields.List(
        Identifier(),
        validate=validate.Length(max=_MANY_AREAS),
        metadata={"description": "Where they may work; empty: wherever a campaign asks their district to help"},
    )
    prioritised_tags = tag_list(metadata=_FIRST)
    excluded_tags = tag_list(metadata=_NEVER)


class UserIn(_RosterFields):
    """A new person."""

    phone = MobilePhone(required=True)
    name = Text(required=True, shortest=1, longest=120)
    role = fields.String(required=True, validate=validate.OneOf(ROLES), metadata={"example": "volunteer"})


class UserChangeIn(_RosterFields):
    """What changes about a person; a field that is left out stays."""

    phone = MobilePhone()
    name = Text(shortest=1, longest=120)
    role = fields.String(validate=validate.OneOf(ROLES))


class UserQuery(PagedQuery):
    """Which people."""

    role = fields.String(load_default=None, validate=validate.OneOf(ROLES))
    home_area = Reference("district")
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    q = Text(
        load_default=None,
        longest=120,
        metadata={"description": "Words of the name or how they begin, in either script, or the phone"},
    )


class InvitationOut(Schema):
    """A one-time invitation, shown this once."""

    user_id = fields.String(required=True)
    token = fields.String(required=True)
    link = fields.String(required=True)
    expires_at = UtcTime(required=True)


class InvitationsIn(BodyIn):
    """Whom to invite."""

    user_ids = fields.List(Identifier(), required=True, validate=validate.Length(1, 500))


class InvitationsOut(Schema):
    """The invitations in the order asked for."""

    items = fields.List(fields.Nested(InvitationOut), required=True)


class HandOverIn(BodyIn):
    """Where the open work goes."""

    hand_over_to = Identifier(
        load_default=None,
        metadata={"description": "The volunteer who gets the open batches; without one, they return to the pool"},
    )


class MoveIn(HandOverIn):
    """Where a person moves."""

    home_area = Identifier(required=True, metadata={"description": "The new home district", "example": "rj-churu"})


class MergeIn(BodyIn):
    """Who is on the roster twice."""

    duplicate_id = Identifier(required=True, metadata={"description": "The entry that shall be over"})


class MovedOut(Schema):
    """A person as they are now, and where open batches went."""

    user = fields.Nested(UserOut, required=True, metadata={"description": "The person as they are now"})
    handed_over = fields.Integer(required=True, metadata={"description": "Batches that went to another volunteer"})
    returned = fields.Integer(required=True, metadata={"description": "Batches that went back to the pool"})
