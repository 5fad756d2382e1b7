"""The shapes of plans and batches, as coordinators see them and as phones do."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Identifier, PagedQuery, Reference, Text, UtcTime, channel_field, page_schema
from services.domain.batches.batches import LARGEST, NORMAL, PRIORITIES, STATES
from services.domain.batches.shares import STRATEGIES

MODES = ("volunteers", "district", "pool")
_MOST_RECEIVERS = 2000
_MOST_MOVED = 100
_HIGHEST_LIMIT = 10_000_000
_PRIORITY = {"description": "Of pooled work, what volunteers get first: before nearness"}


class AssignIn(BodyIn):
    """Who is to get the work, and how it is shared."""

    mode = fields.String(required=True, validate=validate.OneOf(MODES), metadata={"example": "district"})
    user_ids = fields.List(
        Identifier(),
        load_default=None,
        validate=validate.Length(max=_MOST_RECEIVERS),
        metadata={"description": "With `volunteers`: who"},
    )
    area = Identifier(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "With `district`: whose volunteers; with `pool`: the one it is open to",
            "example": "rj-churu",
        },
    )
    strategy = fields.String(load_default="even", validate=validate.OneOf(STRATEGIES))
    column = Text(
        load_default=None,
        allow_none=True,
        shortest=1,
        longest=60,
        metadata={"description": "With `column`: a tag `column:value` keeps contacts of one value together"},
    )


class PlanIn(BodyIn):
    """Whom to reach by which channel, and who is to do it; `limit` and `size` count numbers, a household is one."""

    campaign_id = Identifier(required=True)
    audience_id = Identifier(load_default=None, allow_none=True)
    area = Identifier(load_default=None, allow_none=True, metadata={"example": "ac-24"})
    channel = channel_field(required=True)
    size = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(1, LARGEST), metadata={"example": 25}
    )
    assign = fields.Nested(AssignIn, required=True)
    limit = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, _HIGHEST_LIMIT))
    due_at = UtcTime(load_default=None, allow_none=True)
    priority = fields.String(load_default=NORMAL, validate=validate.OneOf(PRIORITIES), metadata=_PRIORITY)


class BatchesIn(BodyIn):
    """What a plan takes, or the `plan_id` of one that was shown."""

    plan_id = Identifier(metadata={"example": "01m83jzv0175bq8zry1grw1d"})
    campaign_id = Identifier()
    audience_id = Identifier(allow_none=True)
    area = Identifier(allow_none=True)
    channel = channel_field()
    size = fields.Integer(allow_none=True, validate=validate.Range(1, LARGEST))
    assign = fields.Nested(AssignIn)
    limit = fields.Integer(allow_none=True, validate=validate.Range(1, _HIGHEST_LIMIT))
    due_at = UtcTime(allow_none=True)
    priority = fields.String(validate=validate.OneOf(PRIORITIES), metadata=_PRIORITY)


class FunnelOut(Schema):
    """Contacts; a blocked one counts under each of its reasons, ready and distinct blocked make matched."""

    matched = fields.Integer(required=True)
    ready = fields.Integer(required=True)
    blocked = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class ShareOut(Schema):
    """What a volunteer would get."""

    user_id = fields.String(required=True)
    contacts = fields.Integer(required=True)
    capacity = fields.Integer(required=True, metadata={"description": "Numbers that may be shown to them a day"})


class PlanOut(Schema):
    """What would be done."""

    plan_id = fields.String(required=True)
    valid_until = UtcTime(required=True)
    funnel = fields.Nested(FunnelOut, required=True)
    batches = fields.Integer(required=True)
    shares = fields.List(fields.Nested(ShareOut), required=True)
    warnings = fields.List(
        fields.Dict(),
        required=True,
        metadata={
            "description": "`code` is outsider, too_few_volunteers, language_gap, channel_not_theirs, volunteer_paused"
        },
    )


class CountsOut(Schema):
    """Items of a batch by state."""

    total = fields.Integer(required=True)
    ready = fields.Integer(required=True)
    callback = fields.Integer(required=True)
    done = fields.Integer(required=True)
    blocked = fields.Integer(required=True)


class BatchOut(Schema):
    """A batch without its items."""

    id = fields.String(required=True)
    campaign_id = fields.String(required=True)
    channel = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    assignee = fields.String(required=True, allow_none=True)
    size = fields.Integer(required=True)
    counts = fields.Nested(CountsOut, required=True)
    due_at = UtcTime(required=True, allow_none=True)
    priority = fields.String(validate=validate.OneOf(PRIORITIES))
    languages = fields.List(
        fields.String(), allow_none=True, metadata={"description": "Who claims it speaks one of them; null: anybody"}
    )
    constituency_ids = fields.List(fields.String())
    part_ids = fields.List(fields.String())
    assigned_at = UtcTime(allow_none=True)
    opened_at = UtcTime(allow_none=True)
    closed_at = UtcTime(allow_none=True)
    close_reason = fields.String(allow_none=True)
    parent_id = fields.String(allow_none=True, metadata={"description": "The batch whose unworked items these are"})
    plan_id = fields.String(allow_none=True)
    created_at = UtcTime()
    updated_at = UtcTime()


BatchPageOut = page_schema(BatchOut)


class ChangeOut(Schema):
    """One number that came otherwise than planned."""

    what = fields.String(required=True, metadata={"example": "contacts"})
    planned = fields.Integer(required=True)
    done = fields.Integer(required=True)


class BatchesOut(Schema):
    """The batches that were made, and what came otherwise than planned: nothing, if it came exactly so."""

    items = fields.List(fields.Nested(BatchOut), required=True)
    changed = fields.List(fields.Nested(ChangeOut), required=True)


class BatchQuery(PagedQuery):
    """Which batches."""

    campaign_id = Reference("campaign")
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    assignee = Reference("person")
    channel = channel_field(load_default=None)
    area = Reference("area")


class AssigneeIn(BodyIn):
    """Who is to have the batch."""

    user_id = Identifier(required=True)


class RecallIn(BodyIn):
    """Why a batch is taken back."""

    reason = Text(required=True, shortest=1, longest=200)


class ExtendIn(BodyIn):
    """Until when a batch lives."""

    due_at = UtcTime(required=True)


class ReassignIn(BodyIn):
    """Which live batches are to move, how many at most, and to whom: volunteers in turn, none means the pool."""

    campaign_id = Identifier(required=True)
    state = fields.String(load_default=None, validate=validate.OneOf(("assigned", "active")))
    assignee = Identifier(load_default=None, allow_none=True)
    channel = channel_field(load_default=None, allow_none=True)
    area = Identifier(load_default=None, allow_none=True)
    as_of = UtcTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "When the page was loaded: what was worked or changed hands after it stays"},
    )
    count = fields.Integer(load_default=_MOST_MOVED, validate=validate.Range(1, _MOST_MOVED))
    user_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=_MOST_MOVED))


class SkippedOut(Schema):
    """A batch that stayed where it was."""

    id = fields.String(required=True)
    code = fields.String(required=True)


class ReassignedOut(Schema):
    """Where the batches are now."""

    items = fields.List(fields.Nested(BatchOut), required=True)
    skipped = fields.List(fields.Nested(SkippedOut), required=True)
