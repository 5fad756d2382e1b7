"""Declared sources as headquarters sees them; a second person attests the consent that one claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.domain.errors import Conflict, Unavailable
from services.domain.jobs import Job, Run
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.sheets.sources import UNATTESTED, Source
from services.gateways.clock import Clock
from services.imports.job import LANE, Progress
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.store.contacts.quarantine import QuarantineStore
from services.store.contacts.sources import SourceStore
from services.store.jobs import JobStore

KIND = "source_attest"
_TRIES = 20

Document = dict[str, Any]


class Sources:
    """List, show and attest sources."""

    def __init__(self, store: SourceStore, *, jobs: Jobs, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._jobs = jobs
        self._audit = audit
        self._clock = clock

    def list_page(self, page: PageRequest) -> Page[Document]:
        """Return what was declared."""
        return self._store.list_page(page)

    def get(self, source_id: str) -> Document:
        """Return one source; raise NotFound."""
        return self._store.get(source_id)

    def attest(self, actor: Actor, source_id: str) -> Job:
        """Vouch for a source's consent, and queue the freeing of what waits for it; asked again it is the same job.

        Raises Conflict: `own_approval` for whoever declared it, `state_conflict` for one that claims no consent.
        """
        stored = self._store.get(source_id)
        if not declared(stored).claims_consent:
            raise Conflict("state_conflict")
        if stored["by"] == actor.user_id:
            raise Conflict("own_approval")
        self._store.attest(source_id, by=actor.user_id, at=self._clock.now())
        self._audit.record(actor, "source.attest", subject=source_id)
        return self._jobs.begin(actor, KIND, {"source_id": source_id}, job_id=f"attest-{source_id}", lane=LANE)


class SourceAttesting:
    """Handles jobs of kind "source_attest": frees a source's addresses, part by part of all its imports."""

    def __init__(self, *, sources: SourceStore, jobs: JobStore, quarantine: QuarantineStore) -> None:
        self._sources = sources
        self._jobs = jobs
        self._quarantine = quarantine

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Free what waits; done again after a kill it finds less to free."""
        source_id = run.job.params["source_id"]
        parts = self._parts(source_id)
        for at in range(run.job.checkpoint.get("at", 0), len(parts)):
            self._free(parts[at] or None, source_id)
            run.save({"at": at + 1}, done=at + 1, total=len(parts))
        return {"source_id": source_id, "parts": len(parts)}

    def _free(self, part_id: str | None, source_id: str) -> None:
        for _ in range(_TRIES):
            if not self._quarantine.free(part_id, source_id=source_id, why=UNATTESTED):
                return
        raise Unavailable("database_unavailable")

    def _parts(self, source_id: str) -> list[str]:
        """The parts of everybody whom the source's imports brought; no import runs meanwhile, as both hold the lane."""
        imports = (self._jobs.find(import_id) for import_id in self._sources.get(source_id).get("imports", ()))
        return sorted({part for job in imports if job for part in Progress.read(job.checkpoint).parts})


def declared(stored: Document) -> Source:
    """Return the source that a stored document holds."""
    return Source.from_plain(
        {
            name: stored[name]
            for name in ("name", "kind", "lawful_basis", "collected_on", "notice_version", "field_basis")
        }
    )
