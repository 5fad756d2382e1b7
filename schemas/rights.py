"""The shapes of requests about a person's own data."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, PagedQuery, Text, UtcTime, page_schema
from services.domain.contacts.rights import KINDS, RESULTS

_STATES = ("open", "resolved")


class RightsRequestIn(BodyIn):
    """What somebody asks for about the data of a phone number."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    phone = Text(shortest=3, longest=40, required=True, metadata={"example": "9876543210"})
    note = Text(shortest=1, longest=2000, load_default=None, allow_none=True)


class RightsTakenOut(Schema):
    """The request was taken; a known and an unknown number get the same answer."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    received_at = UtcTime(required=True, metadata={"type": "string"})
    due_on = fields.Date(required=True)


class RightsQuery(PagedQuery):
    """Which requests."""

    state = fields.String(load_default=None, validate=validate.OneOf(_STATES))


class RightsRequestOut(RightsTakenOut):
    """A request for who answers it."""

    phone_masked = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    contacts = fields.List(fields.String(), required=True, metadata={"description": "Whom the number reaches"})
    result = fields.String(required=True, allow_none=True)
    resolution = fields.String(required=True, allow_none=True)
    resolved_by = fields.String(required=True, allow_none=True)
    resolved_at = UtcTime(required=True, allow_none=True, metadata={"type": "string"})


RightsPageOut = page_schema(RightsRequestOut)


class ResolveIn(BodyIn):
    """What came of a request; an erasure that is `done` erases the people of the number."""

    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    note = Text(shortest=1, longest=2000, load_default=None, allow_none=True)
