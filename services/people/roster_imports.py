"""Roster sheets as their uploader sees them: handed in, looked at, their refused rows read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from services.domain.errors import NotFound
from services.domain.ids import new_id
from services.domain.jobs import Job
from services.domain.people.actor import Actor
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.rejects import RowMessages
from services.gateways.spreadsheets import open_table
from services.imports.refused_rows import RefusedRows
from services.operations.jobs import Jobs
from services.people.roster_import import KIND, RosterProgress
from services.store.files import CHUNK_BYTES, FileStore

_LANE = "roster"


class RosterImports:
    """Begins and shows the jobs of services.roster_import."""

    def __init__(self, *, jobs: Jobs, files: FileStore, headings: HeadingTable, messages: RowMessages) -> None:
        self._jobs = jobs
        self._files = files
        self._headings = headings
        self._messages = messages

    def begin(self, actor: Actor, content: BinaryIO, *, file_name: str) -> Job:
        """Keep the sheet sealed and queue its import; raise Invalid for what is no roster."""
        open_table(content, self._headings).mapping.refuse_forbidden()
        content.seek(0)
        job_id = new_id()
        self._files.write(job_id, iter(lambda: content.read(CHUNK_BYTES), b""))
        params = {"file_id": job_id, "file_name": file_name}
        return self._jobs.begin(actor, KIND, params, job_id=job_id, lane=_LANE)

    def get(self, actor: Actor, import_id: str) -> tuple[Job, RosterProgress]:
        """Return an import's job and how its rows count so far."""
        job = self._jobs.get(actor, import_id)
        if job.kind != KIND:
            raise NotFound
        return job, RosterProgress.read(job.checkpoint)

    def rejects(self, actor: Actor, import_id: str, *, locale: str) -> Iterator[str]:
        """Return the lines of rejects.csv; raise NotFound for another's import or one older than seven days."""
        self.get(actor, import_id)
        lines = RefusedRows(self._files).lines(import_id, messages=self._messages, locale=locale)
        self._jobs.handed_out(actor, import_id, "import.rejects")
        return lines
