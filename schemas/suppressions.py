"""The shapes of suppressions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from schemas.base import BodyIn, Identifier, PagedQuery, Query, Text, UtcTime, page_schema
from services.domain.contacts.suppressions import REASONS
from services.domain.identifiers.channels import CHANNELS

# What people and headquarters may give; erasure gives its own.
_GIVEN_REASONS = tuple(reason for reason in REASONS if reason != "erased")


class SuppressionIn(BodyIn):
    """An address, by phone or by channel and handle, or a person with all addresses."""

    phone = Text(shortest=3, longest=40, metadata={"example": "+919876543210"})
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    handle = Text(shortest=1, longest=300)
    contact_id = Identifier()
    reason = fields.String(required=True, validate=validate.OneOf(_GIVEN_REASONS))
    note = Text(shortest=1, longest=1000, load_default=None, allow_none=True)

    @validates_schema
    def one_of_three(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a body that names nobody, or two at once."""
        if "handle" in data and "channel" not in data:
            raise ValidationError("required", "channel")
        if "channel" in data and "handle" not in data:
            raise ValidationError("required", "handle")
        named = [name for name in ("phone", "handle", "contact_id") if name in data]
        if len(named) != 1:
            raise ValidationError("phone_or_handle_or_contact", "phone" if not named else named[1])


class SuppressionOut(Schema):
    """Somebody or some address that is never contacted."""

    id = fields.String(required=True)
    kind = fields.String(required=True, metadata={"example": "phone"})
    masked = fields.String(required=True, allow_none=True)
    contact_id = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    origin = fields.String(required=True, metadata={"example": "manual"})
    note = fields.String(required=True, allow_none=True)
    by = fields.String(required=True, allow_none=True)
    at = UtcTime(required=True, metadata={"type": "string"})


SuppressionPageOut = page_schema(SuppressionOut)


class SuppressionQuery(PagedQuery):
    """Which page; or one number alone."""

    phone = Text(load_default=None, shortest=3, longest=40)


class LiftQuery(Query):
    """Why a suppression is lifted."""

    reason = Text(load_default=None, shortest=3, longest=500)


class LiftIn(BodyIn):
    """Why a suppression is lifted, where a client prefers a body."""

    reason = Text(shortest=3, longest=500, metadata={"example": "Asked for it again in writing"})
