"""Progress for those who lead."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale

from api.context import services
from api.operations import Resource
from schemas.reports import ProgressReportOut, ProgressQuery
from services.domain.actor import Actor
from services.reports import ProgressQuery as Wanted

resource = Resource("reports", __name__, description="Progress, from tallies")


@resource.operation("GET", "/reports/progress", verb="reports.read", query=ProgressQuery, answer=ProgressReportOut)
def progress(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Return progress; a district is the volunteer's home, constituency and part are the contact's."""
    return services().reports.progress(actor, Wanted(**query), locale=str(get_locale()))
