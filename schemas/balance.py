"""The shape of the balance: which volunteers have too much in hand, and which idle."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import Identifier, PagedQuery, Reference, UtcTime
from services.domain.batches.load import BURDENS


class BalanceQuery(PagedQuery):
    """Whose load, in which campaign."""

    campaign_id = Identifier(required=True)
    area = Reference("district", metadata={"description": "The volunteers' home district"})
    burden = fields.String(
        load_default=None,
        validate=validate.OneOf(BURDENS),
        metadata={"description": "Only who has so much"},
    )


class LoadOut(Schema):
    """An active volunteer and what they have in hand in the campaign."""

    user_id = fields.String(required=True)
    name = fields.String(required=True)
    home_area = fields.String(required=True, allow_none=True)
    helps = fields.Boolean(required=True, metadata={"description": "Whether their district helps in the campaign"})
    burden = fields.String(
        required=True,
        validate=validate.OneOf(BURDENS),
        metadata={"description": "`too_much`: more open than their days until it is due allow"},
    )
    batches = fields.Integer(required=True, metadata={"description": "Batches in their hands"})
    unopened = fields.Integer(required=True, metadata={"description": "Batches whose numbers were not revealed"})
    open_items = fields.Integer(required=True, metadata={"description": "Numbers still to be worked"})
    callbacks = fields.Integer(required=True, metadata={"description": "Of these, calls that were agreed on"})
    capacity = fields.Integer(required=True, metadata={"description": "Numbers that may be shown to them a day"})
    shown_today = fields.Integer(required=True, metadata={"description": "Numbers revealed today, in all campaigns"})
    due_at = UtcTime(required=True, allow_none=True, metadata={"description": "When the first of it is due"})
    unopened_since = UtcTime(
        required=True, allow_none=True, metadata={"description": "Since when the oldest of them waits to be opened"}
    )


class BalancePageOut(Schema):
    """A page of volunteers; one that asks for one burden may be shorter than its limit and not be the last."""

    items = fields.List(fields.Nested(LoadOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    as_of = UtcTime(required=True, metadata={"description": "To be given to `POST /batches/reassign`"})
