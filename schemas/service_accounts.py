"""The shapes of service accounts and their keys."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from config.paths import read_json
from schemas.base import BodyIn, Identifier, PagedQuery, Text, UtcTime, page_schema
from services.domain.people.service_accounts import ACTS_AS, STATES, AccountRules

_RULES = AccountRules.parse(read_json("service_accounts.json"))


def _days() -> fields.Integer:
    return fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, _RULES.longest_days),
        metadata={"description": f"How long the key opens anything; {_RULES.usual_days} by default", "example": 90},
    )


class ServiceAccountIn(BodyIn):
    """A program that is to use the API, as little of it as it needs."""

    name = Text(shortest=1, longest=120, required=True, metadata={"example": "Dashboard of the state office"})
    acts_as = fields.String(
        required=True,
        validate=validate.OneOf(ACTS_AS),
        metadata={"description": "Whose reach it has; `observer` sees sums alone", "example": "observer"},
    )
    home_area = Identifier(
        load_default=None,
        allow_none=True,
        metadata={"description": "The district that one acting as a coordinator is kept to", "example": None},
    )
    verbs = fields.List(
        fields.String(validate=validate.Length(max=60), metadata={"example": "reports.read"}),
        required=True,
        validate=validate.Length(1, 50),
        metadata={
            "description": f"What it may do, of: {', '.join(sorted(_RULES.verbs))}",
            "example": ["reports.read"],
        },
    )
    expires_in_days = _days()


class RotateIn(BodyIn):
    """How long the new key is to live, and how long the old one goes on."""

    expires_in_days = _days()
    grace_hours = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, _RULES.longest_grace_hours),
        metadata={"description": f"{_RULES.usual_grace_hours} by default; 0 ends the old key at once", "example": 24},
    )


class ServiceKeyOut(Schema):
    """A key without its text."""

    id = fields.String(required=True, metadata={"description": "Its name in the audit trail, after `key-`"})
    created_at = UtcTime(required=True)
    expires_at = UtcTime(required=True, metadata={"description": "It opens nothing from then on"})


class ServiceAccountOut(Schema):
    """A program's account."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    acts_as = fields.String(
        required=True, validate=validate.OneOf(ACTS_AS), metadata={"description": "Whose reach it has"}
    )
    home_area = fields.String(required=True, allow_none=True)
    verbs = fields.List(fields.String(), required=True, metadata={"description": "What it may do"})
    keys = fields.List(fields.Nested(ServiceKeyOut), required=True, metadata={"description": "The keys it has"})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    created_by = fields.String(required=True)
    created_at = UtcTime(required=True)
    last_used_at = UtcTime(required=True, allow_none=True, metadata={"description": "To five minutes"})
    last_used_from = fields.String(required=True, allow_none=True, metadata={"description": "The address"})
    version = fields.Integer(required=True)


class ServiceAccountKeyOut(ServiceAccountOut):
    """An account with the new key's text, which is shown this once."""

    key = fields.String(required=True, metadata={"description": "To be kept by the program; it is not shown again"})


ServiceAccountPageOut = page_schema(ServiceAccountOut)


class ServiceAccountsQuery(PagedQuery):
    """Which accounts."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
