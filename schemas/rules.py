"""The shapes of rules, of their versions, and of what a version would change."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from schemas.base import Query, Reference, UtcTime, channel_field, rounded_to_field

_ANYTHING = {"type": ["object", "array", "string", "number", "boolean"], "items": {}}


def _said(metadata: dict[str, Any]) -> fields.Raw:
    """Return a field that the domain reads; null takes back what was set."""
    return fields.Raw(allow_none=True, metadata=metadata)


class RulesQuery(Query):
    """Where the rules are to hold."""

    area = Reference("area", metadata={"description": "A constituency or part; none: everywhere"})


class RulesIn(Schema):
    """Rules, whole or in part: what is left out stays as it is, null is inherited again. `GET …/rules` shows all."""

    effective_from = _said({"type": "string", "format": "date-time"})
    contact_window = fields.Raw(
        allow_none=True, metadata={"type": "object", "example": {"from": "11:00", "to": "18:00"}}
    )
    night_ban = _said({"type": "object"})
    silence_hours = _said({"type": "object", "example": {"default": 72}})
    caps = _said({"type": "object", "example": {"total": 4}})
    retry = fields.Raw(
        allow_none=True, metadata={"type": "object", "example": {"busy": {"after_minutes": 60, "other_band": False}}}
    )
    bands = _said({"type": "array", "items": {"type": "object"}})
    daily = _said({"type": "object", "example": {"call": 50, "message": 30}})
    batch = _said({"type": "object", "example": {"size": 20, "expires_hours": 24}})
    complaints_pause = _said({"type": "integer"})
    join_roll_phones = _said({"type": "boolean"})
    retention_days = _said({"type": "integer"})
    areas = _said({"type": "object"})

    class Meta:
        """Marshmallow's options: the domain reads the rules and names what is wrong by its path."""

        unknown = "include"


class RuleFieldsOut(Schema):
    """The fields of a version of the rules."""

    version = fields.Integer(required=True)
    effective_from = fields.String(required=True, metadata={"format": "date-time"})
    contact_window = fields.Dict(required=True, metadata={"example": {"from": "10:00", "to": "19:00"}})
    contact_window_limit = fields.Dict()
    night_ban = fields.Dict(required=True)
    silence_hours = fields.Dict(required=True, metadata={"example": {"default": 48}})
    caps = fields.Dict(required=True)
    retry = fields.Dict(required=True)
    bands = fields.List(fields.Dict(), required=True)
    daily = fields.Dict(required=True, metadata={"example": {"call": 60, "message": 40}})
    batch = fields.Dict(required=True, metadata={"example": {"size": 25, "expires_hours": 48}})
    complaints_pause = fields.Integer(required=True)
    join_roll_phones = fields.Boolean(required=True)
    retention_days = fields.Integer()
    callback_grace_minutes = fields.Integer()
    look_ahead_hours = fields.Integer()
    validity_hours = fields.Dict()
    exit_poll = fields.Dict()
    areas = fields.Dict(metadata={"description": "What single constituencies and parts override"})


class RulesOut(RuleFieldsOut):
    """Rules as they are live, or as proposed while `state` is `pending`."""

    state = fields.String(required=True, validate=validate.OneOf(("live", "pending", "rejected")))
    proposed_by = fields.String()
    pending = fields.List(fields.Dict(), metadata={"description": "Versions that wait for another person's approval"})
    scheduled = fields.List(fields.Dict(), metadata={"description": "Versions that are live and begin later"})
    widens = fields.List(
        fields.String(), metadata={"description": "What a proposed version allows beyond the rules as they are"}
    )


class RuleFieldChangeOut(Schema):
    """A field that a proposed version sets."""

    path = fields.String(required=True, metadata={"description": "Where it stands", "example": "caps.total"})
    before = fields.Raw(required=True, allow_none=True, metadata={"description": "As it is", **_ANYTHING})
    after = fields.Raw(required=True, allow_none=True, metadata={"description": "As it would be", **_ANYTHING})
    widens = fields.Boolean(required=True, metadata={"description": "Whether it allows more than before"})
    targets = fields.Integer(required=True, allow_none=True, metadata={"description": "How many targets it is about"})


class SilenceOut(Schema):
    """A silence before the close of poll."""

    start = UtcTime(required=True, data_key="from", attribute="from", metadata={"description": "When it begins"})
    end = UtcTime(required=True, data_key="to", attribute="to", metadata={"description": "The close of poll"})


class HoursOut(Schema):
    """When one place may be contacted on one channel."""

    contact_window = fields.Dict(required=True, metadata={"example": {"from": "10:00", "to": "19:00"}})
    night_ban = fields.Dict(
        required=True, allow_none=True, metadata={"description": "null where the Model Code does not bring one"}
    )
    silence = fields.Nested(
        SilenceOut, required=True, allow_none=True, metadata={"description": "null while no poll is announced"}
    )
    open_minutes = fields.Integer(
        required=True, metadata={"description": "Minutes of the next seven days in which the clock forbids nothing"}
    )
    closed_by = fields.List(
        fields.String(), required=True, metadata={"description": "What forbids contact when the version begins"}
    )


class HoursChangeOut(Schema):
    """A place and channel whose hours would be others."""

    campaign_id = fields.String(required=True)
    area_id = fields.String(required=True)
    channel = channel_field(required=True)
    parts = fields.Integer(required=True, metadata={"description": "Parts without hours of their own that follow it"})
    targets = fields.Integer(required=True, allow_none=True, metadata={"description": "Targets in these parts"})
    before = fields.Nested(HoursOut, required=True, metadata={"description": "The hours as they are"})
    after = fields.Nested(HoursOut, required=True, metadata={"description": "The hours as they would be"})


class RulePreviewOut(Schema):
    """What a proposed version would change."""

    state = fields.String(required=True, validate=validate.OneOf(("live", "pending")))
    effective_from = UtcTime(required=True)
    widens = fields.List(
        fields.String(), required=True, metadata={"description": "What would need another person's approval"}
    )
    fields_ = fields.List(
        fields.Nested(RuleFieldChangeOut),
        required=True,
        data_key="fields",
        attribute="fields",
        metadata={"description": "Each field that it sets, with the values before and after"},
    )
    hours = fields.List(
        fields.Nested(HoursChangeOut),
        required=True,
        metadata={"description": "Places and channels with other hours, the most targets first"},
    )
    hours_left_out = fields.Integer(required=True, metadata={"description": "How many more rows there would be"})
    campaigns = fields.Integer(required=True, metadata={"description": "How many campaigns it is about"})
    targets = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How many targets these have; null where too few"}
    )
    rounded_to = rounded_to_field()
