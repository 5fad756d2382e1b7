"""The shapes of what a coordinator decides about."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, PagedQuery, UtcTime, page_schema
from services.domain.outcomes.reviews import KINDS, OPEN, STATES
from services.domain.sheets.sources import GIVEN_BASES


class ReviewQuery(PagedQuery):
    """Which things to decide."""

    state = fields.String(
        load_default=OPEN,
        validate=validate.OneOf(STATES),
        metadata={"description": "`withdrawn`: the volunteer has corrected what was told"},
    )
    kind = fields.String(
        load_default=None, validate=validate.OneOf(KINDS), metadata={"description": "Only addresses, or only deaths"}
    )


class ReviewOut(Schema):
    """One thing to decide: a number or handle that somebody gave, or a death that a volunteer heard of."""

    id = fields.String(required=True, metadata={"description": "Its id"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"description": "What it is about"})
    state = fields.String(required=True, validate=validate.OneOf(STATES), metadata={"description": "How it stands"})
    outcome_id = fields.String(required=True, metadata={"description": "The outcome that told it"})
    contact_id = fields.String(required=True, metadata={"description": "The person it is about"})
    campaign_id = fields.String(required=True, metadata={"description": "The campaign in which it was told"})
    user_id = fields.String(required=True, metadata={"description": "The volunteer who told it"})
    told_at = UtcTime(required=True, metadata={"description": "When it was heard"})
    given_kind = fields.String(
        required=True, allow_none=True, metadata={"description": "`phone`, `whatsapp`, or a handle's platform"}
    )
    masked = fields.String(required=True, allow_none=True, metadata={"description": "What was given, masked"})
    problem = fields.String(
        required=True, allow_none=True, metadata={"description": "Why what was given cannot be used as an address"}
    )
    consent = fields.Boolean(required=True, allow_none=True, metadata={"description": "Whether the person agreed"})
    notice_version = fields.String(
        required=True, allow_none=True, metadata={"description": "The notice that was read to the person"}
    )
    decided_by = fields.String(required=True, allow_none=True, metadata={"description": "Who decided"})
    decided_at = UtcTime(required=True, allow_none=True, metadata={"description": "When it was decided"})


ReviewPageOut = page_schema(ReviewOut)


class ReviewAcceptIn(BodyIn):
    """On which basis a given address comes into use."""

    basis = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(sorted(GIVEN_BASES)),
        metadata={"description": "Lawful basis; `consent` by itself where the person agreed"},
    )
