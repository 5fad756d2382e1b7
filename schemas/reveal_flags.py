"""The shapes of flags about revealed numbers."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, PagedQuery, Reference, Text, UtcTime, page_schema
from services.domain.batches.reveal_watch import EXPLAINED, KINDS, MISUSE, STATES


class OpenedOut(Schema):
    """One opening of a batch."""

    batch_id = fields.String(required=True)
    at = UtcTime(required=True, metadata={"description": "When its numbers were revealed"})
    revealed = fields.Integer(required=True, metadata={"description": "Numbers that it revealed"})
    attempted = fields.Integer(required=True, metadata={"description": "Of these, those that were tried"})
    released = fields.Boolean(required=True, metadata={"description": "Whether the batch was given back since"})


class EvidenceOut(Schema):
    """Why: numbers and batches, nobody who was to be called."""

    revealed = fields.Integer(required=True, metadata={"description": "Numbers revealed that day"})
    attempted = fields.Integer(required=True, metadata={"description": "Of these, those that were tried"})
    openings = fields.List(fields.Nested(OpenedOut), required=True, metadata={"description": "What was opened"})
    peers = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "With `above_peers`: other volunteers of the district who worked that day"},
    )
    peers_median = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "With `above_peers`: the median of the numbers revealed to them"},
    )


class RevealFlagOut(Schema):
    """A day of a volunteer on which revealed numbers look wrong."""

    id = fields.String(required=True, attribute="_id", metadata={"example": "2026-11-23:01m8f9nmg6b7s4:above_peers"})
    day = fields.Date(required=True, metadata={"description": "The Indian day"})
    user_id = fields.String(required=True)
    district_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The volunteer's home, whose coordinator is asked"}
    )
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    evidence = fields.Nested(EvidenceOut, required=True, metadata={"description": "What it rests on"})
    note = fields.String(required=True, allow_none=True, metadata={"description": "Of whoever settled it"})
    settled_by = fields.String(required=True, allow_none=True, metadata={"description": "Id of whoever settled it"})
    settled_at = UtcTime(required=True, allow_none=True, metadata={"description": "When it was settled"})
    created_at = UtcTime(required=True)
    updated_at = UtcTime(required=True)
    version = fields.Integer(required=True)


RevealFlagPageOut = page_schema(RevealFlagOut)


class RevealFlagsQuery(PagedQuery):
    """Which flags."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    user_id = Reference("person", metadata={"description": "Of one volunteer"})


class SettleFlagIn(BodyIn):
    """What was behind a flag."""

    finding = fields.String(
        required=True,
        validate=validate.OneOf((EXPLAINED, MISUSE)),
        metadata={"description": "`explained`: nothing wrong; `misuse`: what to do about the person is another step"},
    )
    note = Text(shortest=1, longest=1000, load_default=None, allow_none=True)
