"""The shapes of the catalogue of result codes."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BilingualOut, PagedQuery, channel_field, page_schema
from services.domain.outcomes.dispositions import CLASSES, EFFECTS


class DispositionsQuery(PagedQuery):
    """Which result codes."""

    channel = channel_field(load_default=None, metadata={"description": "Only what may be told of this channel"})


class AaporOut(Schema):
    """The code of the AAPOR Standard Definitions, and the class in which the rates count it."""

    code = fields.String(required=True, metadata={"description": "Final disposition code", "example": "3.13"})
    class_ = fields.String(
        required=True,
        data_key="class",
        attribute="class",
        validate=validate.OneOf(CLASSES),
        metadata={
            "description": "I interview, P partial, R refusal, NC non-contact, O other, UH unknown whether there is "
            "a household, UO unknown otherwise, NE not eligible: outside the rates"
        },
    )


class DispositionOut(Schema):
    """One result code."""

    name = fields.String(required=True, metadata={"description": "As an outcome's `disposition` tells it"})
    label = fields.Nested(BilingualOut, required=True, metadata={"description": "For the screen"})
    channels = fields.List(channel_field(), required=True, metadata={"description": "Where it may be told"})
    aapor = fields.Nested(
        AaporOut, required=True, allow_none=True, metadata={"description": "null: it says nothing about the person"}
    )
    final = fields.Boolean(required=True, metadata={"description": "Nothing more is tried in this campaign"})
    step = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Of a message: the furthest step is what counts; null for calls"},
    )
    retry = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The state's rule for the next try; a campaign's own rules come with the sync"},
    )
    needs = fields.List(
        fields.String(validate=validate.OneOf(("contact_id", "callback_at"))),
        required=True,
        metadata={"description": "Must come with it; `contact_id` where the item lists several people"},
    )
    may = fields.List(
        fields.String(validate=validate.OneOf(("answers", "support", "note"))),
        required=True,
        metadata={"description": "May come with it; else it is refused, and dropped with `drop_speech`"},
    )
    effects = fields.List(
        fields.String(validate=validate.OneOf(EFFECTS)),
        required=True,
        metadata={"description": "What follows"},
    )


class DispositionsOut(page_schema(DispositionOut)):  # type: ignore[misc]
    """The catalogue, in the order in which a screen shows it."""

    version = fields.Integer(required=True, metadata={"description": "Grows when a code comes, goes or changes"})
