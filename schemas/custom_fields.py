"""The shapes of custom fields, and of tags put on many."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import (
    BilingualIn,
    BilingualOut,
    BodyIn,
    Identifier,
    PagedQuery,
    Pattern,
    Query,
    Text,
    UtcTime,
    page_schema,
)
from services.audiences.custom_fields import KINDS
from services.domain.sheets.cells import MAX_TAG, MAX_TAGS

_MOST_NAMED = 10_000


class FieldsQuery(PagedQuery):
    """A page of a campaign's fields."""


class FieldIn(BodyIn):
    """A new custom field."""

    name = fields.String(
        required=True,
        validate=Pattern(r"^[a-z][a-z0-9_]{0,39}$"),
        metadata={"description": "Its name in queries", "example": "first_vote"},
    )
    label = fields.Nested(BilingualIn, required=True, metadata={"description": "What people read"})
    kind = fields.String(
        required=True, validate=validate.OneOf(KINDS), metadata={"description": "What it holds", "example": "boolean"}
    )
    options = fields.List(
        Text(shortest=1, longest=60),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 50),
        metadata={"description": "With `choice`: what may be chosen"},
    )


class FieldOut(Schema):
    """A custom field."""

    name = fields.String(required=True, metadata={"description": "Its name in queries", "example": "first_vote"})
    label = fields.Nested(BilingualOut, required=True, metadata={"description": "What people read"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"description": "What it holds"})
    options = fields.List(fields.String(), required=True, metadata={"description": "With `choice`: what may be chosen"})
    created_by = fields.String(required=True)
    created_at = UtcTime(required=True)


FieldPageOut = page_schema(FieldOut)


class FieldValuesQuery(Query):
    """Of which campaign."""

    campaign_id = Identifier(required=True)


class FieldValuesIn(BodyIn):
    """What is known of a person."""

    campaign_id = Identifier(required=True)
    values = fields.Dict(
        keys=Text(shortest=1, longest=40),
        values=fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(1, 50),
        metadata={"description": "Field to value; null takes it away", "example": {"first_vote": True}},
    )


class FieldToldOut(Schema):
    """A value of a field that does not hold."""

    name = fields.String(required=True, metadata={"description": "The field", "example": "first_vote"})
    value = fields.Raw(required=True, metadata={"description": "What was told", "example": False})
    source_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The source that told it; null: written by hand"}
    )


class FieldValuesOut(Schema):
    """What is known of a person by field."""

    values = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        required=True,
        metadata={"description": "Field to value", "example": {"first_vote": True}},
    )
    told_differently = fields.List(
        fields.Nested(FieldToldOut),
        required=True,
        metadata={"description": "What other sheets told, or what a person here has corrected"},
    )


class TagsIn(BodyIn):
    """Tags for an audience, an area, or named people of a campaign; without any of these for all its people."""

    campaign_id = Identifier(required=True)
    audience_id = Identifier(load_default=None, allow_none=True)
    area = Identifier(load_default=None, allow_none=True)
    contact_ids = fields.List(
        Identifier(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, _MOST_NAMED),
        metadata={"description": "Ids of contacts"},
    )
    add = fields.List(
        Text(shortest=1, longest=MAX_TAG),
        load_default=list,
        validate=validate.Length(max=MAX_TAGS),
        metadata={"description": "Tags to put on", "example": ["first_time_voter"]},
    )
    remove = fields.List(
        Text(shortest=1, longest=MAX_TAG),
        load_default=list,
        validate=validate.Length(max=MAX_TAGS),
        metadata={"description": "Tags to take off"},
    )
