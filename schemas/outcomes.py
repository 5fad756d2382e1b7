"""The shapes of what phones tell: outcomes, receipts, and conflicts for a coordinator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate

from schemas.base import BodyIn, Flag, Identifier, PagedQuery, Pattern, Text, UtcTime, channel_field, page_schema

MOST_OUTCOMES = 500
_LONGEST_CALL = 24 * 3600


class PhoneUuid(fields.String):
    """A UUID that the phone made, in its canonical form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        try:
            return str(UUID(text)) if len(text) in {32, 36} else _refuse()
        except ValueError as error:
            raise ValidationError("uuid_invalid") from error


def _refuse() -> str:
    raise ValidationError("uuid_invalid")


class GivenIn(BodyIn):
    """Something a person gave: another number, a handle; it waits for a coordinator."""

    kind = fields.String(required=True, validate=validate.OneOf(("phone", "whatsapp", "facebook", "instagram", "x")))
    value = Text(shortest=1, longest=200, required=True)
    consent = Flag(required=True)
    notice_version = Text(shortest=1, longest=40, required=True)


class OutcomeIn(BodyIn):
    """One attempt, as the phone tells it."""

    id = PhoneUuid(metadata={"format": "uuid", "example": "6f1f3c0e-52ba-4d0e-9d53-5a4b4c1f2c11"})
    batch_id = Identifier(required=True)
    item_id = Identifier(required=True)
    contact_id = Identifier(allow_none=True)
    channel = channel_field(required=True)
    disposition = Text(shortest=1, longest=40, required=True, metadata={"example": "no_answer"})
    occurred_at = UtcTime(required=True)
    duration_s = fields.Integer(strict=True, allow_none=True, validate=validate.Range(max=_LONGEST_CALL))
    answers = fields.Dict(keys=Text(shortest=1, longest=80), allow_none=True, validate=validate.Length(max=50))
    support = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 5))
    callback_at = UtcTime(allow_none=True)
    note = Text(longest=1000, allow_none=True)
    given = fields.List(fields.Nested(GivenIn), allow_none=True, validate=validate.Length(max=10))
    template_version = Text(longest=40, allow_none=True)
    script_version = Text(
        longest=40,
        allow_none=True,
        metadata={"description": "`<script id>:<version>`, or the version alone; answers are held against it"},
    )
    app_version = Text(longest=40, allow_none=True)
    corrects = PhoneUuid(allow_none=True)
    language = fields.String(
        allow_none=True,
        validate=Pattern(r"^[a-z]{2,3}$"),
        metadata={"description": "With `language_barrier`: what the person speaks, as `mwr`"},
    )


class UploadIn(BodyIn):
    """Many outcomes at once; each is judged by itself."""

    outcomes = fields.List(
        # Anything is taken, since a wrong one is refused in its own receipt and spoils no other.
        fields.Raw(allow_none=True, metadata={"anyOf": [{"$ref": "#/components/schemas/OutcomeIn"}, {}]}),
        required=True,
        validate=validate.Length(1, MOST_OUTCOMES),
        metadata={"description": "Each as in PUT, with its id"},
    )
    sent_at = UtcTime(load_default=None, metadata={"description": "The phone's clock when it sent this"})
    installation_id = Identifier(load_default=None)


class ReceiptOut(Schema):
    """What became of one outcome."""

    id = fields.String(required=True, allow_none=True)
    status = fields.String(
        required=True, validate=validate.OneOf(("stored", "duplicate", "late", "conflict", "rejected"))
    )
    code = fields.String(metadata={"description": "Why it was rejected, or `outcome_conflict`"})
    detail = fields.String(metadata={"description": "The same for a person, in the language of the request"})
    field = fields.String(metadata={"description": "Path of the field that was wrong", "example": "callback_at"})
    flags = fields.List(
        fields.String(validate=validate.OneOf(("forbidden_time", "clock_skew", "held", "support_not_taken"))),
        metadata={
            "description": "`held`: from a phone reported lost; it counts once a coordinator has accepted it. "
            "`support_not_taken`: told while people vote, when support is not asked"
        },
    )


class ReceiptsOut(Schema):
    """One receipt an outcome, in the order sent."""

    receipts = fields.List(fields.Nested(ReceiptOut), required=True)


class ConflictQuery(PagedQuery):
    """The open conflicts of one's own volunteers."""


class ToldOut(Schema):
    """One of two contents under one id."""

    fingerprint = fields.String(required=True)
    disposition = fields.String(required=True)
    occurred_at = UtcTime(required=True)
    received_at = UtcTime(required=True)
    status = fields.String()


class ConflictOut(Schema):
    """Two contents under one id; a coordinator says which one stands."""

    id = fields.String(required=True)
    outcome_id = fields.String(required=True)
    user_id = fields.String(required=True)
    batch_id = fields.String(required=True)
    item_id = fields.String(required=True)
    channel = fields.String(required=True)
    stored = fields.Nested(ToldOut, required=True)
    other = fields.Nested(ToldOut, required=True)


ConflictPageOut = page_schema(ConflictOut)


class HeldQuery(PagedQuery):
    """What waits from one's own volunteers."""

    session_id = Identifier(load_default=None, metadata={"description": "The sign-in whose phone is lost"})


class HeldOut(Schema):
    """An outcome from a phone that was reported lost."""

    id = fields.String(required=True)
    outcome_id = fields.String(required=True)
    user_id = fields.String(required=True)
    session_id = fields.String(required=True)
    batch_id = fields.String(required=True)
    item_id = fields.String(required=True)
    channel = fields.String(required=True)
    disposition = fields.String(required=True)
    occurred_at = UtcTime(required=True)
    received_at = UtcTime(required=True)
    flags = fields.List(fields.String(), required=True)
    state = fields.String(required=True, validate=validate.OneOf(("open", "accepting", "accepted", "dropped")))


HeldPageOut = page_schema(HeldOut)


def _decision() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(("accept", "drop")),
        metadata={"description": "Whether it counts from now on, or never"},
    )


class DecisionIn(BodyIn):
    """What becomes of a held outcome."""

    decision = _decision()


class PhoneDecisionIn(BodyIn):
    """What becomes of all that one lost phone told."""

    session_id = Identifier(required=True)
    decision = _decision()


class PhoneDecisionOut(Schema):
    """How many outcomes were settled."""

    settled = fields.Integer(required=True, metadata={"description": "How many outcomes were accepted or dropped"})
    more = fields.Boolean(required=True, metadata={"description": "Whether others of the phone still wait: ask again"})


class SettleIn(BodyIn):
    """Which content stands."""

    keep = Text(
        shortest=1,
        longest=64,
        required=True,
        metadata={"description": "The fingerprint of the content that stands, or `none`"},
    )


class SettledOut(Schema):
    """How a conflict ended."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    keep = fields.String(required=True)
