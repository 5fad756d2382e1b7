"""The shapes of what people answered to scripts."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BilingualOut, Identifier, Query, Reference, UtcTime, channel_field, rounded_to_field
from services.domain.content.script_parts import KINDS

_FEW = "outside headquarters null where it is of fewer than ten people, or would tell of so few"


class AnswersQuery(Query):
    """Whose answers, to what."""

    campaign_id = Identifier(required=True)
    script_id = Reference("script", metadata={"description": "Of this script; else of all"})
    version = fields.Integer(
        load_default=None, validate=validate.Range(min=1), metadata={"description": "Of these versions of scripts"}
    )
    question = Identifier(load_default=None, metadata={"description": "Name of a question", "example": "topic"})
    area = Reference("area", metadata={"description": "People of this constituency or part", "example": "ac-24"})
    channel = channel_field(load_default=None, metadata={"description": "Asked on this channel"})


class AnswerCountOut(Schema):
    """How many people gave an answer."""

    value = fields.Raw(
        required=True,
        metadata={
            "type": ["string", "integer"],
            "description": "A choice's value, or a step of a scale",
            "example": "roads",
        },
    )
    label = fields.Nested(
        BilingualOut, required=True, allow_none=True, metadata={"description": "As it is read out; null for a step"}
    )
    people = fields.Integer(required=True, allow_none=True, metadata={"description": f"Persons; {_FEW}"})
    share = fields.Float(required=True, allow_none=True, metadata={"description": "people / answered", "example": 0.25})


class AnswerRowOut(Schema):
    """One question of one version of a script."""

    script_id = fields.String(required=True)
    script = fields.String(required=True, metadata={"description": "Its name", "example": "First call"})
    version = fields.Integer(required=True, metadata={"description": "Of the script", "example": 1})
    question = fields.String(required=True, metadata={"description": "Its name", "example": "topic"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    text = fields.Nested(BilingualOut, required=True, metadata={"description": "As it is asked"})
    answered = fields.Integer(
        required=True, allow_none=True, metadata={"description": f"Persons who answered it, each once; {_FEW}"}
    )
    answers = fields.List(
        fields.Nested(AnswerCountOut),
        required=True,
        metadata={"description": "Choices or steps in their order; none for numbers, dates and free texts"},
    )
    mean = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Of scales and numbers; null for other kinds and for few people", "example": 3.4},
    )


class AnswersOut(Schema):
    """Answers as of a moment."""

    rows = fields.List(
        fields.Nested(AnswerRowOut),
        required=True,
        metadata={"description": "Questions of versions that anybody answered, the newest version first"},
    )
    frozen = fields.Boolean(
        required=True, metadata={"description": "While people vote figures are for headquarters alone (s.126A)"}
    )
    rounded_to = rounded_to_field()
    as_of = UtcTime(required=True, metadata={"description": "When this was counted"})
