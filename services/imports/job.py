"""The job that brings a sheet in: chunk by chunk, each counted in the same write that says how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.contacts.target_counts import TargetCounts
from services.domain.contacts.keys import ContactKeys
from services.domain.ist import IST
from services.domain.jobs import Job, Run, RunLost, RunPaused
from services.domain.sheets.cells import CellWords
from services.domain.sheets.sources import ROLL, Source
from services.gateways.clock import Clock
from services.gateways.spreadsheets import SheetTable, open_table
from services.imports.columns import SheetColumns
from services.imports.refused_rows import RefusedRows
from services.imports.rows import Chunk, PlaceTable, RowMaker, only_constituency
from services.imports.writer import ChunkWriter, Prepared, Setting, Written
from services.operations.ahead import ahead, behind, bulk_work
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.sources import SourceStore
from services.store.files import FileStore

KIND = "import"
# Two imports at once could each make a contact of the same person: the second waits.
LANE = "contacts"
COUNTS = ("rows", "created", "updated", "duplicates", "rejected", "suppressed")


@dataclass(slots=True)
class Progress:
    """How far an import has come, as its checkpoint keeps it; `reject_chunks` of the rejects file are valid."""

    line: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    quarantined: int = 0
    outside: int = 0
    reject_chunks: int = 0
    parts: set[str] = field(default_factory=set)

    @staticmethod
    def read(checkpoint: Mapping[str, Any]) -> Progress:
        """Return what a checkpoint says; an empty one is the beginning."""
        if not checkpoint:
            return Progress()
        return Progress(**{**checkpoint, "counts": dict(checkpoint["counts"]), "parts": set(checkpoint["parts"])})

    def to_checkpoint(self) -> dict[str, Any]:
        """Return it as plain values."""
        plain = {name: getattr(self, name) for name in ("line", "counts", "quarantined", "outside", "reject_chunks")}
        return {**plain, "parts": sorted(self.parts)}

    def add(self, chunk: Chunk, written: Written) -> None:
        """Count a chunk."""
        self.line = chunk.last_line
        self.counts["rows"] += chunk.size
        self.counts["rejected"] += len(chunk.refused)
        for kind, number in written.counts.items():
            self.counts[kind] += number
        self.quarantined += written.quarantined
        self.outside += written.outside
        self.parts |= written.parts

    def to_result(self) -> dict[str, Any]:
        """Return the figures of the whole import."""
        return {**self.counts, "quarantined": self.quarantined, "outside_campaign": self.outside}


class ImportJob:
    """Handles jobs of kind "import"."""

    def __init__(
        self,
        *,
        files: FileStore,
        campaigns: CampaignStore,
        sources: SourceStore,
        attesting: bool,
        writer: ChunkWriter,
        target_counts: TargetCounts,
        rulebook: Rulebook,
        places: Places,
        keys: ContactKeys,
        words: CellWords,
        columns: SheetColumns,
        clock: Clock,
    ) -> None:
        self._files = files
        self._refused = RefusedRows(files)
        self._campaigns = campaigns
        self._sources = sources
        self._attesting = attesting
        self._writer = writer
        self._target_counts = target_counts
        self._rulebook = rulebook
        self._places = places
        self._keys = keys
        self._words = words
        self._columns = columns
        self._clock = clock

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Bring the rows in that are not in yet, and return the counts of all."""
        job = run.job
        progress = Progress.read(job.checkpoint)
        table = open_upload(self._files, job, self._columns)
        if not progress.reject_chunks:
            progress.reject_chunks = self._refused.begin(job.id, table.mapping.headers)
        try:
            self._bring_in(run, table, progress)
        except (RunLost, RunPaused):
            # Another worker goes on, at once or after us.
            raise
        except BaseException:
            self._conclude(job, progress)
            raise
        self._conclude(job, progress)
        unread = {"unread_columns": list(table.mapping.unknown), "skipped_sheets": list(table.skipped_sheets)}
        return {**progress.to_result(), **unread}

    def maker(self, job: Job, campaign: Mapping[str, Any] | None) -> RowMaker:
        """Return what makes this import's rows ready."""
        source = Source.from_plain(job.params["source"])
        return RowMaker(
            import_id=job.id,
            source=source,
            attested=not (self._attesting and source.claims_consent) or self._sources.is_attested(source.id),
            places=PlaceTable(self._places),
            keys=self._keys,
            words=self._words,
            headings=self._columns.headings(None),
            custom=self._columns.custom(job.params["campaign_id"]),
            today=self._clock.now().astimezone(IST).date(),
            ac_no=only_constituency(campaign),
        )

    def _bring_in(self, run: Run, table: SheetTable, progress: Progress) -> None:
        campaign_id = run.job.params["campaign_id"]
        campaign = self._campaigns.get(campaign_id) if campaign_id else None
        made = self.maker(run.job, campaign).chunks(table, after_line=progress.line)

        def settle(step: tuple[Chunk, Prepared]) -> None:
            self._settle(run, progress, *step)

        with bulk_work(), ahead(made) as chunks, behind(settle) as hand_over:
            prepared: Prepared | None = None
            for chunk in chunks:
                setting = self._setting(run.job.id, campaign_id)
                prepared = self._writer.prepare(chunk.rows, setting, after=prepared)
                hand_over((chunk, prepared))

    def _settle(self, run: Run, progress: Progress, chunk: Chunk, prepared: Prepared) -> None:
        """Write and count a chunk, while the next one is matched."""
        written = self._writer.write(prepared)
        progress.reject_chunks = self._refused.add(run.job.id, progress.reject_chunks, chunk.refused)
        progress.add(chunk, written)
        run.save(progress.to_checkpoint(), done=progress.counts["rows"])

    def _setting(self, import_id: str, campaign_id: str | None) -> Setting:
        now = self._clock.now()
        live = {one["_id"]: frozenset(one["constituencies"]) for one in self._campaigns.list_live()}
        if campaign_id is None:
            rules = self._rulebook.of_state(self._rulebook.controls(), now)
            return Setting(import_id=import_id, rules=rules, now=now, following=live)
        ruling = self._rulebook.of(campaign_id, now)
        seats = frozenset(ruling.campaign["constituencies"])
        return Setting(
            import_id=import_id,
            rules=ruling.rules,
            now=now,
            campaign_id=campaign_id,
            constituencies=seats,
            following={**live, campaign_id: seats},
        )

    def _conclude(self, job: Job, progress: Progress) -> None:
        """Let the rejects be read and the targets be counted; done again after a kill it comes to the same."""
        self._refused.finish(job.id, progress.reject_chunks)
        if campaign_id := job.params["campaign_id"]:
            self._target_counts.recount(self._campaigns.get(campaign_id), progress.parts)


def open_upload(files: FileStore, job: Job, columns: SheetColumns) -> SheetTable:
    """Open the uploaded sheet of a job; raises Invalid for one that is no sheet or has a forbidden column."""
    content = files.read(job.params["file_id"])
    explicit, headings = job.params["mapping"], columns.headings(job.params["campaign_id"])
    table = open_table(content, headings, explicit=explicit)
    table.mapping.refuse_forbidden()
    if job.params["source"]["kind"] == ROLL:
        return table
    return replace(table, mapping=table.mapping.off_the_roll(headings, explicit))
