"""Jobs: long work that a request began."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from api.catalogue import PROBLEMS
from api.context import services
from api.operations import Resource
from api.preconditions import note_version
from schemas.jobs import JobOut
from services.domain.jobs import Job
from services.domain.people.actor import Actor

resource = Resource("jobs", __name__, description="Long work: how far it has come and what came of it")


@resource.operation("GET", "/jobs/<job_id>", verb="jobs.read", answer=JobOut, versioned=True)
def get_job(actor: Actor, job_id: str) -> dict[str, Any]:
    """Show an own job; coordinators see those of their district, headquarters all."""
    return shown(services().jobs.get(actor, job_id))


@resource.operation(
    "POST",
    "/jobs/<job_id>/cancel",
    verb="jobs.cancel",
    answer=JobOut,
    problems=["state_conflict"],
    versioned=True,
)
def cancel_job(actor: Actor, job_id: str, if_match: int | None) -> dict[str, Any]:
    """Cancel a job: at once while it waits, at its next checkpoint while it runs; what it has done stays done."""
    return shown(services().jobs.cancel(actor, job_id, version=if_match))


def shown(job: Job) -> dict[str, Any]:
    """Return the job as the wire has it, and note its version for the ETag."""
    note_version(job.version)
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "progress": {"done": job.done, "total": job.total},
        "result": job.result,
        "problem": _problem(job),
        "cancel_requested": job.cancel_requested,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
    }


def _problem(job: Job) -> dict[str, Any] | None:
    if job.problem is None:
        return None
    code = job.problem["code"]
    entry = PROBLEMS.get(code) or PROBLEMS["job_failed"]
    told = {"code": code, "title": gettext(entry.title), "detail": gettext(entry.detail)}
    return {**told, "errors": job.problem["errors"]} if job.problem.get("errors") else told
