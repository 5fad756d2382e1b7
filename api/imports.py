"""Imports of sheets, and the enrolment of contacts that are there already."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import get_locale

from api.context import services
from api.jobs import shown
from api.operations import Resource
from api.preconditions import note_version
from api.uploads import upload_limit
from schemas.imports import EnrolIn, ImportFiles, ImportForm, ImportOut
from schemas.jobs import JobOut
from services.domain.people.actor import Actor
from services.domain.sheets.sources import Source
from services.imports.imports import Upload
from services.imports.job import COUNTS
from services.imports.trial import KIND as TRIAL

resource = Resource("imports", __name__, description="Sheets of people: handed in, counted, refused rows, undone")

FILE_PROBLEMS = (
    "sheet_empty",
    "not_a_sheet",
    "old_workbook",
    "encrypted_workbook",
    "workbook_too_large",
    "file_truncated",
    "zip_bomb",
    "zip_of_many",
    "file_too_large",
    "header_not_found",
    "too_many_columns",
    "forbidden_column",
)


@resource.operation(
    "POST",
    "/contacts/imports",
    verb="contacts.import",
    form=ImportForm,
    files=ImportFiles,
    answer=JobOut,
    status=202,
    problems=FILE_PROBLEMS,
    creates=True,
    body_limit=upload_limit,
)
def import_contacts(actor: Actor, form: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Hand in a sheet of people; the answer is a job whose id is the import's."""
    file = files["file"]
    upload = Upload(
        content=file.stream,
        file_name=(file.filename or "")[:200],
        source=Source(**form["source"]),
        campaign_id=form["campaign_id"],
        mapping=form["mapping"],
        dry_run=form["dry_run"],
    )
    return shown(services().imports.begin(actor, upload))


@resource.operation("GET", "/contacts/imports/<import_id>", verb="contacts.import", answer=ImportOut, versioned=True)
def get_import(actor: Actor, import_id: str) -> dict[str, Any]:
    """Show how the rows of an import count so far."""
    job, progress, undo = services().imports.get(actor, import_id)
    undo_shown = shown(undo) if undo else None
    whole = shown(job)
    counts = progress.to_result()
    note_version(job.version + (undo.version if undo else 0))
    source = Source.from_plain(job.params["source"])
    trial = job.kind == TRIAL
    unread = {name: (job.result or {}).get(name, []) for name in ("unread_columns", "skipped_sheets")}
    if trial:
        unread["unread_columns"] = (job.result or {}).get("unknown_columns", [])
        # Nothing is made, so nothing can be told but what was read and what would be refused.
        counts = {name: (job.result or {}).get(name, 0) for name in (*COUNTS, "quarantined")}
    return {
        **{name: whole[name] for name in ("id", "state", "progress", "problem", "created_at", "finished_at")},
        **counts,
        "counts": {name: counts[name] for name in COUNTS},
        **({"result": whole["result"]} if trial else {}),
        **unread,
        "dry_run": trial,
        "undo": undo_shown,
        "source_id": source.id,
        "consent": services().imports.attestation(source),
        **{name: job.params[name] for name in ("file_name", "campaign_id", "source")},
    }


@resource.operation("GET", "/contacts/imports/<import_id>/rejects.csv", verb="contacts.import", media="text/csv")
def get_rejects(actor: Actor, import_id: str) -> Response:
    """Return the refused rows with line, column, code and reason, to be corrected and handed in again."""
    lines = services().imports.rejects(actor, import_id, locale=str(get_locale()))
    answer = Response((line.encode() for line in lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="rejects-{import_id}.csv"'
    return answer


@resource.operation(
    "POST",
    "/contacts/imports/<import_id>/undo",
    verb="contacts.import",
    answer=JobOut,
    status=202,
    problems=("state_conflict", "undo_too_late"),
)
def undo_import(actor: Actor, import_id: str) -> dict[str, Any]:
    """Take an import back within seven days; contacts worked on since are kept and counted."""
    return shown(services().imports.undo(actor, import_id))


@resource.operation(
    "POST",
    "/campaigns/<campaign_id>/enrol",
    verb="campaigns.enrol",
    body=EnrolIn,
    body_optional=True,
    answer=JobOut,
    status=202,
    problems=("state_conflict",),
    creates=True,
)
def enrol_contacts(actor: Actor, campaign_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Make the contacts of a campaign's parts, or of an audience, its targets; who is one already stays as they are."""
    return shown(services().enrolment.begin(actor, campaign_id, **body))
