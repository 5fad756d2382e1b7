"""Makes the file of an export portion by portion: sealed, resumed after a kill, every row marked with who asked."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from services.domain.errors import Conflict
from services.domain.exports.exports import KEPT, Portion, line, mark_of, text_of
from services.domain.jobs import Run
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.gateways.workbook_writer import workbook
from services.operations.audit import Audit
from services.store.collection import Document
from services.store.exports import ExportStore
from services.store.files import FileStore
from services.store.people.users import UserStore

_MARK = "exported_for"
# By it spreadsheet programs know UTF-8.
_SIGN = "\ufeff"


class Source(Protocol):
    """What gives the rows of one kind of export."""

    def columns(self, export: Document) -> Sequence[str]:
        """Return the names of the columns."""

    def steps(self, export: Document) -> Sequence[Any]:
        """Return what is read between two checkpoints, the same list each time it is asked for."""

    def portion(self, export: Document, actor: Actor, step: Any) -> Portion:
        """Return the rows of one step."""


class ExportJob:
    """Does jobs of kind "export"; `done` and `total` count steps, such as a campaign's parts."""

    def __init__(
        self,
        *,
        store: ExportStore,
        files: FileStore,
        users: UserStore,
        sources: Mapping[str, Source],
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._files = files
        self._users = users
        self._sources = sources
        self._audit = audit
        self._clock = clock

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Write the rows, return `{rows, left_out, withheld, expires_at}`; raise Conflict for what nobody approved."""
        export = self._store.get(run.job.params["export_id"])
        if export["state"] == "ready":
            return _result(export)
        if export["state"] != "approved":
            raise Conflict("state_conflict")
        user = self._users.get(export["asked_by"])
        actor = Actor(user_id=user.id, role=user.role, session_id="job", home_area=user.home_area, areas=user.areas)
        state = self._written(export, actor, mark_of(export, user.name), run)
        if export["format"] == "xlsx":
            content = workbook(_cells(self._files.read(_rows_id(export))), sheet=export["kind"])
            self._files.write(export["_id"], [content], kept=KEPT)
            self._files.delete(_rows_id(export))
        expires_at = self._clock.now() + KEPT
        told = {"state": "ready", **{name: state[name] for name in _COUNTED}, "expires_at": expires_at}
        done = self._store.move(export["_id"], states=("approved", "ready"), fields=told)
        return _result(done or {**export, **told})

    def _written(self, export: Document, actor: Actor, mark: str, run: Run) -> Document:
        source, file_id = self._sources[export["kind"]], _rows_id(export)
        state: Document = {"at": 0, "rows": 0, "chunks": 0, "left_out": {}, "withheld": {}, **run.job.checkpoint}
        if not state["chunks"]:
            heading = _SIGN + line([*source.columns(export), _MARK])
            state["chunks"] = self._files.write_part(file_id, 0, heading.encode(), kept=KEPT)
        steps = source.steps(export)
        for step in steps[state["at"] :]:
            portion = source.portion(export, actor, step)
            if portion.contacts and export["personal"]:
                # Before the rows: whose data was handed out must not be known less than it is.
                for at in range(0, len(portion.contacts), _TOLD_AT_ONCE):
                    some = list(portion.contacts[at : at + _TOLD_AT_ONCE])
                    self._audit.record(actor, "contact.export", subject=f"export:{export['_id']}", contacts=some)
            text = "".join(line([*row, mark]) for row in portion.rows)
            if text:
                state["chunks"] = self._files.write_part(file_id, state["chunks"], text.encode(), kept=KEPT)
            state["rows"] += len(portion.rows)
            state["left_out"] = dict(Counter(state["left_out"]) + portion.left_out)
            state["withheld"] = dict(Counter(state["withheld"]) + portion.withheld)
            state["at"] += 1
            if text or state["at"] % _EMPTY_STEPS == 0:
                run.save(state, done=state["at"], total=len(steps))
        self._files.finish(file_id, chunks=state["chunks"], kept=KEPT)
        return state


_TOLD_AT_ONCE = 500
_COUNTED = ("rows", "left_out", "withheld")
# Steps without rows cost less than a checkpoint.
_EMPTY_STEPS = 50


def _rows_id(export: Document) -> str:
    """Return where the lines are written: the file itself, or beside it where it becomes a workbook."""
    return str(export["_id"]) if export["format"] == "csv" else f"{export['_id']}-rows"


def _result(export: Document) -> Document:
    named = {name: export.get(name, {}) for name in _COUNTED}
    return {"export_id": export["_id"], **named, "expires_at": text_of(export["expires_at"])}


def _cells(chunks: Iterator[bytes]) -> Iterator[list[str]]:
    return csv.reader(_lines(chunks))


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for one in whole:
            yield one.decode().removeprefix(_SIGN) + "\n"
