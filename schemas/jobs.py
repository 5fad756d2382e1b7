"""The shapes of jobs."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import UtcTime
from services.domain.jobs import STATES


class ProgressOut(Schema):
    """How far a job has come; `total` is null while it is not known."""

    done = fields.Integer(required=True, metadata={"example": 0})
    total = fields.Integer(required=True, allow_none=True, metadata={"example": None})


class JobProblemOut(Schema):
    """Why a job failed."""

    code = fields.String(required=True, metadata={"example": "header_not_found"})
    title = fields.String(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.Raw())


class JobOut(Schema):
    """Long work."""

    id = fields.String(required=True)
    kind = fields.String(required=True, metadata={"example": "import"})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    progress = fields.Nested(ProgressOut, required=True)
    result = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        required=True,
        allow_none=True,
        metadata={"description": "What came of it, by kind; null until it has succeeded", "example": None},
    )
    problem = fields.Nested(JobProblemOut, required=True, allow_none=True, metadata={"example": None})
    cancel_requested = fields.Boolean(
        required=True, metadata={"description": "It ends at its next checkpoint", "example": False}
    )
    created_at = UtcTime(required=True, metadata={"type": "string"})
    finished_at = UtcTime(required=True, allow_none=True, metadata={"type": "string", "example": None})


class SheetReadOut(Schema):
    """What of a sheet a job left unread."""

    unread_columns = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Headings of the sheet that no field was read from, once it has been read"},
    )
    skipped_sheets = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Further worksheets of the workbook with cells: only the first is read"},
    )
