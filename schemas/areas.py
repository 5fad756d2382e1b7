"""The shapes of places."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BilingualOut, PagedQuery, Reference, Text, page_schema

KINDS = ("state", "district", "constituency", "part", "section")


class AreaQuery(PagedQuery):
    """Which places."""

    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))
    parent = Reference("area", metadata={"description": "Id of the place directly above", "example": "ac-24"})
    q = Text(
        load_default=None,
        shortest=1,
        longest=80,
        metadata={"description": "Start of a name in either script, or a code"},
    )


class AreaOut(Schema):
    """A place."""

    id = fields.String(required=True, metadata={"example": "ac-24-17"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    code = fields.String(required=True, metadata={"example": "24/17"})
    name = fields.Nested(BilingualOut, required=True)
    parent_id = fields.String(required=True, allow_none=True)
    aliases = fields.List(fields.String(), required=True)


AreaPageOut = page_schema(AreaOut)
