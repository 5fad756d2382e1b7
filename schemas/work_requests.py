"""The shapes of volunteers' requests for more work, and of the answers that they get."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Identifier, PagedQuery, Reference, Text, UtcTime, channel_field, page_schema
from services.batches.work_requests import STATES


class WorkRequestIn(BodyIn):
    """What kind of work is asked for, and a word to the coordinator."""

    campaign_id = Identifier(required=True)
    channel = channel_field(required=True)
    note = Text(load_default=None, allow_none=True, longest=300, metadata={"example": "I have the whole day"})


class WorkRequestOut(Schema):
    """A request for more work."""

    id = fields.String(required=True, attribute="_id")
    user_id = fields.String(required=True)
    campaign_id = fields.String(required=True)
    channel = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    batch_id = fields.String(required=True, allow_none=True, metadata={"description": "What an approval brought"})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it was declined"})
    asked_at = UtcTime(required=True)
    decided_by = fields.String(required=True, allow_none=True, metadata={"description": "Id of who answered it"})
    decided_at = UtcTime(required=True, allow_none=True, metadata={"description": "When it was answered"})


WorkRequestPageOut = page_schema(WorkRequestOut)


class WorkRequestQuery(PagedQuery):
    """Which requests; a coordinator sees those of the own district."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    campaign_id = Reference("campaign")
    area = Reference("district", metadata={"description": "The volunteers' home district"})


class ApproveRequestIn(BodyIn):
    """Which batch is given; without one the next of the pool where the volunteer may work."""

    batch_id = Identifier(load_default=None, allow_none=True)


class DeclineRequestIn(BodyIn):
    """Why there is no more work now; the volunteer reads it."""

    reason = Text(required=True, shortest=1, longest=200)
