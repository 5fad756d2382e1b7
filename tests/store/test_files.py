"""Files: sealed in chunks, read whole or not at all, gone in time."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.database import Database

from services.domain.cipher import Cipher, UnreadableError
from services.domain.errors import NotFound
from services.store.collection import Document
from services.store.files import CHUNK_BYTES, FileStore


@pytest.fixture
def files(database: Database[Document], cipher: Cipher) -> FileStore:
    store = FileStore(database, cipher)
    store.ensure_indexes()
    return store


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES * 9 + 5])
def test_a_file_is_read_as_it_was_written(files: FileStore, size: int) -> None:
    content = os.urandom(size)
    assert files.write("a", [content[at : at + 70_001] for at in range(0, size, 70_001)]) == size
    assert b"".join(files.read("a")) == content


def test_no_chunk_is_larger_than_it_may_be(files: FileStore, database: Database[Document]) -> None:
    files.write("a", [os.urandom(CHUNK_BYTES * 3)])
    assert all(len(chunk["content"]) <= CHUNK_BYTES + 64 for chunk in database.file_chunks.find())


def test_a_file_is_not_readable_in_the_database(files: FileStore, database: Database[Document]) -> None:
    files.write("a", [b"Sushila,9876543210"])
    stored = database.file_chunks.find_one()
    assert stored is not None
    assert b"Sushila" not in stored["content"]


def test_a_chunk_in_another_place_is_refused(files: FileStore, database: Database[Document]) -> None:
    files.write("a", [os.urandom(CHUNK_BYTES * 2)])
    second = database.file_chunks.find_one({"_id": "a:000001"})
    assert second is not None
    database.file_chunks.update_one({"_id": "a:000000"}, {"$set": {"content": second["content"]}})
    with pytest.raises(UnreadableError):
        list(files.read("a"))


def test_an_unfinished_file_is_not_there(files: FileStore) -> None:
    files.write_part("a", 0, b"half")
    with pytest.raises(NotFound):
        files.read("a")


def test_a_part_written_twice_is_there_once(files: FileStore) -> None:
    following = files.write_part("a", 0, b"one")
    files.write_part("a", following, b"lost in a kill")
    following = files.write_part("a", following, b"two")
    files.finish("a", chunks=following)
    assert b"".join(files.read("a")) == b"onetwo"


def test_an_expired_file_is_gone_before_the_database_has_forgotten_it(
    files: FileStore, database: Database[Document]
) -> None:
    files.write("a", [b"old"])
    database.files.update_one({"_id": "a"}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}})
    with pytest.raises(NotFound):
        files.read("a")


def test_a_deleted_file_leaves_no_chunk(files: FileStore, database: Database[Document]) -> None:
    files.write("a", [b"one"])
    files.write("ab", [b"two"])
    files.delete("a")
    assert [chunk["_id"] for chunk in database.file_chunks.find()] == ["ab:000000"]
