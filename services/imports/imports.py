"""Imports as headquarters sees them: a sheet is handed in with its source, looked at, its refused rows read, undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

from services.domain.errors import Conflict, Invalid, NotFound
from services.domain.ids import new_id
from services.domain.ist import IST
from services.domain.jobs import Job
from services.domain.people.actor import Actor
from services.domain.sheets.rejects import RowMessages
from services.domain.sheets.sources import Source, check_source
from services.gateways.clock import Clock
from services.imports.columns import SheetColumns
from services.imports.job import KIND, LANE, Progress
from services.imports.refused_rows import RefusedRows
from services.imports.saved_mappings import SavedMappings
from services.imports.trial import KIND as TRIAL
from services.imports.undo import KIND as UNDO
from services.operations.jobs import Jobs
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.sources import SourceStore
from services.store.files import CHUNK_BYTES, FileStore

UNDO_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A sheet as it was handed in; `mapping` says which column is which of our fields where we should not guess."""

    content: BinaryIO
    file_name: str
    source: Source
    campaign_id: str | None
    mapping: Mapping[str, str | None]
    dry_run: bool


class Imports:
    """Begin, show and undo imports; the work is done by jobs (services.import_job and its neighbours)."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        files: FileStore,
        sources: SourceStore,
        campaigns: CampaignStore,
        mappings: SavedMappings,
        columns: SheetColumns,
        attesting: bool,
        messages: RowMessages,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._files = files
        self._sources = sources
        self._campaigns = campaigns
        self._mappings = mappings
        self._columns = columns
        self._attesting = attesting
        self._messages = messages
        self._clock = clock

    def begin(self, actor: Actor, upload: Upload) -> Job:
        """Keep the sheet sealed and queue its import; raise Invalid for a source or a sheet that cannot be taken."""
        now = self._clock.now()
        check_source(upload.source, today=now.astimezone(IST).date())
        self._check_campaign(upload.campaign_id)
        self._columns.refuse_without_campaign(upload.campaign_id, upload.mapping)
        headings = self._columns.headings(upload.campaign_id)
        opened = self._mappings.open(upload.content, upload.source, upload.mapping, headings=headings)
        opened.table.mapping.refuse_forbidden()
        upload.content.seek(0)
        job_id = new_id()
        self._files.write(job_id, iter(lambda: upload.content.read(CHUNK_BYTES), b""))
        if not upload.dry_run:
            self._mappings.keep(actor, upload.source, opened, at=now)
            self._sources.keep(upload.source, by=actor.user_id, at=now, import_id=job_id)
        params = {
            "file_id": job_id,
            "file_name": upload.file_name,
            "source": upload.source.to_plain(),
            "campaign_id": upload.campaign_id,
            "mapping": dict(opened.said),
            "mapping_from": opened.origin,
        }
        if upload.dry_run:
            return self._jobs.begin(actor, TRIAL, params, job_id=job_id)
        return self._jobs.begin(actor, KIND, params, job_id=job_id, lane=LANE)

    def get(self, actor: Actor, import_id: str) -> tuple[Job, Progress, Job | None]:
        """Return an import's job, its counts so far, and the job that undoes it if there is one."""
        job = self._jobs.get(actor, import_id)
        if job.kind not in {KIND, TRIAL}:
            raise NotFound
        return job, Progress.read(job.checkpoint if job.kind == KIND else {}), self._undo_of(actor, import_id)

    def attestation(self, source: Source) -> dict[str, Any]:
        """Return whether a source claims consent, whether that has to be attested before its use, and who did."""
        told = self._sources.by_ids([source.id]).get(source.id, {}) if source.claims_consent else {}
        required = source.claims_consent and self._attesting
        return {"claimed": source.claims_consent, "required": required, "attested_by": told.get("attested_by")}

    def rejects(self, actor: Actor, import_id: str, *, locale: str) -> Iterator[str]:
        """Return the lines of rejects.csv; raise NotFound for another's import or one older than seven days."""
        self.get(actor, import_id)
        lines = RefusedRows(self._files).lines(import_id, messages=self._messages, locale=locale)
        self._jobs.handed_out(actor, import_id, "import.rejects")
        return lines

    def undo(self, actor: Actor, import_id: str) -> Job:
        """Queue the undoing of an import that has ended; asked again it answers the same job."""
        job = self._jobs.get(actor, import_id)
        if job.kind != KIND:
            raise NotFound
        if not job.ended:
            raise Conflict("state_conflict")
        if job.finished_at is not None and self._clock.now() - job.finished_at > timedelta(days=UNDO_DAYS):
            raise Conflict("undo_too_late")
        params = {"import_id": import_id}
        return self._jobs.begin(actor, UNDO, params, job_id=_undo_id(import_id), lane=LANE)

    def _undo_of(self, actor: Actor, import_id: str) -> Job | None:
        try:
            return self._jobs.get(actor, _undo_id(import_id))
        except NotFound:
            return None

    def _check_campaign(self, campaign_id: str | None) -> None:
        if campaign_id is None:
            return
        campaign = self._campaigns.get_many([campaign_id]).get(campaign_id)
        if campaign is None or campaign["state"] == "closed":
            raise Invalid(campaign_id="campaign_unknown" if campaign is None else "campaign_closed")


def _undo_id(import_id: str) -> str:
    return f"undo-{import_id}"
