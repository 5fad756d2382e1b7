"""Reports for those who lead, and one's own figures: all of them sums of tallies."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.report_answers import AnswersOut, AnswersQuery
from schemas.report_results import FunnelQuery, RatesOut, RatesQuery, ReportFunnelOut
from schemas.report_volunteers import (
    DigestOut,
    DigestQuery,
    LeaderboardOut,
    LeaderboardQuery,
    VolunteerRowPageOut,
    VolunteersQuery,
)
from schemas.reports import OwnStatsOut, ProgressQuery, ProgressReportOut
from services.domain.people.actor import Actor
from services.reports.answers import AnswersQuery as WantedAnswers
from services.reports.reports import ProgressQuery as Wanted
from services.reports.results import RatesQuery as WantedRates
from services.reports.volunteers import Days

resource = Resource("reports", __name__, description="Progress, rates and rankings, from tallies")


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
    return services().reports.progress.progress(actor, Wanted(**query), locale=str(get_locale()))


@resource.operation(
    "GET", "/reports/funnel", verb="reports.read", query=FunnelQuery, answer=ReportFunnelOut, problems=("not_found",)
)
def funnel(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Return how far a campaign's people have come, and how many could be contacted now by a channel, or why not."""
    people = services().reports.results.funnel(actor, **query)
    return {**people, **services().audiences.readiness.of(actor, **query)}


@resource.operation(
    "GET", "/reports/response-rates", verb="reports.read", query=RatesQuery, answer=RatesOut, problems=("not_found",)
)
def response_rates(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Return response, cooperation, refusal and contact rates by the AAPOR Standard Definitions."""
    return services().reports.results.rates(actor, WantedRates(**query), locale=str(get_locale()))


@resource.operation(
    "GET", "/reports/answers", verb="reports.read", query=AnswersQuery, answer=AnswersOut, problems=("not_found",)
)
def answers(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Return what people answered, question by question; coordinators that of their own volunteers' calls."""
    return services().reports.answers.answers(actor, WantedAnswers(**query))


@resource.operation(
    "GET",
    "/reports/leaderboard",
    verb="reports.read",
    query=LeaderboardQuery,
    answer=LeaderboardOut,
    problems=("not_found",),
)
def leaderboard(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Rank volunteers, or districts, by people spoken with; volunteers' rows are for whoever manages them."""
    days = Days(from_on=query.pop("from_on"), to_on=query.pop("to_on"))
    return services().reports.volunteers.leaderboard(actor, **query, days=days, locale=str(get_locale()))


@resource.operation(
    "GET",
    "/reports/volunteers",
    verb="reports.volunteers",
    query=VolunteersQuery,
    answer=VolunteerRowPageOut,
    problems=("not_found",),
)
def volunteers(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List volunteers with what each has done in a campaign, those who did nothing too; a coordinator their own."""
    days = Days(from_on=query["from_on"], to_on=query["to_on"])
    page = services().reports.volunteers.list_page(
        actor, page_request(query), campaign_id=query["campaign_id"], area=query["area"], days=days
    )
    return page_answer(page)


@resource.operation(
    "GET", "/reports/digest", verb="reports.read", query=DigestQuery, answer=DigestOut, problems=("not_found",)
)
def digest(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Return a day in short: its figures beside the day before, the first districts, and a sentence to pass on."""
    return services().reports.digests.of_day(actor, **query, locale=str(get_locale()))


@resource.operation("GET", "/me/stats", verb="me.stats", answer=OwnStatsOut)
def own_stats(actor: Actor) -> dict[str, Any]:
    """Return the own figures of today, of this week and of each campaign."""
    return services().reports.progress.own(actor)
