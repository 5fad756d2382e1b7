"""The shapes of exports: files that are handed out for a purpose."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Flag, Identifier, PagedQuery, Text, UtcTime, page_schema
from schemas.reports import BY
from services.domain.exports.exports import FORMATS, KINDS, STATES

_FILTER = {"description": "What of them", "example": {"campaign_id": "01m83jzv0175bq8zry1grw1d", "area": "ac-24"}}


class ExportFilterIn(BodyIn):
    """What of a kind is wanted; each kind takes some of these."""

    campaign_id = Identifier(metadata={"description": "For contacts, outcomes, progress and volunteers: required"})
    area = Identifier(metadata={"description": "Contacts and outcomes in a place; volunteers of a district"})
    audience_id = Identifier(metadata={"description": "Contacts of an audience"})
    by = fields.String(validate=validate.OneOf(BY), metadata={"description": "What rows of progress are of"})
    actor = Identifier(metadata={"description": "Audit entries of a person"})
    action = Identifier(metadata={"description": "Audit entries of an action", "example": "batch.open"})
    from_ = fields.Date(data_key="from", attribute="from", metadata={"description": "First day, in Indian time"})
    to = fields.Date(metadata={"description": "Last day, in Indian time"})


class ExportIn(BodyIn):
    """A file that is wanted, and why."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"description": "Rows of what"})
    filter = fields.Nested(ExportFilterIn, load_default=dict, metadata=_FILTER)
    purpose = Text(
        shortest=3,
        longest=300,
        required=True,
        metadata={"description": "What it is for; kept with the export", "example": "Letters to part 17"},
    )
    personal = Flag(
        load_default=False, metadata={"description": "With names and the like: a second person approves it first"}
    )
    numbers = Flag(load_default=False, metadata={"description": "With phone numbers too; personal only"})
    format = fields.String(
        load_default="csv", validate=validate.OneOf(FORMATS), metadata={"description": "What file it is"}
    )


class ExportsQuery(PagedQuery):
    """Which exports."""

    state = fields.String(
        load_default=None,
        validate=validate.OneOf(("waiting", "approved", "rejected", "ready")),
        metadata={"description": "Where they stand"},
    )


class ExportRejectIn(BodyIn):
    """Why not."""

    reason = Text(shortest=3, longest=300, required=True, metadata={"example": "Not needed for this"})


class ExportOut(Schema):
    """An export and where it stands."""

    id = fields.String(required=True, attribute="_id")
    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"description": "Rows of what"})
    filter = fields.Function(
        lambda export: export["filter"],
        metadata={"type": "object", "description": "What of them", "example": {"campaign_id": "01m8f9nmg6b7s4cdq5"}},
    )
    purpose = fields.String(required=True, metadata={"description": "What it is for"})
    personal = fields.Boolean(required=True, metadata={"description": "Whether it has names and the like"})
    numbers = fields.Boolean(required=True, metadata={"description": "Whether it has phone numbers"})
    format = fields.String(required=True, validate=validate.OneOf(FORMATS), metadata={"description": "What file it is"})
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={"description": "Waits for a second person, is made, refused, there, or gone after 24 hours"},
    )
    asked_by = fields.String(required=True, metadata={"description": "Id of who asked; only they get the file"})
    asked_at = UtcTime(required=True)
    decided_by = fields.String(required=True, allow_none=True, metadata={"description": "Id of the second person"})
    decided_at = UtcTime(required=True, allow_none=True, metadata={"description": "When they decided"})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it was refused"})
    rows = fields.Integer(required=True, allow_none=True, metadata={"description": "Rows of the file"})
    left_out = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "People who were left out, by reason", "example": {"suppressed": 3}},
    )
    withheld = fields.Function(
        lambda export: export.get("withheld", {}),
        metadata={
            "type": "object",
            "description": "People whose numbers were asked for and not given, under each reason of the rules",
            "example": {"silence": 12},
        },
    )
    expires_at = UtcTime(required=True, allow_none=True, metadata={"description": "Until when the file is there"})


ExportPageOut = page_schema(ExportOut)
