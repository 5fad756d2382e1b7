"""Whether what must be sealed lies open anywhere: in raw documents, in the files of an installation, in its logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.domain.plaintexts import Leak, Plaintexts
from services.gateways.file_pieces import files_below, pieces_of
from services.store.archive import ArchiveStore


class LeakSearch:
    """Reads everything as it lies there, with no key, and tells which known plaintexts stand in it."""

    def __init__(self, archive: ArchiveStore) -> None:
        self._archive = archive

    def run(self, known: Sequence[str], *, below: Sequence[Path]) -> Iterator[Leak]:
        """Yield each find in every collection, then in every file below the given folders and files."""
        plaintexts = Plaintexts(known)
        for name in self._archive.names():
            yield from plaintexts.find_in_stream(self._archive.read(name), f"collection {name}")
        for path in files_below(below):
            yield from plaintexts.find_in_stream(pieces_of(path), f"file {path}")
