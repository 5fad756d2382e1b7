"""The file of a backup: a header of fixed length in plain JSON, then all documents as BSON in one gzip stream."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from services.domain.errors import DomainError

FORMAT = 1
_PROGRAM = "sampark backup"
# The header is written when everything else is, into room that was left for it; `head -c 65536 FILE` shows it.
_HEADER_BYTES = 64 * 1024
# Most of the file is sealed and does not become smaller, so more effort would only take longer.
_EFFORT = 1
_LENGTH_BYTES = 4
_SHORTEST, _LONGEST = 5, 17 * 1024 * 1024


class ArchiveRefused(DomainError):
    """The file cannot be restored here; `str()` is the one line that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__("archive_refused", params={"reason": reason})

    def __str__(self) -> str:
        """Return the reason."""
        return str(self.params["reason"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One collection of the file, in the order of the file; the digest is of its documents one after the other."""

    name: str
    documents: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the file holds; `seal` shows that whoever wrote this header had the field keys."""

    database: str
    taken_at: str
    migrations: tuple[str, ...]
    collections: tuple[Counted, ...]
    seal: str = ""

    @property
    def documents(self) -> int:
        """Return how many documents there are in all collections."""
        return sum(counted.documents for counted in self.collections)

    def digest(self) -> bytes:
        """Return the digest of everything but the seal."""
        return hashlib.sha256(replace(self, seal="").text()).digest()

    def text(self) -> bytes:
        """Return the header as it stands in the file."""
        return json.dumps({"program": _PROGRAM, "format": FORMAT, **asdict(self)}).encode()

    @staticmethod
    def read(raw: bytes) -> Header:
        """Read the first bytes of a file, or raise ArchiveRefused."""
        try:
            facts = json.loads(raw)
            if facts.pop("program") != _PROGRAM:
                raise ValueError
            if (version := facts.pop("format")) != FORMAT:
                raise ArchiveRefused(f"the backup has format {version}, this version of Sampark reads {FORMAT}")
            collections = tuple(Counted(**counted) for counted in facts.pop("collections"))
            return Header(**{**facts, "migrations": tuple(facts["migrations"])}, collections=collections)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArchiveRefused("this is no backup of Sampark, or one that was never finished") from error


def write_archive(
    path: Path, collections: Iterable[tuple[str, Iterable[bytes]]], *, header: Callable[[Sequence[Counted]], Header]
) -> Header:
    """Write `(name, documents)` of all collections and then the header; `path` is there when all is on disk."""
    with _new_file(path) as raw:
        raw.seek(_HEADER_BYTES)
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=_EFFORT, mtime=0) as body:
            made = header([_write(body, name, documents) for name, documents in collections])
        raw.seek(0)
        raw.write(made.text().ljust(_HEADER_BYTES - 1) + b"\n")
    return made


def _write(body: gzip.GzipFile, name: str, documents: Iterable[bytes]) -> Counted:
    digest, written = hashlib.sha256(), 0
    for document in documents:
        digest.update(document)
        body.write(document)
        written += 1
    return Counted(name=name, documents=written, sha256=digest.hexdigest())


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file for its owner alone that gets its name when the block has ended well, and is gone when not."""
    try:
        descriptor, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise ArchiveRefused(f"cannot write in {path.parent}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
        Path(part).replace(path)
    finally:
        Path(part).unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def read_header(path: Path) -> Header:
    """Return the header of a file, or raise ArchiveRefused."""
    with path.open("rb") as raw:
        return Header.read(raw.read(_HEADER_BYTES))


def read_archive(path: Path, header: Header) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield `(name, documents)`, each to be read to its end before the next; raise ArchiveRefused at damage."""
    with path.open("rb") as raw:
        raw.seek(_HEADER_BYTES)
        with gzip.GzipFile(fileobj=raw, mode="rb") as body:
            for counted in header.collections:
                yield counted.name, _documents(body, counted)
            if _read(body, 1):
                raise ArchiveRefused("the backup is damaged: it goes on after its end")


def _documents(body: gzip.GzipFile, counted: Counted) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for _ in range(counted.documents):
        start = _read(body, _LENGTH_BYTES)
        length = int.from_bytes(start, "little")
        if not _SHORTEST <= length <= _LONGEST:
            raise ArchiveRefused(f"the backup is damaged: {counted.name} ends too early or holds no documents")
        document = start + _read(body, length - _LENGTH_BYTES)
        digest.update(document)
        yield document
    if digest.hexdigest() != counted.sha256:
        raise ArchiveRefused(f"the backup is damaged: {counted.name} is not what was written")


def _read(body: gzip.GzipFile, length: int) -> bytes:
    try:
        return body.read(length)
    except (EOFError, OSError, zlib.error) as error:
        raise ArchiveRefused("the backup is damaged or was cut off") from error


def facts_of(header: Header, path: Path) -> Mapping[str, Any]:
    """Return what a command prints of a backup."""
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "database": header.database,
        "taken_at": header.taken_at,
        "documents": header.documents,
        "collections": {counted.name: counted.documents for counted in header.collections},
    }
