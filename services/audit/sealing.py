"""Seals the audit trail behind those who write it: the worker chains entries in chunks, and no request waits."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog

from services.domain.audit.chain import LARGEST, make_chunk
from services.domain.cipher import Cipher
from services.gateways.clock import Clock
from services.store.audit import KEPT, AuditStore
from services.store.audit_chunks import AuditChunkStore
from services.store.collection import Document

_log = structlog.get_logger("sampark.audit")
# A chunk is sealed when it is full or its first entry has waited so long.
WAITS = timedelta(minutes=1)
_PAUSE_SECONDS = 2.0
_TRIMMED_AFTER = KEPT + timedelta(days=1)


class AuditSealing:
    """A step of the worker; any number may run, killed anywhere: the number of a chunk is given away once."""

    def __init__(self, entries: AuditStore, chunks: AuditChunkStore, cipher: Cipher, machine: Clock) -> None:
        self._entries = entries
        self._chunks = chunks
        self._cipher = cipher
        self._machine = machine
        self._rests_until = 0.0

    def run(self) -> int:
        """Seal what is due, now and then; return how many entries were sealed."""
        if time.monotonic() < self._rests_until:
            return 0
        sealed = self.seal()
        if not sealed:
            self._rests_until = time.monotonic() + _PAUSE_SECONDS
            self._chunks.trim(self._machine.now(), limit=100)
        return sealed

    def seal(self, *, everything: bool = False) -> int:
        """Seal the next chunk if it is full or has waited, or in any case; return how many entries it has."""
        number, head = self._end()
        pending = self._entries.unsealed(limit=LARGEST)
        now = self._machine.now()
        if not pending or not (everything or len(pending) == LARGEST or _waited(pending, now)):
            return 0
        chunk = make_chunk(number + 1, head, pending, sealed_at=now, mac=self.mac)
        if not self._chunks.insert_once({**chunk, "trim_at": chunk["newest"] + _TRIMMED_AFTER}):
            return 0
        self._finish(chunk)
        # Whoever keeps the logs elsewhere can hold the chain against them: `sampark audit verify --expect`.
        _log.info("audit sealed", chunk=chunk["_id"], head=chunk["head"], entries=chunk["count"])
        return len(pending)

    def seal_all(self) -> int:
        """Seal everything that is there; return how many entries it was."""
        total = 0
        while sealed := self.seal(everything=True):
            total += sealed
        return total

    def adopt(self) -> int:
        """After a restore: let entries be sealed anew whose chunks came after the backup; return how many."""
        return self._entries.unseal_beyond(self._end()[0])

    def mac(self, text: str) -> str:
        """Return the keyed digest by which heads are made."""
        return self._cipher.index("audit chain", text)

    def _end(self) -> tuple[int, str]:
        """Return number and head of the newest chunk, finishing one that was left half done."""
        anchor = self._chunks.anchor()
        number, head = (anchor["number"], anchor["head"]) if anchor else (0, "")
        while (following := self._chunks.find(number + 1)) is not None:
            self._finish(following)
            number, head = following["_id"], following["head"]
        return number, head

    def _finish(self, chunk: Document) -> None:
        """Mark what a chunk has sealed, then move the end of the chain: in this order, so that none is sealed twice."""
        self._entries.mark_sealed([key for key, _ in chunk.get("entries", ())], chunk["_id"])
        number, head = chunk["_id"], chunk["head"]
        self._chunks.set_anchor({"number": number, "head": head, "mac": self.mac(f"anchor|{number}|{head}")})


def _waited(pending: list[Document], now: datetime) -> bool:
    return bool(min(entry["recorded_at"] for entry in pending) <= now - WAITS)
