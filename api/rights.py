"""Requests of the public about their own data, and those who answer them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from api.context import services
from api.limits import PUBLIC, limiter
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from config.paths import read_json
from schemas.rights import (
    AccessReportOut,
    ProveIn,
    ReportQuery,
    ResolveIn,
    RightsPageOut,
    RightsQuery,
    RightsRequestIn,
    RightsRequestOut,
    RightsTakenOut,
)
from services.domain.batches.links import mask_address
from services.domain.contacts.access_report import lines
from services.domain.contacts.rights import RightsRequest
from services.domain.people.actor import Actor

_WORDS = read_json("access_report.json")
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
    wanted = {"state": query["state"], "due_before": query["due_before"]}
    return page_answer(services().rights.list_page(actor, page_request(query), **wanted).map(_shown))


@resource.operation("GET", "/rights/requests/<request_id>", verb="rights.read", answer=RightsRequestOut, versioned=True)
def get_rights_request(actor: Actor, request_id: str) -> dict[str, Any]:
    """Show one request."""
    return _versioned(services().rights.get(actor, request_id))


@resource.operation(
    "POST",
    "/rights/requests/<request_id>/prove",
    verb="rights.resolve",
    body=ProveIn,
    answer=RightsRequestOut,
    versioned=True,
    problems=("state_conflict",),
)
def prove_rights_request(actor: Actor, request_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Say how it was shown that the number is theirs; only then is a report given."""
    return _versioned(services().rights.prove(actor, request_id, proof=body["how"], version=if_match))


@resource.operation(
    "GET",
    "/rights/requests/<request_id>/report",
    verb="rights.resolve",
    query=ReportQuery,
    answer=AccessReportOut,
    problems=("not_proven",),
)
def get_access_report(actor: Actor, request_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """Tell all that is kept about the people of a proven number, opened, for those people; it is logged."""
    only = [query["contact_id"]] if query["contact_id"] else None
    held = services().rights.report(actor, request_id, locale=query["locale"], contact_ids=only)
    text = "\n".join(lines(held, _WORDS, query["locale"]))
    people = [asdict(one) for one in held]
    return {"locale": query["locale"], "made_at": services().clock.now(), "people": people, "text": text}


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
    resolved = services().rights.resolve(actor, request_id, **body, version=if_match)
    return _versioned(resolved)


def _versioned(request: RightsRequest) -> dict[str, Any]:
    note_version(request.version)
    return _shown(request)


def _shown(request: RightsRequest) -> dict[str, Any]:
    same = ("id", "kind", "received_at", "due_on", "note", "state", "proof", "proven_by", "proven_at", "result")
    return {
        **{name: getattr(request, name) for name in (*same, "resolution", "resolved_by", "resolved_at")},
        "phone_masked": mask_address(request.phone) if request.phone else None,
        "contacts": list(request.contact_ids),
    }
