"""The shapes of a phone's sync; the answer is written straight to bytes, these schemas describe it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BilingualOut, PagedQuery, Query, Reference, UtcTime, channel_field, page_schema
from schemas.batches import CountsOut
from schemas.campaigns import STATES
from schemas.my_batches import ItemOut
from schemas.scripts import OpeningOut, QuestionOut
from schemas.sync_rules import SyncRulesOut
from schemas.tasks import MyTaskOut
from services.domain.content.templates import CATEGORIES

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
    oldest_pending_at = UtcTime(load_default=None, metadata={"description": "When the oldest of them happened"})
    app_version = fields.String(
        load_default=None, validate=validate.Length(max=40), metadata={"description": "Version of the app"}
    )


class PhonesQuery(PagedQuery):
    """Whose phones."""

    area = Reference("district", metadata={"description": "Home district of the volunteers"})


class PhoneOut(Schema):
    """What a volunteer's phone said when it last synced."""

    user_id = fields.String(required=True, metadata={"description": "The volunteer"})
    last_seen_at = UtcTime(required=True, metadata={"description": "When it last synced, give or take five minutes"})
    pending = fields.Integer(required=True, allow_none=True, metadata={"description": "Outcomes that wait on it"})
    oldest_pending_at = UtcTime(
        required=True, allow_none=True, metadata={"description": "When the oldest of them happened"}
    )
    app_version = fields.String(required=True, allow_none=True, metadata={"description": "Version of the app"})
    skew_s = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Seconds by which its clock is ahead"}
    )


PhonePageOut = page_schema(PhoneOut)


class SyncCampaignOut(Schema):
    """A campaign where the volunteer works or may claim work."""

    id = fields.String(required=True, metadata={"description": "The campaign's id"})
    name = fields.String(required=True, metadata={"description": "Its name"})
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={"description": "Numbers are shown while it is `active`"},
    )
    channels = fields.List(channel_field(), required=True, metadata={"description": "Channels that may be claimed"})
    constituencies = fields.List(fields.String(), required=True, metadata={"description": "Its places"})
    default_locale = fields.String(required=True, metadata={"description": "Language of its contacts unless known"})


class SyncBatchOut(Schema):
    """A batch in the volunteer's hands: masked before it is opened, then with the numbers that may be used."""

    id = fields.String(required=True, metadata={"description": "The batch's id"})
    campaign_id = fields.String(required=True, metadata={"description": "The campaign it belongs to"})
    channel = channel_field(required=True, metadata={"description": "How its people are reached"})
    state = fields.String(
        required=True,
        validate=validate.OneOf(("assigned", "active")),
        metadata={"description": "`assigned` until it is opened"},
    )
    size = fields.Integer(required=True, metadata={"description": "How many numbers it had when it was made"})
    counts = fields.Nested(CountsOut, required=True, metadata={"description": "Its items by state"})
    due_at = UtcTime(metadata={"description": "Until when it is the volunteer's"})
    assigned_at = UtcTime(metadata={"description": "When it became the volunteer's"})
    opened_at = UtcTime(metadata={"description": "When its numbers were revealed first"})
    items = fields.List(
        fields.Nested(ItemOut), required=True, metadata={"description": "Its numbers with the people behind them"}
    )


class SyncScriptOut(Schema):
    """A live script."""

    id = fields.String(required=True, metadata={"description": "The script's id"})
    version = fields.Integer(required=True, metadata={"description": "To be named by each outcome that follows it"})
    campaign_id = fields.String(required=True, allow_none=True, metadata={"description": "null: for every campaign"})
    name = fields.String(required=True, metadata={"description": "Its name"})
    opening = fields.Nested(OpeningOut, required=True, metadata={"description": "What every call begins with"})
    questions = fields.List(
        fields.Nested(QuestionOut), required=True, metadata={"description": "What is asked, in order"}
    )


