"""The shapes of roster sheets: the uploaded file, and what came of it."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import BodyIn, UploadedFile, UtcTime
from schemas.jobs import JobProblemOut, ProgressOut, SheetReadOut
from schemas.people import WarningOut
from services.domain.jobs import STATES


class RosterFiles(BodyIn):
    """The sheet: `phone name role home_district areas languages channels daily_capacity`, in any order.

    `age`, `born_on` or `birth_year` may stand beside them: under 18 is refused, and none of them is kept.
    """

    file = UploadedFile(required=True, metadata={"description": "CSV, TSV or XLSX; lists with ; between their entries"})


class RosterWarningOut(WarningOut):
    """Somebody of the sheet who is on the roster and must leave a seat."""

    line = fields.Integer(required=True, metadata={"description": "Line of the sheet"})
    user_id = fields.String(required=True)


class RosterImportOut(SheetReadOut):
    """A roster sheet on its way in; the last four counts add up to the first."""

    id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    warned = fields.Integer(required=True, metadata={"description": "People of the sheet with a warning"})
    warnings = fields.List(
        fields.Nested(RosterWarningOut),
        required=True,
        metadata={"description": "Seats that they must leave as campaigning has ended there; the first 200"},
    )
    progress = fields.Nested(ProgressOut, required=True)
    problem = fields.Nested(JobProblemOut, required=True, allow_none=True)
    file_name = fields.String(required=True)
    created_at = UtcTime(required=True)
    finished_at = UtcTime(required=True, allow_none=True)
