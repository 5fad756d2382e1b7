"""Hands the audit trail out as a file: all entries that match, or one line for each contact that somebody was shown."""

from __future__ import annotations

import csv
import heapq
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.domain.audit.entries import Disclosure, Subjects, disclosures
from services.domain.errors import Invalid, NotFound
from services.domain.jobs import Job, Run
from services.domain.people.actor import Actor
from services.domain.wire_time import utc_text
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.store.audit import KEPT, AuditStore
from services.store.collection import Document
from services.store.files import FileStore

KIND = "audit_export"
ENTRIES, DISCLOSURES = "entries", "disclosures"
_COLUMNS = ("id", "at", "action", "subject", "actor", "role", "session_id", "address", "request_id", "facts", "chunk")
_STEP = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be handed out: `entries` or `disclosures`, of [since, until), by whatever is given."""

    kind: str
    since: datetime
    until: datetime
    actor: str | None = None
    subject: str | None = None
    session_id: str | None = None
    installation_id: str | None = None
    contact_id: str | None = None
    action: str | None = None

    @property
    def header(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return _COLUMNS if self.kind == ENTRIES else Disclosure._fields


class AuditExports:
    """Begins and does jobs of kind "audit_export", day by day, and gives their files; each is audited itself."""

    def __init__(
        self,
        *,
        entries: AuditStore,
        files: FileStore,
        jobs: Jobs,
        audit: Audit,
        subjects: Subjects,
        shown_by: Iterable[str],
        clock: Clock,
    ) -> None:
        self._entries = entries
        self._files = files
        self._jobs = jobs
        self._audit = audit
        self._subjects = subjects
        self._shown_by = list(shown_by)
        self._clock = clock

    def wanted(self, kind: str, *, since: datetime | None, until: datetime | None, **by: str | None) -> Wanted:
        """Return what is asked for, within the year that is kept; raise Invalid for a time that ends first."""
        now = self._clock.now()
        start, end = max(since or now - KEPT, now - KEPT), min(until or now, now) + timedelta(milliseconds=1)
        if since is not None and until is not None and since >= until:
            raise Invalid(to="before_from")
        return Wanted(kind=kind, since=start, until=end, **by)

    def begin(self, actor: Actor, wanted: Wanted) -> Job:
        """Queue an export."""
        return self._jobs.begin(actor, KIND, {name: value for name, value in asdict(wanted).items() if value})

    def lines(self, wanted: Wanted) -> Iterator[str]:
        """Give the whole of it as lines of CSV."""
        yield _line(wanted.header)
        for day, end in _days(wanted.since, wanted.until):
            yield from map(_line, self._rows(wanted, day, end))

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Write the file day by day and return how many rows it has; `done` and `total` count days."""
        wanted = Wanted(**run.job.params)
        days = list(_days(_aware(wanted.since), _aware(wanted.until)))
        file_id = _file_id(run.job.id)
        state = {"days": 0, "rows": 0, "chunks": 0, **run.job.checkpoint}
        if not state["chunks"]:
            state["chunks"] = self._files.write_part(file_id, 0, _line(wanted.header).encode())
        for day, end in days[state["days"] :]:
            rows = [_line(row) for row in self._rows(wanted, day, end)]
            if rows:
                state["chunks"] = self._files.write_part(file_id, state["chunks"], "".join(rows).encode())
            state = {**state, "days": state["days"] + 1, "rows": state["rows"] + len(rows)}
            if rows or state["days"] % 30 == 0:
                run.save(state, done=state["days"], total=len(days))
        self._files.finish(file_id, chunks=state["chunks"])
        return {"kind": wanted.kind, "rows": state["rows"]}

    def file(self, actor: Actor, export_id: str) -> Iterator[bytes]:
        """Return an export's content; raise NotFound for one that is not done, or gone after seven days."""
        if self._jobs.get(actor, export_id).kind != KIND:
            raise NotFound
        content = self._files.read(_file_id(export_id))
        self._audit.record(actor, "audit.download", subject=f"job:{export_id}")
        return content

    def _rows(self, wanted: Wanted, start: datetime, end: datetime) -> Iterator[tuple[Any, ...]]:
        queries = self._queries(wanted)
        walks = [self._entries.walk(filters=query, since=start, until=end) for query in queries]
        found = heapq.merge(*walks, key=lambda one: str(one["_id"]))
        entries = list({entry["_id"]: entry for entry in found}.values())
        if wanted.kind == ENTRIES:
            yield from (_entry_row(entry) for entry in entries)
        else:
            told = (one for one in disclosures(entries) if wanted.contact_id in {None, one.contact_id})
            yield from (tuple(one) for one in told)

    def _queries(self, wanted: Wanted) -> list[Document]:
        query: Document = {
            name: value for name in ("actor", "session_id", "action") if (value := getattr(wanted, name)) is not None
        }
        if wanted.subject is not None:
            query["subject"] = self._subjects.named(wanted.subject)
        if wanted.installation_id is not None:
            sessions = self._entries.sessions_of(wanted.installation_id)
            query["session_id"] = {"$in": [one for one in sessions if wanted.session_id in {None, one}]}
        if wanted.kind == DISCLOSURES and wanted.action is None:
            query["action"] = {"$in": self._shown_by}
        if wanted.contact_id is None:
            return [query]
        # Two reads, as one `$or` would be answered by reading everything.
        return [{**query, "facts.contacts": wanted.contact_id}, {**query, "subject": f"contact:{wanted.contact_id}"}]


def _days(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        yield since, min(since + _STEP, until)
        since += _STEP


def _entry_row(entry: Document) -> tuple[Any, ...]:
    facts = json.dumps(entry["facts"], ensure_ascii=False, default=_text, sort_keys=True)
    shown = {**entry, "id": entry["_id"], "facts": facts}
    return tuple(shown.get(name) for name in _COLUMNS)


def _line(row: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([_text(cell) for cell in row])
    return out.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return utc_text(value) if isinstance(value, datetime) else str(value)


def _file_id(job_id: str) -> str:
    return f"{job_id}-audit"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
