"""Backup and restore of a whole database: checked before anything is written, and never half there unnoticed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from services.domain.cipher import Cipher, KeyRing, UnreadableError
from services.domain.wire_time import utc_text
from services.gateways.archive_file import ArchiveRefused, Counted, Header, read_archive, read_header, write_archive
from services.gateways.clock import Clock
from services.store.archive import ArchiveStore, find_index_key, known_migrations
from services.store.keyring import VAULT, unwrap

_SEALED_AS = "backup"


class Archiving:
    """Writes the database to a file and puts a file back into a database."""

    def __init__(
        self, store: ArchiveStore, *, ring: KeyRing, ensure_indexes: Callable[[Cipher], None], clock: Clock
    ) -> None:
        self._store = store
        self._ring = ring
        self._ensure_indexes = ensure_indexes
        self._clock = clock

    def back_up(self, path: Path) -> Header:
        """Write all collections to `path`, each as it is read; what was there gives way when all is written."""
        names = self._store.names()
        collections = ((name, self._store.read(name)) for name in names)
        return write_archive(path, collections, header=self._header)

    def restore(self, path: Path, *, replace_all: bool) -> tuple[Header, Mapping[str, int]]:
        """Put a backup back; return its header and, by collection, the documents that a unique key refused.

        Raises ArchiveRefused before anything is written, or KeyRingMismatch when the field keys are not its own.
        """
        header = read_header(path)
        cipher = self._check(path, header)
        if not replace_all and not self._store.is_fresh():
            raise ArchiveRefused(f"the database {self._store.name} is not empty; --replace removes what it holds")
        self._store.begin({"file": path.name, "taken_at": header.taken_at})
        # A backup of a database at work may hold a key twice that went from one document to another meanwhile:
        # the indexes come first and refuse the second, where they could not be made over both.
        self._ensure_indexes(cipher)
        refused = {name: self._store.fill(name, documents) for name, documents in read_archive(path, header)}
        self._store.finish()
        return header, {name: number for name, number in refused.items() if number}

    def _header(self, collections: Sequence[Counted]) -> Header:
        header = Header(
            database=self._store.name,
            taken_at=utc_text(self._clock.now()),
            migrations=tuple(self._store.migrations()),
            collections=tuple(collections),
        )
        return replace(header, seal=b64encode(self._ring.seal(header.digest(), bound_to=_SEALED_AS)).decode())

    def _check(self, path: Path, header: Header) -> Cipher:
        """Read the whole file against its header, and open what must open; return the cipher of what it holds."""
        index_key = None
        for name, documents in read_archive(path, header):
            if name == VAULT:
                index_key = find_index_key(documents)
            else:
                for _ in documents:
                    pass
        if index_key is None:
            raise ArchiveRefused("the backup holds no index key: it was not taken from a database of Sampark")
        cipher = unwrap(index_key, self._ring)
        self._check_seal(header)
        if unknown := set(header.migrations) - known_migrations():
            raise ArchiveRefused(f"the backup was taken by a newer version of Sampark: {', '.join(sorted(unknown))}")
        return cipher

    def _check_seal(self, header: Header) -> None:
        try:
            sealed = self._ring.open(b64decode(header.seal), bound_to=_SEALED_AS)
        except (ValueError, UnreadableError) as error:
            raise ArchiveRefused("the backup's header was altered, or sealed with a key that is not given") from error
        if sealed != header.digest():
            raise ArchiveRefused("the backup's header was altered")
