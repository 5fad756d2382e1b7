"""The shapes of tasks, of their delivery, and of what receivers tell."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BilingualIn, BilingualOut, BodyIn, Identifier, PagedQuery, UtcTime, page_schema
from services.domain.people.actor import ROLES
from services.domain.tasks.tasks import FREE_KINDS, KINDS, RECEIPT_STATES, STATES

PRIORITIES = ("normal", "high")
_MOST_AREAS = 250
_MOST_PEOPLE = 500


class AudienceIn(BodyIn):
    """Who is asked; all that is given must hold, and nothing given means everybody whom the sender may reach."""

    roles = fields.List(
        fields.String(validate=validate.OneOf(ROLES)),
        validate=validate.Length(max=len(ROLES)),
        metadata={"description": "Only people of these roles; none: of any"},
    )
    areas = fields.List(
        Identifier(),
        validate=validate.Length(max=_MOST_AREAS),
        metadata={
            "description": "A district: people at home there; a constituency or part: people who have it among "
            "their areas; the state: everybody",
            "example": ["rj-churu"],
        },
    )
    user_ids = fields.List(
        Identifier(), validate=validate.Length(max=_MOST_PEOPLE), metadata={"description": "Only these people"}
    )


class TaskIn(BodyIn):
    """A new task; `share` names a live template and its version, since free text is never for forwarding."""

    kind = fields.String(required=True, validate=validate.OneOf(FREE_KINDS), metadata={"description": "What is asked"})
    template_id = Identifier(
        load_default=None, allow_none=True, metadata={"description": "What to share; needed for `share`"}
    )
    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 10**6),
        metadata={"description": "The template's version"},
    )
    title = fields.Nested(BilingualIn, required=True, metadata={"description": "What a notification shows first"})
    body = fields.Nested(
        BilingualIn, required=True, metadata={"description": "What is to be done; a notification shows its beginning"}
    )
    audience = fields.Nested(AudienceIn, required=True, metadata={"description": "Who is asked"})
    due_at = UtcTime(load_default=None, allow_none=True, metadata={"description": "Until when; none: a fortnight"})
    priority = fields.String(
        load_default="normal",
        validate=validate.OneOf(PRIORITIES),
        metadata={"description": "`high` for what must be seen now: it does not wait for the morning"},
    )


class AudienceOut(Schema):
    """Who is asked."""

    roles = fields.List(fields.String(), metadata={"description": "Only people of these roles"})
    areas = fields.List(fields.String(), metadata={"description": "Only people at home or at work there"})
    user_ids = fields.List(fields.String(), metadata={"description": "Only these people"})


class TaskOut(Schema):
    """A task with the number of its receivers; one for the whole state is `pending` until a second person agrees."""

    id = fields.String(required=True, attribute="_id", metadata={"description": "The task's id"})
    kind = fields.String(
        required=True,
        validate=validate.OneOf(KINDS),
        metadata={"description": "What is asked; `batch` and `callback` are made by the system"},
    )
    state = fields.String(
        required=True, validate=validate.OneOf(STATES), metadata={"description": "`pending` waits for a second person"}
    )
    title = fields.Nested(BilingualOut, required=True, metadata={"description": "What a notification shows first"})
    body = fields.Nested(BilingualOut, required=True, metadata={"description": "What is to be done"})
    audience = fields.Nested(
        AudienceOut, attribute="asked", metadata={"description": "Who is asked; not there for what the system made"}
    )
    template_id = fields.String(required=True, allow_none=True, metadata={"description": "What to share"})
    template_version = fields.Integer(required=True, allow_none=True, metadata={"description": "Which version of it"})
    batch_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The batch that a task of the system is about"}
    )
    due_at = UtcTime(required=True, allow_none=True, metadata={"description": "Until when"})
    priority = fields.String(
        required=True, validate=validate.OneOf(PRIORITIES), metadata={"description": "Whether it waits for the morning"}
    )
    receivers = fields.Integer(
        required=True, metadata={"description": "How many people it is for, counted when it was made"}
    )
    created_by = fields.String(
        required=True, allow_none=True, metadata={"description": "Who made it; null: the system"}
    )
    approved_by = fields.String(allow_none=True, metadata={"description": "Who let it go out to the whole state"})
    created_at = UtcTime(required=True, metadata={"description": "When it was made"})
    version = fields.Integer(required=True, metadata={"description": "Grows with every change"})


TaskPageOut = page_schema(TaskOut)


class TaskQuery(PagedQuery):
    """Which tasks."""

    kind = fields.String(
        load_default=None, validate=validate.OneOf(FREE_KINDS), metadata={"description": "Only tasks of this kind"}
    )
    state = fields.String(
        load_default=None, validate=validate.OneOf(STATES), metadata={"description": "Only tasks in this state"}
    )


class DeliveryOut(Schema):
    """How far a task has come, counted a moment ago."""

    receivers = fields.Integer(required=True, metadata={"description": "People who were given it"})
    devices = fields.Integer(required=True, metadata={"description": "Installations that a push was made for"})
    queued = fields.Integer(required=True, metadata={"description": "Pushes that wait"})
    accepted = fields.Integer(required=True, metadata={"description": "By the messaging service"})
    failed = fields.Integer(required=True, metadata={"description": "Pushes that were given up"})
    seen = fields.Integer(required=True, metadata={"description": "People who saw, did or declined it"})
    done = fields.Integer(required=True, metadata={"description": "People who did it"})
    declined = fields.Integer(required=True, metadata={"description": "People who will not do it"})


class TaskReceiptOut(Schema):
    """What a person told about a task: of `seen`, `declined`, `done` the furthest holds, in any order."""

    task_id = fields.String(required=True, metadata={"description": "The task's id"})
    state = fields.String(
        required=True, validate=validate.OneOf(RECEIPT_STATES), metadata={"description": "The furthest that was told"}
    )
    seen_at = UtcTime(metadata={"description": "When it was told first"})
    done_at = UtcTime(metadata={"description": "When it was told"})
    declined_at = UtcTime(metadata={"description": "When it was told"})


class MyTaskOut(Schema):
    """A task as its receiver gets it."""

    id = fields.String(required=True, metadata={"description": "The task's id"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"description": "What is asked"})
    title = fields.Nested(BilingualOut, required=True, metadata={"description": "What is asked, in short"})
    body = fields.Nested(BilingualOut, required=True, metadata={"description": "What is to be done"})
    state = fields.String(
        required=True, validate=validate.OneOf(RECEIPT_STATES), metadata={"description": "What one told about it"}
    )
    priority = fields.String(
        required=True, validate=validate.OneOf(PRIORITIES), metadata={"description": "Whether it must be seen now"}
    )
    given_at = UtcTime(required=True, metadata={"description": "When one was asked"})
    due_at = UtcTime(metadata={"description": "Until when"})
    batch_id = fields.String(metadata={"description": "The batch that it is about"})
    template_id = fields.String(metadata={"description": "What to share"})
    template_version = fields.Integer(metadata={"description": "Which version of it"})


MyTaskPageOut = page_schema(MyTaskOut)
