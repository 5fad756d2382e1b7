"""Seals the audit trail behind those who write it: the worker chains entries in chunks, and no request waits."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from services.domain.audit.chain import CHAIN, LARGEST, is_genuine, make_chunk
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
REFUSALS = Counter("sampark_audit_seals_refused_total", "Seals refused as the audit trail has chunks and no anchor")


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
        end = self._end()
        if end is None:
            return 0
        number, head = end
        pending = self._entries.unsealed(limit=LARGEST)
        now = self._machine.now()
        if not pending or not (everything or len(pending) == LARGEST or _waited(pending, now)):
            return 0
        signed = self._goes_signed(number, pending)
        chunk = make_chunk(number + 1, head, pending, sealed_at=now, mac=self.mac, signed=signed)
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
        end = self._end()
        return self._entries.unseal_beyond(end[0]) if end else 0

    def mac(self, text: str) -> str:
        """Return the keyed digest by which heads are made."""
        return self._cipher.index(CHAIN, text)

    def _end(self) -> tuple[int, str] | None:
        """Return number and head of the newest chunk, finishing one that was left half done; None if nobody can say.

        The anchor is made before the first chunk. Where it is missing beside chunks somebody took it away, maybe with
        the chunks after the last: a new one would hide that, so that it stays missing and nothing is sealed.
        """
        anchor = self._chunks.anchor() or self._begun()
        if anchor is None:
            REFUSALS.inc()
            _log.error("audit anchor missing")
            return None
        number, head = anchor["number"], anchor["head"]
        while (following := self._chunks.find(number + 1)) is not None:
            self._finish(following)
            number, head = following["_id"], following["head"]
        return number, head

    def _finish(self, chunk: Document) -> None:
        """Mark what a chunk has sealed, then move the end of the chain: in this order, so that none is sealed twice."""
        self._entries.mark_sealed([key for key, _ in chunk.get("entries", ())], chunk["_id"])
        self._chunks.set_anchor(self._anchor(chunk["_id"], chunk["head"]))

    def _begun(self) -> Document | None:
        """Return the anchor of a chain that begins now, or None if there are chunks of one that had an anchor."""
        if not self._chunks.any():
            self._chunks.first_anchor(self._anchor(0, ""))
        # Read again: another worker may have begun the chain since the anchor was looked for.
        return self._chunks.anchor()

    def _anchor(self, number: int, head: str) -> Document:
        return {"number": number, "head": head, "mac": self.mac(f"anchor|{number}|{head}")}

    def _goes_signed(self, number: int, pending: list[Document]) -> bool:
        """Tell whether all of a chunk must be signed: always, but for what waited while entries were not signed yet."""
        if all(is_genuine(entry, self.mac) for entry in pending):
            return True
        newest = self._chunks.find(number)
        return newest is None or bool(newest.get("signed"))


def _waited(pending: list[Document], now: datetime) -> bool:
    return bool(min(entry["recorded_at"] for entry in pending) <= now - WAITS)
