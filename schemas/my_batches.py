"""The shapes of batches as their holders' phones have them: the numbers, the people behind them, what to say."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Identifier, UtcTime, channel_field
from schemas.batches import BatchOut


class ClaimIn(BodyIn):
    """What kind of work is asked for."""

    campaign_id = Identifier(required=True)
    channel = channel_field(required=True)


class PersonOut(Schema):
    """Somebody to be reached; masked until the batch is opened."""

    contact_id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    name_hi = fields.String()
    relative = fields.String()
    house = fields.String()
    age_band = fields.String(metadata={"example": "30-44"})
    gender = fields.String()
    part = fields.String(required=True, allow_none=True, metadata={"example": "24/17"})
    serial = fields.Integer()
    tags = fields.List(fields.String())


class ItemOut(Schema):
    """One number or handle, and the people it reaches."""

    id = fields.String(required=True)
    channel = fields.String(required=True)
    people = fields.List(fields.Nested(PersonOut), required=True)
    phone_masked = fields.String(required=True, allow_none=True)
    phone = fields.String(metadata={"description": "Only while it may be used, or with `not_before` soon"})
    link = fields.String(metadata={"description": "Opens the phone's own app; a human presses call or send"})
    text = fields.String(metadata={"description": "What to send, where the link cannot carry it: to be copied"})
    state = fields.String(required=True, validate=validate.OneOf(("ready", "callback", "done", "blocked")))
    blocked_by = fields.List(fields.String(), metadata={"description": "Every rule that forbids it now"})
    not_before = UtcTime(metadata={"description": "The number may be shown from then on"})
    not_after = UtcTime(metadata={"description": "and until then"})
    attempts = fields.Integer(required=True)
    last_disposition = fields.String()
    callback_at = UtcTime()
    script_id = fields.String()
    template_id = fields.String()


class MyBatchOut(BatchOut):
    """A batch as its holder's phone has it."""

    items = fields.List(fields.Nested(ItemOut), required=True)
