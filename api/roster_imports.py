"""Sheets of people who work here."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import get_locale

from api.context import services
from api.imports import FILE_PROBLEMS
from api.jobs import shown
from api.operations import Resource
from schemas.jobs import JobOut
from schemas.roster_imports import RosterFiles, RosterImportOut
from services.domain.people.actor import Actor

resource = Resource("roster-imports", __name__, description="Sheets of people who work here")

_LARGEST = 16 * 1024 * 1024


@resource.operation(
    "POST",
    "/users/imports",
    verb="users.create",
    files=RosterFiles,
    answer=JobOut,
    status=202,
    problems=FILE_PROBLEMS,
    creates=True,
    body_limit=_LARGEST,
)
def import_users(actor: Actor, files: dict[str, Any]) -> dict[str, Any]:
    """Hand in a roster sheet; who is on the roster by phone is changed, who is not is enrolled."""
    file = files["file"]
    return shown(services().roster_imports.begin(actor, file.stream, file_name=(file.filename or "")[:200]))


@resource.operation("GET", "/users/imports/<import_id>", verb="users.create", answer=RosterImportOut, versioned=True)
def get_user_import(actor: Actor, import_id: str) -> dict[str, Any]:
    """Show how the rows of a roster sheet count so far."""
    job, progress = services().roster_imports.get(actor, import_id)
    whole = shown(job)
    kept = ("id", "state", "progress", "problem", "created_at", "finished_at")
    unread = {name: (job.result or {}).get(name, []) for name in ("unread_columns", "skipped_sheets")}
    warned = {"warned": progress.warned, "warnings": progress.warnings}
    shown_of_job = {name: whole[name] for name in kept}
    return {**shown_of_job, **progress.counts, **warned, **unread, "file_name": job.params["file_name"]}


@resource.operation("GET", "/users/imports/<import_id>/rejects.csv", verb="users.create", media="text/csv")
def get_user_rejects(actor: Actor, import_id: str) -> Response:
    """Return the refused rows with line, column, code and reason, to be corrected and handed in again."""
    lines = services().roster_imports.rejects(actor, import_id, locale=str(get_locale()))
    answer = Response((line.encode() for line in lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="rejects-{import_id}.csv"'
    return answer
