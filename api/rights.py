"""Requests of the public about their own data, and those who answer them."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.limits import PUBLIC, limiter
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.rights import ResolveIn, RightsPageOut, RightsQuery, RightsRequestIn, RightsRequestOut, RightsTakenOut
from services.domain.batches.links import mask_address
from services.domain.contacts.rights import RightsRequest
from services.domain.people.actor import Actor

resource = Resource("rights", __name__, description="Stop, access, correction, erasure, complaints")


@resource.operation(
    "POST", "/rights/requests", verb=PUBLIC, body=RightsRequestIn, answer=RightsTakenOut, status=202, creates=True
)
@limiter.limit("10 per minute; 60 per hour")
def request_right(body: dict[str, Any]) -> dict[str, Any]:
    """Ask for something about the data of a phone number; a stop holds at once."""
    taken = services().rights.take(**body)
    return {name: getattr(taken, name) for name in ("id", "kind", "received_at", "due_on")}


@resource.operation("GET", "/rights/requests", verb="rights.read", query=RightsQuery, answer=RightsPageOut)
def list_rights_requests(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List requests with the day each is due: of the own district, for headquarters all."""
    page = services().rights.list_page(actor, page_request(query), state=query["state"])
    return page_answer(page.map(_shown))


@resource.operation(
    "POST",
    "/rights/requests/<request_id>/resolve",
    verb="rights.resolve",
    body=ResolveIn,
    answer=RightsRequestOut,
    versioned=True,
    problems=("state_conflict",),
)
def resolve_rights_request(actor: Actor, request_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Say what came of a request; an erasure that is done erases the people of the number."""
    resolved = services().rights.resolve(actor, request_id, result=body["result"], note=body["note"], version=if_match)
    note_version(resolved.version)
    return _shown(resolved)


def _shown(request: RightsRequest) -> dict[str, Any]:
    same = ("id", "kind", "received_at", "due_on", "note", "state", "result", "resolution", "resolved_by")
    return {
        **{name: getattr(request, name) for name in (*same, "resolved_at")},
        "phone_masked": mask_address(request.phone),
        "contacts": list(request.contact_ids),
    }
