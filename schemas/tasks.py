"""The shapes of tasks, of their delivery, and of what receivers tell."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BilingualIn, BilingualOut, BodyIn, Identifier, PagedQuery, UtcTime, page_schema
from services.domain.actor import ROLES
from services.domain.tasks import FREE_KINDS, KINDS, RECEIPT_STATES, STATES

PRIORITIES = ("normal", "high")
_MOST_AREAS = 250
_MOST_PEOPLE = 500


class AudienceIn(BodyIn):
    """Who is asked; all that is given must hold, and nothing given means everybody whom the sender may reach."""

    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), validate=validate.Length(max=len(ROLES)))
    areas = fields.List(
        Identifier(),
        validate=validate.Length(max=_MOST_AREAS),
        metadata={
            "description": "A district: people at home there; a constituency or part: people who have it among "
            "their areas; the state: everybody",
            "example": ["rj-churu"],
        },
    )
    user_ids = fields.List(Identifier(), validate=validate.Length(max=_MOST_PEOPLE))


class TaskIn(BodyIn):
    """A new task; `share` names a live template and its version, since free text is never for forwarding."""

    kind = fields.String(required=True, validate=validate.OneOf(FREE_KINDS))
    template_id = Identifier(load_default=None, allow_none=True)
    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 10**6),
        metadata={"description": "The template's version"},
    )
    title = fields.Nested(BilingualIn, required=True)
    body = fields.Nested(BilingualIn, required=True)
    audience = fields.Nested(AudienceIn, required=True)
    due_at = UtcTime(load_default=None, allow_none=True)
    priority = fields.String(load_default="normal", validate=validate.OneOf(PRIORITIES))


class AudienceOut(Schema):
    """Who is asked."""

    roles = fields.List(fields.String())
    areas = fields.List(fields.String())
    user_ids = fields.List(fields.String())


class TaskOut(Schema):
    """A task with the number of its receivers; one for the whole state is `pending` until a second person agrees."""

    id = fields.String(required=True, attribute="_id")
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    title = fields.Nested(BilingualOut, required=True)
    body = fields.Nested(BilingualOut, required=True)
    audience = fields.Nested(AudienceOut, attribute="asked")
    template_id = fields.String(required=True, allow_none=True)
    template_version = fields.Integer(required=True, allow_none=True)
    batch_id = fields.String(required=True, allow_none=True)
    due_at = UtcTime(required=True, allow_none=True)
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    receivers = fields.Integer(required=True)
    created_by = fields.String(required=True, allow_none=True)
    approved_by = fields.String(allow_none=True)
    created_at = UtcTime(required=True)
    version = fields.Integer(required=True)


TaskPageOut = page_schema(TaskOut)


class TaskQuery(PagedQuery):
    """Which tasks."""

    kind = fields.String(load_default=None, validate=validate.OneOf(FREE_KINDS))
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class DeliveryOut(Schema):
    """How far a task has come, counted a moment ago."""

    receivers = fields.Integer(required=True, metadata={"description": "People who were given it"})
    devices = fields.Integer(required=True, metadata={"description": "Installations that a push was made for"})
    queued = fields.Integer(required=True)
    accepted = fields.Integer(required=True, metadata={"description": "By the messaging service"})
    failed = fields.Integer(required=True)
    seen = fields.Integer(required=True, metadata={"description": "People who saw, did or declined it"})
    done = fields.Integer(required=True)
    declined = fields.Integer(required=True)


class TaskReceiptOut(Schema):
    """What a person told about a task: of `seen`, `declined`, `done` the furthest holds, in any order."""

    task_id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(RECEIPT_STATES))
    seen_at = UtcTime()
    done_at = UtcTime()
    declined_at = UtcTime()


class MyTaskOut(Schema):
    """A task as its receiver gets it."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    title = fields.Nested(BilingualOut, required=True)
    body = fields.Nested(BilingualOut, required=True)
    state = fields.String(required=True, validate=validate.OneOf(RECEIPT_STATES))
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    given_at = UtcTime(required=True)
    due_at = UtcTime()
    batch_id = fields.String()
    template_id = fields.String()
    template_version = fields.Integer()


class MyTasksOut(Schema):
    """A person's open tasks."""

    items = fields.List(fields.Nested(MyTaskOut), required=True)
