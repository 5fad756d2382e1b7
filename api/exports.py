"""Exports: files for a purpose, personal ones with a second person's approval, there for a day for whoever asked."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import get_locale

from api.context import services
from api.jobs import shown as job_shown
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.exports import ExportIn, ExportOut, ExportPageOut, ExportRejectIn, ExportsQuery
from schemas.jobs import JobOut
from services.domain.people.actor import Actor

resource = Resource("exports", __name__, description="Files that are handed out")

_MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@resource.operation("POST", "/exports", verb="exports.create", body=ExportIn, answer=JobOut, status=202, creates=True)
def create_export(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for a file; the answer is a job whose id is the export's, held until approved where it is personal."""
    body["filter"] = {name: str(value) for name, value in body["filter"].items()}
    return job_shown(services().exports.ask(actor, body, locale=str(get_locale())))


@resource.operation("GET", "/exports", verb="exports.read", query=ExportsQuery, answer=ExportPageOut)
def list_exports(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List exports, the latest first; those that wait are for another person to decide."""
    return page_answer(services().exports.list_page(page_request(query), state=query["state"]))


@resource.operation("GET", "/exports/<export_id>", verb="exports.read", answer=ExportOut, versioned=True)
def get_export(actor: Actor, export_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Show what was asked for, why, by whom, and where it stands."""
    return _shown(services().exports.get(export_id))


@resource.operation(
    "POST",
    "/exports/<export_id>/approve",
    verb="exports.approve",
    answer=ExportOut,
    versioned=True,
    problems=("own_approval", "state_conflict"),
)
def approve_export(actor: Actor, export_id: str, if_match: int | None) -> dict[str, Any]:
    """Let an export with personal fields be made; whoever asked for it cannot."""
    return _shown(services().exports.approve(actor, export_id, version=if_match))


@resource.operation(
    "POST",
    "/exports/<export_id>/reject",
    verb="exports.approve",
    body=ExportRejectIn,
    answer=ExportOut,
    versioned=True,
    problems=("state_conflict",),
)
def reject_export(actor: Actor, export_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Refuse an export that waits, or take one's own back."""
    return _shown(services().exports.reject(actor, export_id, reason=body["reason"], version=if_match))


@resource.operation(
    "GET",
    "/exports/<export_id>/file",
    verb="exports.read",
    media=tuple(_MEDIA.values()),
    problems=("state_conflict",),
)
def get_export_file(actor: Actor, export_id: str) -> Response:
    """Return the file to whoever asked for it, within 24 hours; each time is recorded."""
    export, content = services().exports.file(actor, export_id)
    answer = Response(content, mimetype=_MEDIA[export["format"]])
    name = f"{export['kind']}-{export_id}.{export['format']}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _shown(export: dict[str, Any]) -> dict[str, Any]:
    note_version(export["version"])
    return export
