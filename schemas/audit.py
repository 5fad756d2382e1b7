"""The shapes of the audit trail."""

from __future__ import annotations

from marshmallow import Schema, fields

from schemas.base import Identifier, PagedQuery, UtcTime, page_schema


class AuditQuery(PagedQuery):
    """Which entries."""

    actor = Identifier(load_default=None, metadata={"description": "Id of the person who did it"})
    subject = Identifier(load_default=None, metadata={"description": "What it was done to", "example": "user:01m8…"})
    action = Identifier(load_default=None, metadata={"example": "user.suspend"})
    since = UtcTime(load_default=None, data_key="from", metadata={"description": "At or after"})
    until = UtcTime(load_default=None, data_key="to", metadata={"description": "Before"})


class AuditEntryOut(Schema):
    """Who did what to whom, from where."""

    id = fields.String(required=True)
    at = UtcTime(required=True)
    actor = fields.String(required=True, allow_none=True)
    role = fields.String(required=True, allow_none=True)
    session_id = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    action = fields.String(required=True, metadata={"example": "user.suspend"})
    subject = fields.String(required=True)
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


AuditPageOut = page_schema(AuditEntryOut)
