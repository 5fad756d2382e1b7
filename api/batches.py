"""Batches as coordinators deal with them: plan, make, look, assign, recall, extend, move."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from api.context import services
from api.jobs import shown as job_shown
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.balance import BalancePageOut, BalanceQuery
from schemas.batches import (
    AssigneeIn,
    BatchesIn,
    BatchesOut,
    BatchOut,
    BatchPageOut,
    BatchQuery,
    ExtendIn,
    PlanIn,
    PlanOut,
    ReassignedOut,
    ReassignIn,
    RecallIn,
)
from schemas.jobs import JobOut
from services.batches.view import summary
from services.domain.batches.batches import NORMAL
from services.domain.errors import Invalid
from services.domain.jobs import Job
from services.domain.people.actor import Actor

resource = Resource("batches", __name__, description="Work in pieces: planned, made, given out, taken back")

_LARGE = ("Too much to look at within a request: a job whose result is the same", JobOut)
_DEFAULTS: dict[str, Any] = {"audience_id": None, "area": None, "size": None, "limit": None, "due_at": None}
_DEFAULTS["priority"] = NORMAL


@resource.operation(
    "POST",
    "/batches/plan",
    verb="batches.plan",
    body=PlanIn,
    answer=PlanOut,
    also={202: _LARGE},
    problems=("not_found",),
)
def plan_batches(actor: Actor, body: dict[str, Any]) -> Any:
    """Show who would get how many of whom, and why others are not ready; kept for fifteen minutes."""
    planned = services().dispatching.plan(actor, body)
    return _accepted(planned) if isinstance(planned, Job) else planned


@resource.operation(
    "POST",
    "/batches",
    verb="batches.create",
    body=BatchesIn,
    answer=BatchesOut,
    status=201,
    also={202: ("More than twenty batches: a job that makes them", JobOut)},
    problems=("plan_expired", "not_found"),
    creates=True,
)
def create_batches(actor: Actor, body: dict[str, Any]) -> Any:
    """Make the batches of a plan that was shown, or of a new one; says what came otherwise than planned."""
    made = services().dispatching.make(actor, plan_id=body.get("plan_id"), request=_request(body))
    if isinstance(made, Job):
        return _accepted(made)
    return {"items": [summary(batch) for batch in made.batches], "changed": made.changed}


@resource.operation("GET", "/batches", verb="batches.read", query=BatchQuery, answer=BatchPageOut)
def list_batches(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List batches of one's volunteers and of the pool where one's district helps, by campaign, state, holder, area."""
    page = services().batches.list_page(actor, page_request(query), query)
    return page_answer(page.map(summary))


@resource.operation(
    "GET",
    "/batches/balance",
    verb="batches.read",
    query=BalanceQuery,
    answer=BalancePageOut,
    problems=("not_found",),
)
def show_balance(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List active volunteers with what they have in hand: who has too much, who idles."""
    wanted = {name: query[name] for name in ("campaign_id", "area", "burden")}
    page, as_of = services().balance.list_page(actor, page_request(query), **wanted)
    return {**page_answer(page), "as_of": as_of}


@resource.operation("GET", "/batches/<batch_id>", verb="batches.read", answer=BatchOut, versioned=True)
def get_batch(actor: Actor, batch_id: str) -> dict[str, Any]:
    """Return a batch without its people."""
    return _shown(services().batches.get(actor, batch_id))


@resource.operation(
    "POST",
    "/batches/<batch_id>/assign",
    verb="batches.assign",
    body=AssigneeIn,
    answer=BatchOut,
    versioned=True,
    problems=("state_conflict", "blocked_by_rule", "busy"),
)
def assign_batch(actor: Actor, batch_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Give a batch to a volunteer; of one that is worked on, the open rest goes as a new batch, which is answered."""
    return _shown(services().assigning.assign(actor, batch_id, body["user_id"], version=if_match))


@resource.operation(
    "POST",
    "/batches/<batch_id>/recall",
    verb="batches.recall",
    body=RecallIn,
    answer=BatchOut,
    versioned=True,
    problems=("state_conflict", "busy"),
)
def recall_batch(actor: Actor, batch_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Take a batch back: its open items go to the pool, those of a pooled batch to the next plan."""
    return _shown(services().assigning.recall(actor, batch_id, reason=body["reason"], version=if_match))


@resource.operation(
    "POST",
    "/batches/<batch_id>/extend",
    verb="batches.extend",
    body=ExtendIn,
    answer=BatchOut,
    versioned=True,
    problems=("state_conflict", "busy"),
)
def extend_batch(actor: Actor, batch_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Set until when a batch lives; its numbers are held as long."""
    return _shown(services().assigning.extend(actor, batch_id, body["due_at"], version=if_match))


@resource.operation(
    "POST", "/batches/reassign", verb="batches.assign", body=ReassignIn, answer=ReassignedOut, problems=("not_found",)
)
def reassign_batches(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Move live batches of a filter to volunteers in turn, or to the pool; what is worked stays where it is."""
    how = {name: body[name] for name in ("count", "user_ids", "as_of")}
    moved, skipped = services().reassigning.reassign(actor, body, **how)
    return {"items": [summary(batch) for batch in moved], "skipped": skipped}


def _request(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return the plan that a body describes, None when it names one that was shown."""
    if "plan_id" in body:
        wrong = {name: "not_with_plan_id" for name in body if name != "plan_id"}
        if wrong:
            raise Invalid(**wrong)
        return None
    missing = {name: "required" for name in ("campaign_id", "channel", "assign") if name not in body}
    if missing:
        raise Invalid(**missing)
    return {**_DEFAULTS, **body}


def _accepted(job: Job) -> Response:
    dumped = JobOut().dump(job_shown(job))
    return Response(orjson.dumps(dumped), status=202, content_type="application/json")


def _shown(batch: dict[str, Any]) -> dict[str, Any]:
    note_version(batch["version"])
    return summary(batch)
