"""The shapes of pauses: complaints against a caller, an appeal, and the lifting."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, PagedQuery, Text, UtcTime, page_schema
from services.domain.people.pauses import KINDS, STATES

_STATE = {"description": "`paused`: no numbers until a coordinator or headquarters lifts it"}


class PauseAppealIn(BodyIn):
    """What a paused volunteer has to say."""

    text = Text(shortest=3, longest=2000, required=True, metadata={"description": "Their side of it"})


class PauseLiftIn(BodyIn):
    """Why a volunteer may work again."""

    reason = Text(shortest=3, longest=500, required=True)


class PauseQuery(PagedQuery):
    """Which volunteers."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES), metadata=_STATE)


class PauseAppealOut(Schema):
    """What the volunteer said."""

    text = fields.String(required=True, metadata={"description": "Their side of it"})
    at = UtcTime(required=True)


class PauseLiftedOut(Schema):
    """Who last let the volunteer work again."""

    by = fields.String(required=True)
    at = UtcTime(required=True)
    reason = fields.String(required=True)


class PauseComplaintOut(Schema):
    """One complaint."""

    ref = fields.String(required=True, metadata={"description": "The outcome or the rights request that it comes from"})
    kind = fields.String(
        required=True,
        validate=validate.OneOf(KINDS),
        metadata={"description": "As the volunteer noted it, or as the person made it themselves"},
    )
    campaign_id = fields.String(required=True)
    at = UtcTime(required=True)
    settled = fields.Boolean(required=True, metadata={"description": "Looked into: it counts no more"})


class OwnPauseOut(Schema):
    """How it stands with the caller; what single people said is between them and the coordinator."""

    state = fields.String(required=True, validate=validate.OneOf(STATES), metadata=_STATE)
    paused_at = UtcTime(required=True, allow_none=True, metadata={"description": "Since when"})
    appeal = fields.Nested(PauseAppealOut, required=True, allow_none=True, metadata={"description": "Their answer"})


class PauseOut(OwnPauseOut):
    """How it stands with a volunteer."""

    user_id = fields.String(required=True, attribute="_id", metadata={"description": "The volunteer"})
    complaints = fields.List(
        fields.Nested(PauseComplaintOut), required=True, metadata={"description": "All so far, the oldest first"}
    )
    lifted = fields.Nested(
        PauseLiftedOut, required=True, allow_none=True, metadata={"description": "The last time it was lifted"}
    )
    version = fields.Integer(required=True)


PausePageOut = page_schema(PauseOut)
