"""Collections `files` and `file_chunks`: uploads, rejects and exports, sealed piece by piece, gone after days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from pymongo import ReplaceOne
from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.errors import NotFound
from services.store.collection import Collection, Document

KEPT = timedelta(days=7)
CHUNK_BYTES = 256 * 1024
_AT_ONCE = 8


class FileStore:
    """Files by id; what a chunk holds opens only as that chunk of that file."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._files = Collection(database, "files")
        self._chunks = Collection(database, "file_chunks")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Let the database forget a file with all its chunks; times are the machine's, as the database's are."""
        for collection in (self._files, self._chunks):
            collection.ensure_index([("expires_at", 1)], expireAfterSeconds=0)

    def write(self, file_id: str, content: Iterable[bytes], *, kept: timedelta = KEPT) -> int:
        """Store a whole file and return its size; it can be read when this has returned, not before."""
        expires_at = datetime.now(UTC) + kept
        waiting: list[Document] = []
        size = number = 0
        for number, piece in enumerate(pieces(content), start=1):
            size += len(piece)
            waiting.append(self._chunk(file_id, number - 1, piece, expires_at))
            if len(waiting) == _AT_ONCE:
                self._replace(waiting)
                waiting = []
        self._replace(waiting)
        self._finish(file_id, chunks=number, size=size, expires_at=expires_at)
        return size

    def write_part(self, file_id: str, number: int, content: bytes, *, kept: timedelta = KEPT) -> int:
        """Store a part of a file that grows, from chunk `number` on, and return the number to go on with.

        Written again it replaces what was there, so that work done twice after a kill leaves one copy.
        """
        expires_at = datetime.now(UTC) + kept
        cut = list(pieces([content]))
        self._replace([self._chunk(file_id, number + at, piece, expires_at) for at, piece in enumerate(cut)])
        return number + len(cut)

    def finish(self, file_id: str, *, chunks: int, kept: timedelta = KEPT) -> None:
        """Let a file that grew be read: its first `chunks` chunks."""
        self._finish(file_id, chunks=chunks, size=None, expires_at=datetime.now(UTC) + kept)

    def read(self, file_id: str) -> Iterator[bytes]:
        """Return the file's content chunk by chunk; raises NotFound at once for one that is gone or never was."""
        stored = self._files.find({"_id": file_id})
        if stored is None or stored["expires_at"] <= datetime.now(UTC):
            raise NotFound
        return self._read(file_id, stored["chunks"])

    def delete(self, file_id: str) -> None:
        """Forget a file, the whole of it or what there is of one that broke off."""
        self._files.delete({"_id": file_id})
        self._chunks.delete({"_id": {"$gte": f"{file_id}:", "$lt": f"{file_id};"}})

    def _read(self, file_id: str, chunks: int) -> Iterator[bytes]:
        for number in range(chunks):
            key = _key(file_id, number)
            yield self._cipher.open(self._chunks.get(key)["content"], bound_to=f"file:{key}")

    def _chunk(self, file_id: str, number: int, piece: bytes, expires_at: datetime) -> Document:
        key = _key(file_id, number)
        return {"_id": key, "content": self._cipher.seal(piece, bound_to=f"file:{key}"), "expires_at": expires_at}

    def _replace(self, chunks: list[Document]) -> None:
        self._chunks.bulk([ReplaceOne({"_id": chunk["_id"]}, chunk, upsert=True) for chunk in chunks])

    def _finish(self, file_id: str, *, chunks: int, size: int | None, expires_at: datetime) -> None:
        whole = {"_id": file_id, "chunks": chunks, "size": size, "expires_at": expires_at}
        self._files.bulk([ReplaceOne({"_id": file_id}, whole, upsert=True)])


def _key(file_id: str, number: int) -> str:
    return f"{file_id}:{number:06d}"


def pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    """Cut content of any sizes into chunks."""
    waiting = bytearray()
    for some in content:
        waiting += some
        while len(waiting) >= CHUNK_BYTES:
            yield bytes(waiting[:CHUNK_BYTES])
            del waiting[:CHUNK_BYTES]
    if waiting:
        yield bytes(waiting)
