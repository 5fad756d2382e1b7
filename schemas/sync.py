"""The shapes of a phone's sync; the answer is written straight to bytes, these schemas describe it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import Query, UtcTime, channel_field
from schemas.batches import CountsOut, ItemOut
from schemas.campaigns import STATES, RuleFieldsOut
from schemas.tasks import MyTaskOut

_MOST_PENDING = 1_000_000


class SyncQuery(Query):
    """What the phone knows, and how it fares."""

    cursor = fields.String(
        load_default=None,
        metadata={"description": "From the last answer; any that is not known, or not one's own, starts afresh"},
    )
    sent_at = UtcTime(load_default=None, metadata={"description": "The time by the phone's clock"})
    pending = fields.Integer(
        load_default=None,
        validate=validate.Range(0, _MOST_PENDING),
        metadata={"description": "Outcomes that wait on the phone"},
    )
    oldest_pending_at = UtcTime(load_default=None)
    app_version = fields.String(load_default=None, validate=validate.Length(max=40))


class SyncCampaignOut(Schema):
    """A campaign where the volunteer works or may claim work."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    channels = fields.List(channel_field(), required=True)
    constituencies = fields.List(fields.String(), required=True)
    default_locale = fields.String(required=True)


class SyncBatchOut(Schema):
    """A batch in the volunteer's hands: masked before it is opened, then with the numbers that may be used."""

    id = fields.String(required=True)
    campaign_id = fields.String(required=True)
    channel = channel_field(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("assigned", "active")))
    size = fields.Integer(required=True)
    counts = fields.Nested(CountsOut, required=True)
    due_at = UtcTime()
    assigned_at = UtcTime()
    opened_at = UtcTime()
    items = fields.List(fields.Nested(ItemOut), required=True)


class RemovedOut(Schema):
    """Ids that the phone drops, by kind."""

    campaigns = fields.List(fields.String(), required=True)
    batches = fields.List(fields.String(), required=True)
    tasks = fields.List(fields.String(), required=True)
    scripts = fields.List(fields.String(), required=True)
    templates = fields.List(fields.String(), required=True)
    answers = fields.List(fields.String(), required=True)


class PurgeOut(Schema):
    """What the phone wipes at once, outcomes that are not uploaded yet excepted."""

    all = fields.Boolean(required=True, metadata={"description": "Everything: the session was revoked"})
    batches = fields.List(fields.String(), required=True, metadata={"description": "Taken back: names and numbers go"})


class SwitchOut(Schema):
    """A stop that is on; null stands for any."""

    channel = channel_field(required=True, allow_none=True)
    template_id = fields.String(required=True, allow_none=True)


class CampaignRulesOut(RuleFieldsOut):
    """The live rules of a campaign."""

    campaign_id = fields.String(required=True)
    valid_until = UtcTime(required=True)
    kill_switches = fields.List(fields.Nested(SwitchOut), required=True)


class SyncRulesOut(Schema):
    """The rules, whole when they are new or run out soon, else `valid_until` alone; past it the phone shows nothing."""

    valid_until = UtcTime(required=True, metadata={"description": "The earliest of all campaigns"})
    model_code = fields.Dict(allow_none=True, metadata={"description": "`{from, to}`"})
    polls = fields.Dict(metadata={"description": "`{area id: {opens_at, closes_at}}` where the volunteer works"})
    kill_switches = fields.List(fields.Nested(SwitchOut))
    campaigns = fields.List(fields.Nested(CampaignRulesOut))


class SyncOut(Schema):
    """What is new for a phone. `fresh` means: this is the whole picture, forget what came before."""

    cursor = fields.String(required=True, allow_none=True)
    server_time = UtcTime(required=True)
    fresh = fields.Boolean(required=True)
    campaigns = fields.List(fields.Nested(SyncCampaignOut), required=True)
    batches = fields.List(fields.Nested(SyncBatchOut), required=True)
    tasks = fields.List(fields.Nested(MyTaskOut), required=True)
    scripts = fields.List(fields.Dict(), required=True)
    templates = fields.List(fields.Dict(), required=True)
    answers = fields.List(fields.Dict(), required=True)
    removed = fields.Nested(RemovedOut, required=True)
    purge = fields.Nested(PurgeOut, required=True)
    rules = fields.Nested(SyncRulesOut, required=True, allow_none=True)
    more = fields.Boolean(required=True, metadata={"description": "Ask again at once, with the new cursor"})
