"""The job that brings a roster sheet in: row by row, each person once by their phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.domain.errors import Conflict, DomainError, Forbidden, Invalid
from services.domain.jobs import Run
from services.domain.people.actor import Actor
from services.domain.people.users import User, manages
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.roster_rows import RosterReader, RosterRow
from services.domain.sheets.row_cells import RowProblem
from services.gateways.spreadsheets import SheetRow, SheetTable, open_table
from services.imports.refused_rows import Refused, RefusedRows
from services.people.outsiders import Outsiders
from services.people.roster import Roster
from services.store.files import FileStore
from services.store.people.users import UserStore

KIND = "roster_import"
COUNTS = ("rows", "created", "updated", "unchanged", "rejected")
_SAVE_EVERY = 50
# So many warnings are told one by one; beyond, that somebody is warned is counted.
_WARNINGS_TOLD = 200


@dataclass(slots=True)
class RosterProgress:
    """How far a sheet has come in; `chunks` of the file of refused rows are valid."""

    line: int = 0
    chunks: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    warned: int = 0
    warnings: list[dict[str, Any]] = field(default_factory=list)

    @staticmethod
    def read(checkpoint: Mapping[str, Any]) -> RosterProgress:
        """Return what a checkpoint says; an empty one is the beginning."""
        return (
            RosterProgress(**{**checkpoint, "counts": dict(checkpoint["counts"])}) if checkpoint else RosterProgress()
        )

    def to_checkpoint(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {name: getattr(self, name) for name in ("line", "chunks", "counts", "warned", "warnings")}


class RosterImport:
    """Handles jobs of kind "roster_import", with the rights that its uploader has while it runs."""

    def __init__(
        self,
        *,
        files: FileStore,
        users: UserStore,
        roster: Roster,
        outsiders: Outsiders,
        headings: HeadingTable,
        reader: Callable[[], RosterReader],
    ) -> None:
        self._files = files
        self._refused = RefusedRows(files)
        self._users = users
        self._roster = roster
        self._outsiders = outsiders
        self._headings = headings
        self._reader = reader

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Bring the rows in that are not in yet; return the counts of all, and what of the sheet was not read."""
        progress = RosterProgress.read(run.job.checkpoint)
        actor = self._actor(run.job.owner)
        table = open_table(self._files.read(run.job.params["file_id"]), self._headings)
        table.mapping.refuse_forbidden()
        if not progress.chunks:
            progress.chunks = self._refused.begin(run.job.id, table.mapping.headers)
        try:
            self._bring_in(run, actor, table, progress)
        finally:
            self._refused.finish(run.job.id, progress.chunks)
        unread = {"unread_columns": list(table.mapping.unknown), "skipped_sheets": list(table.skipped_sheets)}
        return {**progress.counts, **unread}

    def _actor(self, user_id: str) -> Actor:
        owner = self._users.get(user_id)
        if owner.state != "active":
            raise Forbidden
        return Actor(user_id=owner.id, role=owner.role, session_id="", home_area=owner.home_area)

    def _bring_in(self, run: Run, actor: Actor, table: SheetTable, progress: RosterProgress) -> None:
        reader, seen, waiting = self._reader(), set[str](), list[Refused]()
        taken: dict[int, User] = {}
        since_saved = 0
        for row in table.rows:
            read = _read(reader, row, table)
            problem = read if isinstance(read, RowProblem) else None
            if isinstance(read, RosterRow):
                if read.phone in seen:
                    problem = RowProblem(_heading(table, "phone"), "phone_repeated")
                seen.add(read.phone)
            if row.line <= progress.line:
                continue
            progress.line = row.line
            progress.counts["rows"] += 1
            if problem is None and isinstance(read, RosterRow):
                result, person = self._take(actor, read, mark={"import": run.job.id, "line": row.line})
                taken |= {row.line: person} if person else {}
                problem = RowProblem(_heading(table, _COLUMNS.get(result)), result) if result not in COUNTS else None
                progress.counts[result if problem is None else "rejected"] += 1
            else:
                progress.counts["rejected"] += 1
            if problem is not None:
                waiting.append(Refused(row.line, problem, row.cells))
            since_saved += 1
            if since_saved == _SAVE_EVERY:
                self._save(run, progress, waiting, taken)
                since_saved = 0
        self._save(run, progress, waiting, taken)

    def _save(self, run: Run, progress: RosterProgress, waiting: list[Refused], taken: dict[int, User]) -> None:
        warnings = self._outsiders.warnings(list(taken.values())) if taken else {}
        warned = {line: warnings[user.id] for line, user in taken.items() if user.id in warnings}
        progress.warned += len(warned)
        told = [{"line": line, "user_id": taken[line].id, **one} for line, each in warned.items() for one in each]
        progress.warnings = [*progress.warnings, *told][:_WARNINGS_TOLD]
        taken.clear()
        progress.chunks = self._refused.add(run.job.id, progress.chunks, waiting)
        waiting.clear()
        run.save(progress.to_checkpoint(), done=progress.counts["rows"])

    def _take(self, actor: Actor, row: RosterRow, *, mark: Mapping[str, Any]) -> tuple[str, User | None]:
        """Enrol or change one person; return `created`, `updated` or `unchanged` and who it is, or the code why not."""
        try:
            known = self._users.find_by_phone(row.phone)
            if known is not None and known.merged_into is not None:
                known = self._users.get(known.merged_into)
            if known is None:
                facts = {"role": "volunteer", **row.facts, "phone": row.phone}
                return "created", self._roster.create(actor, facts, mark=mark)
            return self._change(actor, known, row, mark=mark)
        except Forbidden:
            return "not_yours", None
        except Conflict as error:
            return error.code, None
        except Invalid as error:
            return _code_of(error), None

    def _change(self, actor: Actor, known: User, row: RosterRow, *, mark: Mapping[str, Any]) -> tuple[str, User | None]:
        if done := self._users.marked(known.id, mark):
            # This very row was taken before a kill, and its count was lost with it.
            return done, known
        if not manages(actor, role=known.role, home_area=known.home_area):
            return "phone_taken", None
        if row.facts.get("role", known.role) != known.role:
            return "role_differs", None
        if all(getattr(known, name) == value for name, value in row.facts.items()):
            return "unchanged", known
        return "updated", self._roster.change(actor, known.id, row.facts, version=None, mark=mark)


_COLUMNS = {
    "not_yours": "home_district",
    "home_district_required": "home_district",
    "phone_taken": "phone",
    "role_differs": "role",
    "name_invalid": "name",
    "name_required": "name",
}
_REQUIRED = {"home_area": "home_district_required", "name": "name_required"}


def _read(reader: RosterReader, row: SheetRow, table: SheetTable) -> RosterRow | RowProblem:
    return RowProblem(None, row.problem) if row.problem else reader.read(row.cells, table.mapping)


def _heading(table: SheetTable, name: str | None) -> str | None:
    at = table.mapping.fields.get(name) if name else None
    return None if at is None else table.mapping.headers[at]


def _code_of(error: DomainError) -> str:
    """Return the row's code for what the roster refused."""
    name, codes = next(iter(error.fields.items()))
    return _REQUIRED.get(name, codes[0]) if codes[0] == "required" else codes[0]
