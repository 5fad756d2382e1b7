"""The audit trail, for headquarters."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.audit import AuditPageOut, AuditQuery
from services.domain.people.actor import Actor

resource = Resource("audit", __name__, description="Who did what to whom, when and from where")


@resource.operation("GET", "/audit", verb="audit.read", query=AuditQuery, answer=AuditPageOut)
def list_audit(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List the audit trail by actor, subject, action and time, the newest entries first."""
    filters = {name: query[name] for name in ("actor", "subject", "action")}
    page = services().audit.list_page(page_request(query), filters=filters, since=query["since"], until=query["until"])
    return page_answer(page)
