"""Planning and making batches as a request asks for it: at once when it is little, else as a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.batches.planning import WALKED, Planning, actor_of, shown
from services.batches.runs import BatchRuns
from services.domain.ids import derived_id, new_id
from services.domain.jobs import Job, Run
from services.domain.people.actor import Actor
from services.domain.wire_time import utc_text
from services.operations.ahead import bulk_work
from services.operations.audit import Audit
from services.operations.jobs import Jobs

Document = dict[str, Any]
PLAN, MAKE = "plan", "batches"
# An audience asks more about each of them.
_MOST_OF_AUDIENCE = 5_000
# What a request makes by itself.
_MOST_BATCHES = 20
# The id of a plan's job follows from the plan alone: asked for twice it is one job.
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Made:
    """The batches of a plan without their items, and what came otherwise than planned."""

    batches: list[Document]
    changed: list[Document]


class Dispatching:
    """Plans and makes batches, or begins the job that does."""

    def __init__(self, *, planning: Planning, runs: BatchRuns, jobs: Jobs, audit: Audit) -> None:
        self._planning = planning
        self._runs = runs
        self._jobs = jobs
        self._audit = audit

    def plan(self, actor: Actor, request: Document) -> Document | Job:
        """Return a plan as the wire has it, or the job that makes it."""
        if self._is_large(actor, request):
            return self._begin(actor, PLAN, new_id(), request)
        return shown(self._planning.make(actor, request))

    def make(self, actor: Actor, *, plan_id: str | None, request: Document | None) -> Made | Job:
        """Do a plan that was shown, or what a request describes; a plan is never done a second time."""
        if request is not None:
            if self._is_large(actor, request):
                return self._begin(actor, MAKE, new_id(), request)
            plan = self._planning.make(actor, request)
        else:
            plan = self._planning.take(actor, plan_id or "")
        if plan["batches"] > _MOST_BATCHES:
            return self._begin(actor, MAKE, plan["_id"], plan["request"])
        done = self._runs.carry_out(plan)
        told = {"batches": done["batches"], "contacts": done["contacts"]}
        self._audit.record(actor, "batches.create", subject=f"plan:{plan['_id']}", **told)
        return Made(self._runs.made(plan), done["changed"])

    def run_plan(self, run: Run, /) -> Mapping[str, Any]:
        """Do a job of kind "plan"; its result is the plan as the wire has it."""
        plan = self._planned(run)
        wire = shown(plan)
        return {**wire, "valid_until": utc_text(plan["valid_until"])}

    def run_batches(self, run: Run, /) -> Mapping[str, Any]:
        """Do a job of kind "batches"; `done` and `total` count parts."""
        plan = self._planned(run)
        with bulk_work():
            return self._runs.carry_out(plan, run)

    def _is_large(self, actor: Actor, request: Document) -> bool:
        most = WALKED if request["audience_id"] is None else _MOST_OF_AUDIENCE
        return self._planning.size(actor, request) > most

    def _planned(self, run: Run) -> Document:
        params = run.job.params
        return self._planning.make(actor_of(dict(params)), dict(params["request"]), plan_id=params["plan_id"])

    def _begin(self, actor: Actor, kind: str, plan_id: str, request: Document) -> Job:
        told = {"user_id": actor.user_id, "role": actor.role, "home_area": actor.home_area}
        return self._jobs.begin(
            actor,
            kind,
            {"plan_id": plan_id, "request": request, "actor": told},
            job_id=derived_id(_BEGINNING, kind, plan_id),
            lane=f"{kind}:{request['campaign_id']}",
        )
