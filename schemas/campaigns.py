"""The shapes of campaigns, poll hours, the Model Code and kill switches."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Flag, Identifier, PagedQuery, Text, UtcTime, channel_field, page_schema

STATES = ("draft", "active", "paused", "closed")
_MOST_SEATS = 250
_REFILL = {"description": "Every active volunteer is kept at one open batch, within caps and rules"}


class HelpersIn(BodyIn):
    """Which districts help in a constituency."""

    constituency = Identifier(required=True, metadata={"example": "ac-24"})
    districts = fields.List(Identifier(), required=True, validate=validate.Length(max=100))


class CampaignIn(BodyIn):
    """A new campaign."""

    name = Text(shortest=1, longest=200, required=True, metadata={"example": "Sujangarh by-election"})
    constituencies = fields.List(Identifier(), required=True, validate=validate.Length(1, _MOST_SEATS))
    helpers = fields.List(
        fields.Nested(HelpersIn),
        validate=validate.Length(max=_MOST_SEATS),
        metadata={"description": "None: every district helps everywhere"},
    )
    channels = fields.List(channel_field(), required=True, validate=validate.Length(1, 7))
    default_locale = fields.String(load_default="hi", validate=validate.OneOf(("hi", "en")))
    auto_refill = Flag(load_default=False, metadata=_REFILL)
    rules = fields.Dict(
        keys=fields.String(), metadata={"description": "Laid over the defaults; what allows more waits for approval"}
    )


class CampaignPatch(BodyIn):
    """What of a campaign is to change."""

    name = Text(shortest=1, longest=200, metadata={"example": "Sujangarh by-election"})
    constituencies = fields.List(Identifier(), validate=validate.Length(1, _MOST_SEATS))
    helpers = fields.List(fields.Nested(HelpersIn), validate=validate.Length(max=_MOST_SEATS))
    channels = fields.List(channel_field(), validate=validate.Length(1, 7))
    default_locale = fields.String(validate=validate.OneOf(("hi", "en")))
    auto_refill = Flag(metadata=_REFILL)


class HelpersOut(Schema):
    """Which districts help in a constituency."""

    constituency = fields.String(required=True)
    districts = fields.List(fields.String(), required=True)


class KillSwitchOut(Schema):
    """A stop that is on."""

    channel = fields.String(required=True, allow_none=True)
    template_id = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    set_by = fields.String(required=True)
    set_at = UtcTime(required=True)


class CampaignOut(Schema):
    """A campaign."""

    id = fields.String(required=True, attribute="_id")
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    constituencies = fields.List(fields.String(), required=True)
    helpers = fields.List(fields.Nested(HelpersOut), required=True)
    channels = fields.List(fields.String(), required=True)
    default_locale = fields.String(required=True)
    auto_refill = fields.Boolean(dump_default=False, metadata=_REFILL)
    kill_switches = fields.Function(
        lambda campaign: KillSwitchOut(many=True).dump([one for one in campaign["kill_switches"] if one["on"]]),
        metadata={"type": "array", "items": {"type": "object"}},
    )
    created_at = UtcTime(required=True)
    version = fields.Integer(required=True)


CampaignPageOut = page_schema(CampaignOut)


class CampaignQuery(PagedQuery):
    """Which campaigns."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class PollIn(BodyIn):
    """Poll hours; two nulls withdraw them."""

    opens_at = UtcTime(required=True, allow_none=True)
    closes_at = UtcTime(required=True, allow_none=True)


class PollOut(Schema):
    """Poll hours as they hold in a place."""

    area_id = fields.String(required=True)
    opens_at = UtcTime(required=True, allow_none=True)
    closes_at = UtcTime(required=True, allow_none=True)
    set_on = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The place whose hours these are; a part's beat its constituency's"},
    )
    version = fields.Integer(required=True)


class ModelCodeIn(BodyIn):
    """The time in which the Model Code is in force; `to` null: until further notice; both null: withdrawn."""

    starts_at = UtcTime(required=True, allow_none=True, data_key="from")
    ends_at = UtcTime(load_default=None, allow_none=True, data_key="to")


class ModelCodeOut(Schema):
    """The time in which the Model Code is in force."""

    starts_at = UtcTime(required=True, allow_none=True, data_key="from", attribute="from")
    ends_at = UtcTime(required=True, allow_none=True, data_key="to", attribute="to")
    version = fields.Integer(required=True)


class KillSwitchIn(BodyIn):
    """Stop everything, one channel, or one template; `on: false` lifts the same stop, by another person."""

    on = Flag(required=True)
    channel = channel_field(load_default=None, allow_none=True)
    template_id = Identifier(load_default=None, allow_none=True)
    reason = Text(shortest=1, longest=500, required=True)


class KillSwitchesOut(Schema):
    """The stops that are on."""

    kill_switches = fields.List(fields.Nested(KillSwitchOut), required=True)
