"""What the shapes of scripts and templates have in common: the life of their versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, PagedQuery, Reference, Text, UtcTime
from services.domain.content.content import STATES, UNCERTIFIED

VERSION_STATES = (*STATES, UNCERTIFIED)


class Day(fields.Date):
    """A day as text, `YYYY-MM-DD`, checked to be one."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> str:
        day: date = super()._deserialize(value, attr, data, **options)
        return day.isoformat()


class ContentQuery(PagedQuery):
    """Which content."""

    campaign_id = Reference("campaign", metadata={"description": "Of this campaign, with what every campaign may use"})
    state = fields.String(
        load_default=None,
        validate=validate.OneOf(STATES),
        metadata={"description": "That has a version in this state; `live` also finds what the Model Code stops"},
    )


class ReasonIn(BodyIn):
    """Why."""

    reason = Text(
        longest=500,
        load_default=None,
        allow_none=True,
        metadata={"description": "For whoever wrote the version", "example": "The date of the meeting is wrong"},
    )


class VersionOut(Schema):
    """A version: what it says never changes, its state does."""

    version = fields.Integer(required=True, metadata={"description": "From 1"})
    state = fields.String(
        required=True,
        validate=validate.OneOf(VERSION_STATES),
        metadata={"description": "`uncertified`: approved, and stopped while the Model Code is in force"},
    )
    content_sha256 = fields.String(required=True, metadata={"description": "Digest of what it says"})
    created_by = fields.String(required=True)
    created_at = UtcTime(required=True)
    submitted_by = fields.String()
    submitted_at = UtcTime()
    approved_by = fields.String()
    approved_at = UtcTime()
    rejected_by = fields.String()
    rejected_at = UtcTime()
    withdrawn_by = fields.String()
    withdrawn_at = UtcTime()
    superseded_at = UtcTime(metadata={"description": "When another version went live instead"})
    reason = fields.String(metadata={"description": "Why it was rejected or withdrawn"})


class ListedOut(Schema):
    """Content in a list: which versions there are, not what they say."""

    id = fields.String(required=True, attribute="_id")
    name = fields.String(required=True)
    campaign_id = fields.String(
        required=True, allow_none=True, metadata={"description": "null: every campaign may use it"}
    )
    live_version = fields.Function(
        lambda content: content["live"]["version"] if content["live"] else None,
        metadata={
            "type": ["integer", "null"],
            "description": "The approved version, also while a rule stops it; null for none",
            "example": 1,
        },
    )
    created_by = fields.String(required=True)
    created_at = UtcTime(required=True)
    updated_at = UtcTime(required=True)
    version = fields.Integer(required=True, metadata={"description": "Counts every change; the ETag"})


def flat(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return content whose versions say what they say beside their state."""
    versions = [{**one.get("content", {}), **one} for one in content["versions"]]
    return {**content, "versions": versions}
