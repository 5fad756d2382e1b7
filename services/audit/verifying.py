"""Holds the audit trail against its chain: what was edited, taken out, put in, moved or cut off since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.audit.sealing import AuditSealing
from services.domain.audit.chain import Problem, broken_entries, broken_links, is_genuine
from services.gateways.clock import Clock
from services.store.audit import KEPT, AuditStore
from services.store.audit_chunks import AuditChunkStore
from services.store.collection import Document

_PENDING_SHOWN = 10_000


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What was looked at, and what is wrong; `number` and `head` are the end of the chain."""

    chunks: int
    entries: int
    pending: int
    number: int
    head: str
    problems: tuple[Problem, ...]


class AuditVerifying:
    """Reads everything; for the command line."""

    def __init__(self, entries: AuditStore, chunks: AuditChunkStore, sealing: AuditSealing, machine: Clock) -> None:
        self._entries = entries
        self._chunks = chunks
        self._sealing = sealing
        self._machine = machine

    def run(self, *, expected: tuple[int, str] | None = None) -> Verified:
        """Verify all of it; `expected` is a number and head that were noted elsewhere and must be in the chain."""
        chunks = list(self._chunks.walk())
        problems = list(broken_links(chunks, self._sealing.mac))
        looked_at = 0
        sealed_before: datetime | None = None
        for chunk in chunks:
            found = self._found(chunk)
            looked_at += len(found)
            problems += broken_entries(
                chunk, found, after=sealed_before, now=self._machine.now(), kept=KEPT, mac=self._sealing.mac
            )
            sealed_before = chunk["sealed_at"]
        last: Document = chunks[-1] if chunks else {"_id": 0, "head": ""}
        problems += self._beyond(last["_id"])
        problems += self._cut_off(last)
        pending = self._entries.unsealed(limit=_PENDING_SHOWN)
        problems += self._unsigned(pending, last)
        if expected is not None and expected not in {(chunk["_id"], chunk["head"]) for chunk in chunks}:
            problems.append(Problem(kind="head_not_in_chain", chunk=expected[0]))
        return Verified(
            chunks=len(chunks),
            entries=looked_at,
            pending=len(pending),
            number=last["_id"],
            head=last["head"],
            problems=tuple(problems),
        )

    def _found(self, chunk: Document) -> list[Document]:
        """Return what a chunk has sealed: what is marked with it, and what a kill left unmarked."""
        marked = self._entries.of_chunk(chunk["_id"])
        known = {entry["_id"] for entry in marked}
        missing = [key for key, _ in chunk.get("entries", ()) if key not in known]
        unmarked = [entry for entry in self._entries.by_ids(missing) if entry.get("chunk") is None]
        return [*marked, *unmarked]

    def _unsigned(self, pending: Sequence[Document], last: Document) -> Iterator[Problem]:
        """Entries not sealed yet that nobody who has the keys has written; before the first signed chunk none is."""
        sealed = {key for key, _ in last.get("entries") or ()}
        for entry in pending if last.get("signed") else ():
            if entry["_id"] not in sealed and not is_genuine(entry, self._sealing.mac):
                yield Problem(kind="entry_inserted", entry=entry["_id"])

    def _beyond(self, number: int) -> Iterator[Problem]:
        """Entries that claim a chunk after the last one: either they were put in, or the chunk was cut off."""
        for entry in self._entries.beyond(number):
            yield Problem(kind="entry_without_chunk", chunk=entry["chunk"], entry=entry["_id"])

    def _cut_off(self, last: Document) -> Iterator[Problem]:
        """The anchor says how far the chain has come at least; it is keyed as well."""
        anchor = self._chunks.anchor()
        if anchor is None:
            if last["_id"]:
                yield Problem(kind="anchor_missing", chunk=last["_id"])
            return
        if anchor["mac"] != self._sealing.mac(f"anchor|{anchor['number']}|{anchor['head']}"):
            yield Problem(kind="anchor_changed", chunk=anchor["number"])
        elif anchor["number"] > last["_id"]:
            yield Problem(kind="chain_cut_off", chunk=anchor["number"])
        else:
            stored = self._chunks.find(anchor["number"])
            if stored is not None and stored["head"] != anchor["head"]:
                yield Problem(kind="chunk_changed", chunk=anchor["number"])
