"""The shapes of reports about volunteers, and of the day's digest."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import Identifier, PagedQuery, Query, Reference, UtcTime, page_schema, rounded_to_field
from schemas.reports import FiguresOut
from services.domain.people.users import STATES

_FIRST = {"description": "First day, in Indian time"}
_LAST = {"description": "Last day, in Indian time"}
_MOST_ROWS = 200
_FEW = "null where it is fewer than ten, for observers and experts"


class LeaderboardQuery(Query):
    """Who is ranked, by which days' work."""

    campaign_id = Identifier(required=True)
    by = fields.String(
        load_default=None,
        validate=validate.OneOf(("volunteer", "district")),
        metadata={"description": "Volunteers for headquarters and coordinators, districts for all; without it the one"},
    )
    from_on = fields.Date(load_default=None, data_key="from", metadata=_FIRST)
    to_on = fields.Date(load_default=None, data_key="to", metadata=_LAST)
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, _MOST_ROWS), metadata={"description": "So many of the first"}
    )


class LeaderRowOut(FiguresOut):
    """One place in the ranking."""

    rank = fields.Integer(required=True, metadata={"description": "From 1; equal figures share one"})
    key = fields.String(required=True, metadata={"description": "Id of the volunteer or the district"})
    label = fields.String(required=True, metadata={"description": "Their name"})


class LeaderboardOut(Schema):
    """Ranked by people spoken with, then by the fewer attempts."""

    by = fields.String(required=True, metadata={"description": "What the rows are of", "example": "volunteer"})
    rows = fields.List(fields.Nested(LeaderRowOut), required=True, metadata={"description": "The best first"})
    rounded_to = rounded_to_field()
    as_of = UtcTime(required=True, metadata={"description": "When this was counted"})


class VolunteersQuery(PagedQuery):
    """Whose volunteers, which days' work."""

    campaign_id = Identifier(required=True)
    area = Reference(
        "district", metadata={"description": "Home district; a coordinator sees the own", "example": "rj-churu"}
    )
    from_on = fields.Date(load_default=None, data_key="from", metadata=_FIRST)
    to_on = fields.Date(load_default=None, data_key="to", metadata=_LAST)


class VolunteerRowOut(FiguresOut):
    """What one volunteer has done."""

    user_id = fields.String(required=True)
    name = fields.String(required=True, metadata={"example": "सीता देवी"})
    home_area = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    days_worked = fields.Integer(required=True, metadata={"description": "Days with at least one attempt"})
    last_worked_on = fields.Date(required=True, allow_none=True, metadata={"description": "The last such day"})


VolunteerRowPageOut = page_schema(VolunteerRowOut)


class DigestQuery(Query):
    """Which day's digest."""

    campaign_id = Reference("campaign", metadata={"description": "One campaign; else the live ones, at most 5"})
    on = fields.Date(load_default=None, metadata={"description": "The day, in Indian time; without it today"})


class DigestFiguresOut(Schema):
    """A day's sums."""

    volunteers = fields.Integer(
        required=True, allow_none=True, metadata={"description": f"Volunteers who made an attempt; {_FEW}"}
    )
    attempts = fields.Integer(required=True, allow_none=True, metadata={"description": f"Attempts made; {_FEW}"})
    contacted = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Attempts in which somebody was spoken with"}
    )
    opt_outs = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Attempts that ended in an opt-out"}
    )
    late = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Told after the work was taken away"}
    )


class DigestDistrictOut(Schema):
    """A district among the first of the day."""

    key = fields.String(required=True, metadata={"description": "Id of the district", "example": "rj-churu"})
    label = fields.String(required=True, metadata={"description": "Its name in the reader's language"})
    attempts = fields.Integer(required=True, metadata={"description": "Attempts of its volunteers that day"})
    contacted = fields.Integer(
        required=True, allow_none=True, metadata={"description": f"Of these, those that reached somebody; {_FEW}"}
    )


class DigestItemOut(Schema):
    """One campaign's day."""

    campaign_id = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "The campaign's name", "example": "Sujangarh"})
    day = fields.Nested(DigestFiguresOut, required=True, metadata={"description": "The day itself"})
    day_before = fields.Nested(DigestFiguresOut, required=True, metadata={"description": "The day before it"})
    people = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(allow_none=True),
        required=True,
        metadata={"description": "Stages of the funnel so far, by key", "example": {"spoken": 1200}},
    )
    districts = fields.List(
        fields.Nested(DigestDistrictOut), required=True, metadata={"description": "The first three of the day"}
    )
    text = fields.String(required=True, metadata={"description": "The digest in a sentence, to be passed on"})


class DigestOut(Schema):
    """The day in short."""

    on = fields.Date(required=True, metadata={"description": "Which day"})
    campaigns = fields.List(fields.Nested(DigestItemOut), required=True, metadata={"description": "One a campaign"})
    rounded_to = rounded_to_field()
    as_of = UtcTime(required=True, metadata={"description": "When this was counted"})
