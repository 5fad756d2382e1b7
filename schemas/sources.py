"""The shapes of declared sources."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import UtcTime, page_schema
from services.domain.sheets.sources import BASES, KINDS


class SourceOut(Schema):
    """A source as an import declared it, and who has attested it."""

    id = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "What the list is called"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"description": "What it is"})
    lawful_basis = fields.String(
        required=True,
        validate=validate.OneOf(BASES),
        metadata={"description": "On which every field rests that `field_basis` does not name"},
    )
    collected_on = fields.String(required=True, metadata={"format": "date", "description": "When it was gathered"})
    notice_version = fields.String(required=True, allow_none=True)
    field_basis = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf(BASES)),
        required=True,
        metadata={"description": "Import field to its own lawful basis"},
    )
    claims_consent = fields.Boolean(
        required=True, metadata={"description": "Whether a second person is to attest it: something rests on consent"}
    )
    declared_by = fields.String(required=True, metadata={"description": "Id of the person who brought it in first"})
    declared_at = UtcTime(required=True, metadata={"type": "string", "description": "When it was brought in first"})
    attested_by = fields.String(
        required=True, allow_none=True, metadata={"description": "Id of the second person who vouches for the consent"}
    )
    attested_at = UtcTime(
        required=True, allow_none=True, metadata={"type": "string", "description": "When they attested it"}
    )


SourcePageOut = page_schema(SourceOut)
