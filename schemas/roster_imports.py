"""The shapes of roster sheets: the uploaded file, and what came of it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, UploadedFile, UtcTime
from schemas.jobs import JobProblemOut, ProgressOut
from services.domain.jobs import STATES


class RosterFiles(BodyIn):
    """The sheet: `phone name role home_district areas languages channels daily_capacity`, in any order."""

    file = UploadedFile(required=True, metadata={"description": "CSV, TSV or XLSX; lists with ; between their entries"})


class RosterImportOut(Schema):
    """A roster sheet on its way in; the last four counts add up to the first."""

    id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    progress = fields.Nested(ProgressOut, required=True)
    problem = fields.Nested(JobProblemOut, required=True, allow_none=True)
    file_name = fields.String(required=True)
    created_at = UtcTime(required=True)
    finished_at = UtcTime(required=True, allow_none=True)
