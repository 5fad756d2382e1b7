"""The shapes of reports."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import Identifier, Query, UtcTime

BY = ("district", "constituency", "part", "volunteer", "channel", "day")


class ProgressQuery(Query):
    """Which rows, of which days."""

    campaign_id = Identifier(required=True)
    by = fields.String(load_default="constituency", validate=validate.OneOf(BY))
    from_on = fields.Date(load_default=None, data_key="from", metadata={"description": "First day, in Indian time"})
    to_on = fields.Date(load_default=None, data_key="to", metadata={"description": "Last day, in Indian time"})


class ProgressRowOut(Schema):
    """One row of progress."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    targets = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "People to be contacted; null where rows are not by place"},
    )
    contacted = fields.Integer(required=True, metadata={"description": "Attempts in which somebody was spoken with"})
    attempts = fields.Integer(required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    support = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    opt_outs = fields.Integer(required=True)
    late = fields.Integer(
        required=True, metadata={"description": "Told after the work was taken away; outside `attempts`"}
    )
    contact_rate = fields.Float(required=True, allow_none=True, metadata={"description": "contacted / attempts"})


class ProgressReportOut(Schema):
    """Progress as of a moment."""

    rows = fields.List(fields.Nested(ProgressRowOut), required=True)
    as_of = UtcTime(required=True)
