"""The shapes of reports."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import Identifier, Query, UtcTime, rounded_to_field

BY = ("district", "constituency", "part", "volunteer", "channel", "day")


class ProgressQuery(Query):
    """Which rows, of which days."""

    campaign_id = Identifier(required=True, metadata={"description": "Whose progress"})
    by = fields.String(
        load_default="constituency", validate=validate.OneOf(BY), metadata={"description": "What each row is of"}
    )
    from_on = fields.Date(load_default=None, data_key="from", metadata={"description": "First day, in Indian time"})
    to_on = fields.Date(load_default=None, data_key="to", metadata={"description": "Last day, in Indian time"})


class StreamQuery(Query):
    """Which rows a stream tells of."""

    campaign_id = Identifier(required=True, metadata={"description": "Whose progress"})
    by = fields.String(
        load_default="constituency",
        validate=validate.OneOf(tuple(name for name in BY if name not in {"part", "volunteer"})),
        metadata={"description": "What each row is of; parts and volunteers are too many to be told again and again"},
    )


class FiguresOut(Schema):
    """What every sum of attempts says; null, or left out of `outcomes`, where it is of too few people to be told."""

    attempts = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Attempts made, those told late left out"}
    )
    contacted = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Attempts in which somebody was spoken with"}
    )
    outcomes = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Attempts by disposition, a message by its furthest step", "example": {"busy": 2}},
    )
    opt_outs = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Attempts that ended in an opt-out"}
    )
    late = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Told after the work was taken away; outside `attempts`"},
    )
    contact_rate = fields.Float(required=True, allow_none=True, metadata={"description": "contacted / attempts"})


class ProgressRowOut(FiguresOut):
    """One row of progress."""

    key = fields.String(required=True, metadata={"description": "Id of what the row is by", "example": "ac-24"})
    label = fields.String(required=True, metadata={"description": "Its name in the reader's language"})
    targets = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "People to be contacted; null where rows are not by place"},
    )
    support = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Attempts by support as told, 1 to 5, 0 not asked", "example": {"2": 7}},
    )


class ProgressReportOut(Schema):
    """Progress as of a moment."""

    rows = fields.List(fields.Nested(ProgressRowOut), required=True, metadata={"description": "Sorted by key"})
    unverified = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={
            "description": "Outcomes that only the volunteer's word stands for, as they are to be called: the phone's "
            "own app sends, and tells nobody whether it did",
            "example": {"declared_sent": "Sent, by the volunteer's word"},
        },
    )
    rounded_to = rounded_to_field()
    as_of = UtcTime(required=True, metadata={"description": "When this was counted"})


class OwnPeriodOut(FiguresOut):
    """A volunteer's own sums of some days."""

    from_on = fields.Date(required=True, data_key="from", metadata={"description": "First day, in Indian time"})
    to_on = fields.Date(required=True, data_key="to", metadata={"description": "Last day: today, in Indian time"})


class OwnCampaignOut(FiguresOut):
    """A volunteer's own sums of one campaign."""

    campaign_id = fields.String(required=True, metadata={"description": "Which campaign"})
    name = fields.String(required=True, metadata={"description": "The campaign's name", "example": "Sujangarh"})


class OwnStatsOut(Schema):
    """A volunteer's own day, week (from Monday) and campaigns, as of a moment."""

    day = fields.Nested(OwnPeriodOut, required=True, metadata={"description": "Today"})
    week = fields.Nested(OwnPeriodOut, required=True, metadata={"description": "From Monday until today"})
    campaigns = fields.List(
        fields.Nested(OwnCampaignOut), required=True, metadata={"description": "Each campaign ever worked for"}
    )
    as_of = UtcTime(required=True, metadata={"description": "When this was counted"})
