"""The shapes of imports: the uploaded sheet with its source, and what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from schemas.base import BodyIn, FormIn, Identifier, Text, UploadedFile, UtcTime
from schemas.jobs import JobOut, JobProblemOut, ProgressOut, SheetReadOut
from services.domain.jobs import STATES
from services.domain.sheets.sheets import FIELDS
from services.domain.sheets.sources import BASES, KINDS

_LONGEST_JSON = 20_000
_CUSTOM_NAME = re.compile(r"custom\.[a-z][a-z0-9_]{0,39}")


class JsonText(fields.Field[Any]):
    """A form field that holds JSON; `inner` says what of."""

    def __init__(self, inner: fields.Field[Any], **options: Any) -> None:
        super().__init__(**options)
        self._inner = inner

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, str) or len(value) > _LONGEST_JSON:
            raise ValidationError("json_invalid")
        try:
            plain = json.loads(value)
            # An escaped half of a surrogate pair is JSON, but no text that could be kept or answered.
            json.dumps(plain, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ValidationError("json_invalid") from error
        return self._inner.deserialize(plain, attr, data)


def _field_name(name: str) -> None:
    """Refuse what is neither an import field nor may be a campaign's own."""
    if name not in FIELDS and not _CUSTOM_NAME.fullmatch(name):
        raise ValidationError("unknown_field")


class SourceIn(BodyIn):
    """Where the people of a sheet come from, and on which lawful basis."""

    name = Text(shortest=1, longest=200, required=True)
    kind = fields.String(
        required=True, validate=validate.OneOf(KINDS, error="source_kind_refused"), metadata={"enum": list(KINDS)}
    )
    lawful_basis = fields.String(
        required=True, validate=validate.OneOf(BASES, error="basis_unknown"), metadata={"enum": list(BASES)}
    )
    collected_on = fields.Date(required=True, metadata={"example": "2026-10-01"})
    notice_version = Text(shortest=1, longest=40, load_default=None, allow_none=True)
    field_basis = fields.Dict(
        keys=fields.String(validate=validate.Length(max=40)),
        values=fields.String(validate=validate.OneOf(BASES, error="basis_unknown")),
        load_default=dict,
        metadata={"description": "Import field to its own lawful basis", "example": {"phone": "consent"}},
    )


_EXAMPLE_SOURCE = {
    "name": "Roll of 2026",
    "kind": "electoral_roll",
    "lawful_basis": "roll_public",
    "collected_on": "2026-10-01",
    "field_basis": {"phone": "consent"},
}


class ImportForm(FormIn):
    """The fields beside the sheet; `source` and `mapping` are JSON."""

    campaign_id = Identifier(
        load_default=None,
        metadata={
            "description": "Its rows become this campaign's targets",
            "example": "01m83jzv0175bq8zry1grw1d",
        },
    )
    source = JsonText(
        fields.Nested(SourceIn),
        required=True,
        metadata={"type": "string", "description": "JSON", "example": json.dumps(_EXAMPLE_SOURCE)},
    )
    mapping = JsonText(
        fields.Dict(
            keys=fields.String(validate=_field_name),
            values=fields.String(allow_none=True, validate=validate.Length(max=200)),
        ),
        load_default=dict,
        metadata={
            "type": "string",
            "description": "JSON: our field, or `custom.` with the name of a field of the campaign, to the sheet's "
            "column, null to read none; the rest is guessed",
            "example": json.dumps({"phone": "मोबाइल नंबर", "custom.first_vote": "First vote"}, ensure_ascii=False),
        },
    )
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Only show what would be read"})


class ImportFiles(BodyIn):
    """The sheet."""

    file = UploadedFile(required=True, metadata={"description": "CSV, TSV or XLSX, also packed by gzip or zip"})


class ImportCountsOut(Schema):
    """How the rows of a sheet count; the last five add up to the first."""

    rows = fields.Integer()
    created = fields.Integer()
    updated = fields.Integer()
    duplicates = fields.Integer()
    rejected = fields.Integer()
    suppressed = fields.Integer()


class ImportConsentOut(Schema):
    """Consent that a source claims, which a second person attests."""

    claimed = fields.Boolean(required=True, metadata={"description": "Whether any of its fields rests on consent"})
    required = fields.Boolean(
        required=True, metadata={"description": "Whether its addresses wait in quarantine until it is attested"}
    )
    attested_by = fields.String(required=True, allow_none=True, metadata={"description": "Who vouches for it"})


class ImportOut(ImportCountsOut, SheetReadOut):
    """An import: its counts so far, here and as one object, and the job's state."""

    id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    dry_run = fields.Boolean(required=True)
    counts = fields.Nested(ImportCountsOut, metadata={"description": "The same counts as one object"})
    quarantined = fields.Integer(
        metadata={"description": "Created or updated rows that brought an address which nobody may use yet"}
    )
    outside_campaign = fields.Integer(metadata={"description": "Rows of people outside the campaign's parts"})
    progress = fields.Nested(ProgressOut, required=True)
    problem = fields.Nested(JobProblemOut, required=True, allow_none=True)
    file_name = fields.String(required=True)
    campaign_id = fields.String(required=True, allow_none=True)
    source = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
    source_id = fields.String(
        required=True, metadata={"description": "The declared source, which a second person may have to attest"}
    )
    consent = fields.Nested(ImportConsentOut, required=True)
    result = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        allow_none=True,
        metadata={"description": "Of a dry run: mapping with confidence, 20 rows as read, problems by code"},
    )
    undo = fields.Nested(JobOut, required=True, allow_none=True, metadata={"description": "The job that undoes it"})
    created_at = UtcTime(required=True, metadata={"type": "string"})
    finished_at = UtcTime(required=True, allow_none=True, metadata={"type": "string"})


class EnrolIn(BodyIn):
    """Whom to enrol: everybody of the campaign's parts, or of one area of it, or of an audience."""

    area = Identifier(load_default=None, metadata={"example": "ac-24-17"})
    audience_id = Identifier(load_default=None, allow_none=True)
