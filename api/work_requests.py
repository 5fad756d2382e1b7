"""Requests for more work: volunteers ask, coordinators approve or decline."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.base import PagedQuery
from schemas.work_requests import (
    ApproveRequestIn,
    DeclineRequestIn,
    WorkRequestIn,
    WorkRequestOut,
    WorkRequestPageOut,
    WorkRequestQuery,
)
from services.domain.people.actor import Actor

resource = Resource("work_requests", __name__, description="A volunteer wants more; the coordinator says yes or no")


@resource.operation(
    "POST",
    "/me/requests",
    verb="me.batches",
    body=WorkRequestIn,
    answer=WorkRequestOut,
    status=201,
    also={200: "The request that is open already"},
    problems=("not_found",),
    creates=True,
)
def ask_for_work(actor: Actor, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Ask the coordinator for more work; an open request is answered again."""
    request, is_new = services().work_requests.ask(actor, body["campaign_id"], body["channel"], note=body["note"])
    return _shown(request), 201 if is_new else 200


@resource.operation("GET", "/me/requests", verb="me.batches", query=PagedQuery, answer=WorkRequestPageOut)
def list_my_work_requests(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List what one has asked for and how it was answered, the oldest first."""
    return page_answer(services().work_requests.own(actor, page_request(query)))


@resource.operation(
    "POST",
    "/me/requests/<work_request_id>/withdraw",
    verb="me.batches",
    answer=WorkRequestOut,
    versioned=True,
    problems=("state_conflict",),
)
def withdraw_work_request(actor: Actor, work_request_id: str, if_match: int | None) -> dict[str, Any]:
    """Take an own open request back."""
    return _shown(services().work_requests.withdraw(actor, work_request_id, version=if_match))


@resource.operation("GET", "/requests", verb="batches.read", query=WorkRequestQuery, answer=WorkRequestPageOut)
def list_work_requests(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List requests of one's volunteers by state, campaign and district, the oldest first."""
    filters = {"state": query["state"], "campaign_id": query["campaign_id"], "district_id": query["area"]}
    return page_answer(services().work_requests.list_page(actor, page_request(query), filters))


@resource.operation("GET", "/requests/<work_request_id>", verb="batches.read", answer=WorkRequestOut, versioned=True)
def get_work_request(actor: Actor, work_request_id: str) -> dict[str, Any]:
    """Return a request of one of one's volunteers."""
    return _shown(services().work_requests.get(actor, work_request_id))


@resource.operation(
    "POST",
    "/requests/<work_request_id>/approve",
    verb="batches.assign",
    body=ApproveRequestIn,
    body_optional=True,
    answer=WorkRequestOut,
    versioned=True,
    problems=("state_conflict", "no_batch", "blocked_by_rule", "busy"),
)
def approve_work_request(
    actor: Actor, work_request_id: str, body: dict[str, Any] | None, if_match: int | None
) -> dict[str, Any]:
    """Give the volunteer a batch: the one that is named, else the next of the pool where they may work."""
    batch_id = (body or {}).get("batch_id")
    return _shown(services().work_requests.approve(actor, work_request_id, batch_id=batch_id, version=if_match))


@resource.operation(
    "POST",
    "/requests/<work_request_id>/decline",
    verb="batches.assign",
    body=DeclineRequestIn,
    answer=WorkRequestOut,
    versioned=True,
    problems=("state_conflict",),
)
def decline_work_request(
    actor: Actor, work_request_id: str, body: dict[str, Any], if_match: int | None
) -> dict[str, Any]:
    """Refuse a request and say why."""
    return _shown(services().work_requests.decline(actor, work_request_id, reason=body["reason"], version=if_match))


def _shown(request: dict[str, Any]) -> dict[str, Any]:
    note_version(request["version"])
    return request
