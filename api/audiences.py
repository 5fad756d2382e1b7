"""Audiences: saved queries over a campaign's contacts, counted and planned with."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from api.context import services
from api.jobs import shown as job_shown
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.audiences import (
    AudienceFunnelOut,
    AudienceFunnelQuery,
    AudiencesQuery,
    SavedAudienceIn,
    SavedAudienceOut,
    SavedAudiencePageOut,
)
from schemas.jobs import JobOut
from services.domain.people.actor import Actor

resource = Resource("audiences", __name__, description="Saved queries over contacts")


@resource.operation(
    "POST",
    "/audiences",
    verb="audiences.create",
    body=SavedAudienceIn,
    answer=SavedAudienceOut,
    status=201,
    creates=True,
)
def create_audience(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Keep a query over places, roll fields, tags, reach, standing, outcomes and custom fields."""
    return _shown(services().audiences.audiences.create(actor, body))


@resource.operation("GET", "/audiences", verb="audiences.read", query=AudiencesQuery, answer=SavedAudiencePageOut)
def list_audiences(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List audiences; a coordinator sees headquarters' and those of the own district."""
    found = services().audiences.audiences.list_page(actor, page_request(query), campaign_id=query["campaign_id"])
    return page_answer(found)


@resource.operation("GET", "/audiences/<audience_id>", verb="audiences.read", answer=SavedAudienceOut, versioned=True)
def get_audience(actor: Actor, audience_id: str) -> dict[str, Any]:
    """Return one audience."""
    return _shown(services().audiences.audiences.get(actor, audience_id))


@resource.operation(
    "GET",
    "/audiences/<audience_id>/funnel",
    verb="audiences.read",
    query=AudienceFunnelQuery,
    answer=AudienceFunnelOut,
    also={202: ("Not counted yet: a job whose result has the same figures", JobOut)},
)
def get_audience_funnel(actor: Actor, audience_id: str, query: dict[str, Any]) -> Any:
    """Return how many could be contacted now by a channel, and why others not; an area's from tallies."""
    audience, answer = services().audiences.audiences.funnel(actor, audience_id, channel=query["channel"])
    if answer.figures is None and answer.job is not None:
        dumped = JobOut().dump(job_shown(answer.job))
        return Response(orjson.dumps(dumped), status=202, content_type="application/json")
    return {
        **(answer.figures or {}),
        "audience_id": audience_id,
        "channel": answer.channel,
        "done_goal": audience["done_goal"],
        "job_id": answer.job.id if answer.job else None,
    }


def _shown(audience: dict[str, Any]) -> dict[str, Any]:
    note_version(1)
    return audience
