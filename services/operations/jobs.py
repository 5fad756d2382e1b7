"""Jobs as people see them: begun by a request, looked at, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.domain.errors import Conflict, NotFound, StaleVersion
from services.domain.ids import new_id
from services.domain.jobs import CANCELLED, Job
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.jobs import JobStore


class Jobs:
    """Begin, show and cancel long work; services.job_runner does it."""

    def __init__(self, store: JobStore, *, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    def begin(
        self,
        actor: Actor,
        kind: str,
        params: Mapping[str, Any],
        *,
        job_id: str | None = None,
        lane: str | None = None,
        total: int | None = None,
        held: bool = False,
    ) -> Job:
        """Store a job that a worker will take up, a held one once it is freed; one that is there is returned."""
        job = Job(
            id=job_id or new_id(),
            kind=kind,
            owner=actor.user_id,
            readers=tuple(_names_of(actor)),
            created_at=self._clock.now(),
            params=params,
            lane=lane,
            total=total,
        )
        if not self._store.insert_once(job, held=held):
            return self._get(job.id, actor)
        self._audit.record(actor, f"job.{kind}", subject=job.id)
        return job

    def free(self, job_id: str) -> None:
        """Let a held job be taken up."""
        self._store.free(job_id)

    def drop(self, job_id: str) -> None:
        """End a job that was refused before it began; one that has ended stays as it is."""
        self._store.cancel(job_id, version=None, at=self._clock.now())

    def has_ended(self, job_id: str) -> bool:
        """Tell whether nothing will come of a job any more."""
        job = self._store.find(job_id)
        return job is None or job.ended

    def get(self, actor: Actor, job_id: str) -> Job:
        """Return an own job, for a coordinator also one of their district, for headquarters any."""
        return self._get(job_id, actor)

    def cancel(self, actor: Actor, job_id: str, *, version: int | None) -> Job:
        """Cancel at once what waits, at its next checkpoint what runs; raise Conflict for what has ended."""
        job = self._get(job_id, actor)
        if job.state == CANCELLED or (job.cancel_requested and not job.ended):
            return job
        cancelled = self._store.cancel(job_id, version=version, at=self._clock.now())
        if cancelled is None:
            if version is not None and version != self._get(job_id, actor).version:
                raise StaleVersion
            raise Conflict("state_conflict")
        self._audit.record(actor, "job.cancel", subject=job_id)
        return cancelled

    def handed_out(self, actor: Actor, job_id: str, action: str) -> None:
        """Record that a file of a job's, with people's data in it, was taken."""
        self._audit.record(actor, action, subject=f"job:{job_id}")

    def _get(self, job_id: str, actor: Actor) -> Job:
        job = self._store.find(job_id, readers=None if actor.is_headquarters else _names_of(actor))
        if job is None:
            raise NotFound
        return job


def _names_of(actor: Actor) -> list[str]:
    """Under which names a person may see jobs: as themselves, and a coordinator as their district."""
    own = [actor.user_id]
    return [*own, f"district:{actor.home_area}"] if actor.role == "coordinator" and actor.home_area else own
