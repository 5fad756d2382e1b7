"""Joining by oneself: a district's codes, who asks with them, and the coordinator's decision."""

from __future__ import annotations

from typing import Any

from flask import request

from api.context import services
from api.limits import PUBLIC, limiter
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.base import PagedQuery
from schemas.joins import (
    JoinApprovedOut,
    JoinCodeIn,
    JoinCodeOut,
    JoinCodePageOut,
    JoinIn,
    JoinRequestOut,
    JoinRequestPageOut,
    JoinRequestQuery,
    JoinTakenOut,
)
from services.domain.people.actor import Actor
from services.store.collection import Document

resource = Resource("joining", __name__, description="Joining by a district's code, with its coordinator's approval")


@resource.operation(
    "POST", "/join/codes", verb="joins.manage", body=JoinCodeIn, answer=JoinCodeOut, status=201, creates=True
)
def create_join_code(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Make a code by which a number of people may ask to join a district."""
    return _code(services().joining.create_code(actor, **body))


@resource.operation("GET", "/join/codes", verb="joins.manage", query=PagedQuery, answer=JoinCodePageOut)
def list_join_codes(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List the codes of the own district, for headquarters all, the oldest first."""
    return page_answer(services().joining.list_codes(actor, page_request(query)).map(_code))


@resource.operation("DELETE", "/join/codes/<code_id>", verb="joins.manage", status=204)
def revoke_join_code(actor: Actor, code_id: str) -> None:
    """End a code; requests that came with it stay to be decided."""
    services().joining.revoke_code(actor, code_id)


@resource.operation(
    "POST",
    "/join/requests",
    verb=PUBLIC,
    body=JoinIn,
    answer=JoinTakenOut,
    status=202,
    creates=True,
    problems=("join_code_invalid", "signin_throttled"),
)
@limiter.limit("300 per minute")
def ask_to_join(body: dict[str, Any]) -> dict[str, str]:
    """Ask to join by a code; whether the phone is known here is not told."""
    told = {name: value for name, value in body.items() if name not in {"code", "phone"}}
    services().joining.ask(code=body["code"], phone=body["phone"], told=told, address=request.remote_addr)
    return {"state": "waiting"}


@resource.operation("GET", "/join/requests", verb="joins.manage", query=JoinRequestQuery, answer=JoinRequestPageOut)
def list_join_requests(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List who asked to join the own district, for headquarters all."""
    page = services().joining.list_requests(actor, page_request(query), state=query["state"])
    return page_answer(page.map(_request))


@resource.operation(
    "POST",
    "/join/requests/<join_request_id>/approve",
    verb="joins.manage",
    answer=JoinApprovedOut,
    problems=("state_conflict", "phone_taken"),
)
def approve_join_request(actor: Actor, join_request_id: str) -> dict[str, Any]:
    """Enrol who asked as a volunteer of the district, and make their invitation, shown this once."""
    decided, invitation = services().joining.approve(actor, join_request_id)
    return {"request": _request(decided), "invitation": invitation}


@resource.operation(
    "POST",
    "/join/requests/<join_request_id>/reject",
    verb="joins.manage",
    answer=JoinRequestOut,
    problems=("state_conflict",),
)
def reject_join_request(actor: Actor, join_request_id: str) -> dict[str, Any]:
    """Turn a request down; the phone and the name in it are forgotten."""
    return _request(services().joining.reject(actor, join_request_id))


def _code(code: Document) -> dict[str, Any]:
    return {**code, "id": code["_id"], "district": code["district_id"]}


def _request(asked: Document) -> dict[str, Any]:
    return {**asked, "id": asked["_id"], "district": asked["district_id"]}
