"""The audit trail, for headquarters."""

from __future__ import annotations

from typing import Any

from flask import Response

from api.context import services
from api.jobs import shown
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.audit import AuditExportIn, AuditPageOut, AuditQuery
from schemas.jobs import JobOut
from services.domain.people.actor import Actor

resource = Resource("audit", __name__, description="Who did what to whom, when and from where")


@resource.operation("GET", "/audit", verb="audit.read", query=AuditQuery, answer=AuditPageOut)
def list_audit(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List the audit trail by actor, subject, action and time, the newest entries first."""
    filters = {name: query[name] for name in ("actor", "subject", "session_id", "action")}
    page = services().audit.list_page(page_request(query), filters=filters, since=query["since"], until=query["until"])
    return page_answer(page)


@resource.operation(
    "POST", "/audit/exports", verb="audit.export", body=AuditExportIn, answer=JobOut, status=202, creates=True
)
def export_audit(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Hand the audit trail out, or whose data was seen or taken by whom and when; the answer is a job."""
    exports = services().audit_trail.exports
    return shown(exports.begin(actor, exports.wanted(**body)))


@resource.operation("GET", "/audit/exports/<export_id>/file", verb="audit.export", media="text/csv")
def get_audit_export(actor: Actor, export_id: str) -> Response:
    """Return an export that is done, as CSV; it is gone after seven days."""
    answer = Response(services().audit_trail.exports.file(actor, export_id), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{export_id}.csv"'
    return answer
