"""Progress for those who lead, and one's own."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale

from api.context import services
from api.operations import Resource
from schemas.reports import OwnStatsOut, ProgressQuery, ProgressReportOut
from services.domain.people.actor import Actor
from services.reports.reports import ProgressQuery as Wanted

resource = Resource("reports", __name__, description="Progress, from tallies")


@resource.operation(
    "GET",
    "/reports/progress",
    verb="reports.read",
    query=ProgressQuery,
    answer=ProgressReportOut,
    problems=("not_found",),
)
def progress(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Return progress; a district is the volunteer's home, constituency and part are the contact's."""
    return services().reports.progress(actor, Wanted(**query), locale=str(get_locale()))


@resource.operation("GET", "/me/stats", verb="me.stats", answer=OwnStatsOut)
def own_stats(actor: Actor) -> dict[str, Any]:
    """Return the own figures of today, of this week and of each campaign."""
    return services().reports.own(actor)
