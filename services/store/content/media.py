"""Collections `media` and `media_chunks`: images and voice of the content library, read from any byte on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pymongo import ReplaceOne
from pymongo.database import Database

from services.store.collection import Collection, Document
from services.store.files import CHUNK_BYTES, pieces


class MediaStore:
    """Files by id; they are published, so they are not sealed, and content names them, so they stay."""

    def __init__(self, database: Database[Document]) -> None:
        self._media = Collection(database, "media")
        self._chunks = Collection(database, "media_chunks")

    def write(self, media_id: str, content: Iterable[bytes]) -> None:
        """Store the bytes; the file is there once `insert` has told of it."""
        for number, piece in enumerate(pieces(content)):
            key = _key(media_id, number)
            self._chunks.bulk([ReplaceOne({"_id": key}, {"_id": key, "content": piece}, upsert=True)])

    def insert(self, media: Document) -> None:
        """Store what is known of a file whose bytes are there."""
        self._media.insert(media)

    def discard(self, media_id: str) -> None:
        """Forget the bytes of a file that was refused."""
        self._chunks.delete({"_id": {"$gte": f"{media_id}:", "$lt": f"{media_id};"}})

    def get(self, media_id: str) -> Document:
        """Return what is known of a file, or raise NotFound."""
        return self._media.get(media_id)

    def find_many(self, media_ids: Sequence[str]) -> dict[str, Document]:
        """Return the files that exist, by id."""
        return self._media.by_ids(media_ids)

    def read(self, media_id: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes `[start, stop)`, touching no chunk outside them."""
        for number in range(start // CHUNK_BYTES, -(-stop // CHUNK_BYTES)):
            begins = number * CHUNK_BYTES
            piece = bytes(self._chunks.get(_key(media_id, number))["content"])
            yield piece[max(0, start - begins) : stop - begins]


def _key(media_id: str, number: int) -> str:
    return f"{media_id}:{number:06d}"
