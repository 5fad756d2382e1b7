"""The shapes of remembered mappings."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import UtcTime, page_schema
from services.domain.sheets.sources import KINDS


class SheetMappingOut(Schema):
    """What somebody said of the columns of a list's sheets; it holds for the next one with the same headings."""

    id = fields.String(required=True)
    source_name = fields.String(required=True, metadata={"description": "The list's name, as its source declared it"})
    source_kind = fields.String(
        required=True, validate=validate.OneOf(KINDS), metadata={"description": "What kind of list it is"}
    )
    mapping = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        required=True,
        metadata={"description": "Import field to the sheet's column, null: none; the rest is guessed"},
    )
    saved_by = fields.String(required=True, metadata={"description": "Id of the person who said so"})
    saved_at = UtcTime(required=True, metadata={"type": "string", "description": "When it was said"})


SheetMappingPageOut = page_schema(SheetMappingOut)
