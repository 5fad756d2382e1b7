"""The shapes of the rules as a phone gets them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import UtcTime, channel_field
from schemas.campaigns import STATES
from schemas.rules import RuleFieldsOut


class SwitchOut(Schema):
    """A stop that is on; null stands for any."""

    channel = channel_field(
        required=True, allow_none=True, metadata={"description": "The channel that is stopped; null: all"}
    )
    template_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The template that is stopped; null: all"}
    )


class PhoneSilenceOut(Schema):
    """A silence in one place, worked out to the second."""

    area_id = fields.String(required=True, metadata={"description": "A part's own, else its constituency's"})
    channels = fields.List(channel_field(), required=True, metadata={"description": "What is silent"})
    start = UtcTime(required=True, data_key="from", attribute="from", metadata={"description": "When it begins"})
    end = UtcTime(required=True, data_key="to", attribute="to", metadata={"description": "The close of poll"})


class LeftTodayOut(Schema):
    """How many numbers may still be revealed on a day."""

    day = fields.String(required=True, metadata={"description": "The Indian day that it is about"})
    call = fields.Integer(required=True, metadata={"description": "Numbers to call"})
    message = fields.Integer(required=True, metadata={"description": "Numbers to write to"})


class CampaignRulesOut(RuleFieldsOut):
    """The live rules of a campaign."""

    campaign_id = fields.String(required=True, metadata={"description": "The campaign they hold for"})
    valid_until = UtcTime(
        required=True, metadata={"description": "Past it the phone shows nothing of this campaign until it has synced"}
    )
    kill_switches = fields.List(
        fields.Nested(SwitchOut), required=True, metadata={"description": "Stops of this campaign that are on"}
    )
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={"description": "Numbers are shown while it is `active`"},
    )
    silences = fields.List(
        fields.Nested(PhoneSilenceOut),
        required=True,
        metadata={"description": "Where the volunteer works; none while no poll is announced there"},
    )
    left_today = fields.Nested(
        LeftTodayOut, required=True, metadata={"description": "What the day's caps leave to this volunteer"}
    )


class SyncRulesOut(Schema):
    """The rules, whole when they are new or run out soon, else `valid_until` alone; past it the phone shows nothing."""

    valid_until = UtcTime(required=True, metadata={"description": "The earliest of all campaigns"})
    model_code = fields.Dict(allow_none=True, metadata={"description": "`{from, to}`"})
    polls = fields.Dict(metadata={"description": "`{area id: {opens_at, closes_at}}` where the volunteer works"})
    kill_switches = fields.List(
        fields.Nested(SwitchOut), metadata={"description": "Stops of the whole state that are on"}
    )
    paused = fields.Boolean(metadata={"description": "The volunteer's work rests after complaints: nothing is shown"})
    campaigns = fields.List(fields.Nested(CampaignRulesOut), metadata={"description": "The rules of each campaign"})
