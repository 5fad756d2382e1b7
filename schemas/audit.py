"""The shapes of the audit trail."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Identifier, PagedQuery, UtcTime, page_schema
from services.audit.exporting import DISCLOSURES, ENTRIES


class AuditQuery(PagedQuery):
    """Which entries."""

    actor = Identifier(load_default=None, metadata={"description": "Id of the person who did it"})
    subject = Identifier(
        load_default=None,
        metadata={
            "description": "What it was done to: kind and id, or the id alone",
            "example": "user:01m8f9nmg6b7s4cdq5qq5bqh",
        },
    )
    session_id = Identifier(load_default=None, metadata={"description": "The sign-in by which it was done"})
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
    request_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The request's id in the logs; null for the worker"}
    )
    action = fields.String(required=True, metadata={"example": "user.suspend"})
    subject = fields.String(required=True)
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
    chunk = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Number of the chunk that seals it; null until then"}
    )


class AuditExportIn(BodyIn):
    """What of the audit trail is to be handed out; of the last year where no time is given."""

    kind = fields.String(
        load_default=ENTRIES,
        validate=validate.OneOf((ENTRIES, DISCLOSURES)),
        metadata={
            "description": "`entries`: all that match. `disclosures`: one line for each contact whose data somebody was"
            " shown or took, for a breach report"
        },
    )
    actor = Identifier(load_default=None, metadata={"description": "Id of the person who did it"})
    subject = Identifier(
        load_default=None, metadata={"description": "What it was done to", "example": "user:01m8f9nmg6b7s4cdq5qq5bqh"}
    )
    session_id = Identifier(load_default=None, metadata={"description": "The sign-in by which it was done"})
    installation_id = Identifier(
        load_default=None, metadata={"description": "A phone: every sign-in that was opened on it"}
    )
    contact_id = Identifier(load_default=None, metadata={"description": "Whose data it was"})
    action = Identifier(load_default=None, metadata={"example": "batch.open"})
    since = UtcTime(load_default=None, data_key="from", metadata={"description": "At or after"})
    until = UtcTime(load_default=None, data_key="to", metadata={"description": "Before"})


AuditPageOut = page_schema(AuditEntryOut)
