"""The shapes of liveness and readiness."""

from __future__ import annotations

from marshmallow import Schema, fields


class LiveOut(Schema):
    """The process answers."""

    status = fields.String(required=True, metadata={"example": "live"})


class ReadyOut(Schema):
    """What the service depends on, and how each does."""

    status = fields.String(required=True, metadata={"example": "ready"})
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"example": {"database": "ok", "messaging": "not_configured"}},
    )