class SyncTemplateOut(Schema):
    """A live template that no rule stops."""

    id = fields.String(required=True, metadata={"description": "The template's id"})
    version = fields.Integer(required=True, metadata={"description": "To be named by each outcome that used it"})
    campaign_id = fields.String(required=True, allow_none=True, metadata={"description": "null: for every campaign"})
    name = fields.String(required=True, metadata={"description": "Its name"})
    category = fields.String(
        required=True, validate=validate.OneOf(CATEGORIES), metadata={"description": "What kind of message"}
    )
    channel = channel_field(required=True, metadata={"description": "What it is for"})
    body = fields.Nested(BilingualOut, required=True, metadata={"description": "With its merge fields"})
    publisher = fields.Nested(BilingualOut, required=True, metadata={"description": "Stands below the text"})
    media = fields.List(fields.String(), required=True, metadata={"description": "Files, from `GET /media/{id}`"})
    is_synthetic = fields.Boolean(required=True, metadata={"description": "Made or altered by a machine"})


class SyncAnswerOut(Schema):
    """A published answer of the expert desk."""

    id = fields.String(required=True, metadata={"description": "The question's id"})
    version = fields.Integer(required=True, metadata={"description": "Grows when it is answered anew"})
    campaign_id = fields.String(required=True, allow_none=True, metadata={"description": "null: for every campaign"})
    question = fields.Nested(BilingualOut, required=True, metadata={"description": "As all may read it"})
    answer = fields.Nested(BilingualOut, required=True, metadata={"description": "What to say"})


class RemovedOut(Schema):
    """Ids that the phone drops, by kind."""

    campaigns = fields.List(
        fields.String(), required=True, metadata={"description": "Campaigns that ended, or no longer ask for help"}
    )
    batches = fields.List(
        fields.String(), required=True, metadata={"description": "Batches that are done or no longer the volunteer's"}
    )
    tasks = fields.List(
        fields.String(), required=True, metadata={"description": "Tasks that are done, over or cancelled"}
    )
    scripts = fields.List(fields.String(), required=True, metadata={"description": "Scripts that are no longer live"})
    templates = fields.List(
        fields.String(), required=True, metadata={"description": "Templates that are no longer live"}
    )
    answers = fields.List(fields.String(), required=True, metadata={"description": "Answers that were withdrawn"})


class PurgeOut(Schema):
    """What the phone wipes at once, outcomes that are not uploaded yet excepted."""

    all = fields.Boolean(required=True, metadata={"description": "Everything: the session was revoked"})
    batches = fields.List(fields.String(), required=True, metadata={"description": "Taken back: names and numbers go"})


class SyncOut(Schema):
    """What is new for a phone. `fresh` means: this is the whole picture, forget what came before."""

    cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "To be sent with the next sync; null with an order to wipe everything"},
    )
    server_time = UtcTime(required=True, metadata={"description": "What time it is here, to find the phone's skew"})
    fresh = fields.Boolean(required=True, metadata={"description": "The whole picture begins: forget what came before"})
    campaigns = fields.List(
        fields.Nested(SyncCampaignOut), required=True, metadata={"description": "Campaigns that are new or changed"}
    )
    batches = fields.List(
        fields.Nested(SyncBatchOut),
        required=True,
        metadata={"description": "Batches that are new or changed, each whole"},
    )
    tasks = fields.List(
        fields.Nested(MyTaskOut), required=True, metadata={"description": "Tasks that are new or changed"}
    )
    scripts = fields.List(fields.Nested(SyncScriptOut), required=True, metadata={"description": "Scripts that are new"})
    templates = fields.List(
        fields.Nested(SyncTemplateOut), required=True, metadata={"description": "Templates that are new"}
    )
    answers = fields.List(
        fields.Nested(SyncAnswerOut), required=True, metadata={"description": "Published answers that are new"}
    )
    removed = fields.Nested(RemovedOut, required=True, metadata={"description": "What the phone drops"})
    purge = fields.Nested(PurgeOut, required=True, metadata={"description": "What the phone wipes at once"})
    rules = fields.Nested(
        SyncRulesOut,
        required=True,
        allow_none=True,
        metadata={"description": "The rules and until when they hold; null with an order to wipe everything"},
    )
    more = fields.Boolean(required=True, metadata={"description": "Ask again at once, with the new cursor"})
