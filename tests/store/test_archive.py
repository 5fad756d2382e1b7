"""A backup put back is the database again; one that is not what was written changes nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from services.domain.cipher import Cipher, KeyRing
from services.domain.ids import new_id
from services.gateways import archive_file
from services.gateways.archive_file import ArchiveRefused, read_header
from services.gateways.clock import FrozenClock
from services.operations.archiving import Archiving
from services.store.archive import ArchiveStore
from services.store.collection import Document
from services.store.keyring import KeyRingMismatch, RestoreUnfinished, open_cipher
from services.store.stores import open_stores
from tests.store.conftest import KEY

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
_HEADER = 64 * 1024


def archiving(database: Database[Document], *keys: bytes) -> Archiving:
    return Archiving(
        ArchiveStore(database),
        ring=KeyRing(keys or [KEY]),
        ensure_indexes=lambda cipher: open_stores(database, cipher).ensure_indexes(),
        clock=FrozenClock(NOON),
    )


@pytest.fixture
def worked_in(database: Database[Document], cipher: Cipher) -> Database[Document]:
    """A database with something of every kind of value that we store."""
    open_stores(database, cipher).ensure_indexes()
    sealed = cipher.seal("सीता देवी".encode(), bound_to="u")
    database.users.insert_many(
        {"_id": f"u{number}", "phone_key": f"k{number}", "sealed": sealed, "at": NOON, "n": number, "v": 1.5}
        for number in range(2500)
    )
    database.outcomes.insert_one({"_id": "o", "item_id": "i", "flags": [], "sealed": None, "pending": True})
    return database


@pytest.fixture
def other(mongo_client: MongoClient[Document]) -> Iterator[Database[Document]]:
    """A second, empty database."""
    name = f"sampark_store_{new_id()}"
    yield mongo_client[name]
    mongo_client.drop_database(name)


@pytest.fixture
def backup(worked_in: Database[Document], tmp_path: Path) -> Path:
    archiving(worked_in).back_up(tmp_path / "sampark.backup")
    return tmp_path / "sampark.backup"


def contents(database: Database[Document]) -> dict[str, list[Document]]:
    found = {name: list(database[name].find().sort("_id", 1)) for name in database.list_collection_names()}
    return {name: documents for name, documents in found.items() if documents}


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Change a backup's header by hand."""
    raw = path.read_bytes()
    header = json.loads(raw[:_HEADER])
    change(header)
    path.write_bytes(json.dumps(header).encode().ljust(_HEADER - 1) + b"\n" + raw[_HEADER:])
    return path


def test_backup_put_back_holds_the_same_documents(
    worked_in: Database[Document], other: Database[Document], backup: Path
) -> None:
    _, refused = archiving(other).restore(backup, replace_all=False)
    assert refused == {}
    assert contents(other) == contents(worked_in)


def test_backup_put_back_has_its_indexes_and_opens(other: Database[Document], backup: Path) -> None:
    archiving(other).restore(backup, replace_all=False)
    assert other.jobs.index_information()["lane_held_1"]["unique"]
    sealed = other.users.find_one({"_id": "u7"})
    assert sealed is not None
    assert open_cipher(other, [KEY]).open(sealed["sealed"], bound_to="u").decode() == "सीता देवी"


def test_header_tells_what_is_inside_without_a_key(backup: Path, worked_in: Database[Document]) -> None:
    header = read_header(backup)
    assert (header.database, header.taken_at) == (worked_in.name, "2026-11-23T06:30:00Z")
    assert {"users": 2500, "outcomes": 1}.items() <= {one.name: one.documents for one in header.collections}.items()


def test_backup_is_for_its_owner_alone_and_leaves_no_other_file(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    assert list(backup.parent.iterdir()) == [backup]


def test_backup_that_breaks_off_leaves_the_earlier_one(
    backup: Path, worked_in: Database[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = backup.read_bytes()

    def broken(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ArchiveStore, "migrations", broken)
    with pytest.raises(KeyboardInterrupt):
        archiving(worked_in).back_up(backup)
    assert backup.read_bytes() == before
    assert list(backup.parent.iterdir()) == [backup]


@pytest.mark.parametrize("kept", [0, 100, _HEADER, _HEADER + 500, -1])
def test_truncated_backup_is_refused_before_anything_is_written(
    other: Database[Document], backup: Path, kept: int
) -> None:
    backup.write_bytes(backup.read_bytes()[:kept])
    with pytest.raises(ArchiveRefused):
        archiving(other).restore(backup, replace_all=False)
    assert contents(other) == {}


def test_altered_document_is_refused_even_when_the_file_is_well_formed(other: Database[Document], backup: Path) -> None:
    raw = backup.read_bytes()
    body = gzip.decompress(raw[_HEADER:]).replace(b"u1234\x00", b"u9999\x00")
    backup.write_bytes(raw[:_HEADER] + gzip.compress(body))
    with pytest.raises(ArchiveRefused, match="users is not what was written"):
        archiving(other).restore(backup, replace_all=False)
    assert contents(other) == {}


def test_flipped_bit_is_refused(other: Database[Document], backup: Path) -> None:
    raw = bytearray(backup.read_bytes())
    raw[_HEADER + 3000] ^= 1
    backup.write_bytes(raw)
    with pytest.raises(ArchiveRefused):
        archiving(other).restore(backup, replace_all=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.update(taken_at="2027-01-01T00:00:00Z"),
        lambda header: header.update(seal=""),
        lambda header: header.update(format=2),
        lambda header: header.update(program="another"),
        lambda header: header.pop("collections"),
        lambda header: header["collections"].pop(),
    ],
)
def test_altered_header_is_refused(
    other: Database[Document], backup: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    with pytest.raises(ArchiveRefused):
        archiving(other).restore(rewritten(backup, change), replace_all=False)
    assert contents(other) == {}


def test_backup_of_a_newer_version_is_refused(
    worked_in: Database[Document], other: Database[Document], tmp_path: Path
) -> None:
    worked_in.migrations.insert_one({"_id": "m20990101_unheard_of"})
    archiving(worked_in).back_up(tmp_path / "newer")
    with pytest.raises(ArchiveRefused, match="newer version"):
        archiving(other).restore(tmp_path / "newer", replace_all=False)


def test_other_field_keys_are_refused(other: Database[Document], backup: Path) -> None:
    with pytest.raises(KeyRingMismatch):
        archiving(other, b"another key").restore(backup, replace_all=False)
    assert contents(other) == {}


def test_rotated_field_keys_open_an_older_backup(other: Database[Document], backup: Path) -> None:
    archiving(other, b"the new key", KEY).restore(backup, replace_all=False)
    assert other.users.count_documents({}) == 2500


def test_database_that_is_not_empty_is_refused(other: Database[Document], backup: Path) -> None:
    other.users.insert_one({"_id": "somebody"})
    with pytest.raises(ArchiveRefused, match="not empty"):
        archiving(other).restore(backup, replace_all=False)
    assert [user["_id"] for user in other.users.find()] == ["somebody"]


def test_replace_removes_what_was_there(worked_in: Database[Document], other: Database[Document], backup: Path) -> None:
    open_cipher(other, [b"the key of that installation"])
    other.users.insert_one({"_id": "somebody"})
    archiving(other).restore(backup, replace_all=True)
    assert contents(other) == contents(worked_in)


def test_database_with_its_furniture_alone_counts_as_empty(
    worked_in: Database[Document], other: Database[Document], backup: Path
) -> None:
    open_stores(other, open_cipher(other, [KEY])).ensure_indexes()
    other.controls.insert_one({"_id": "areas-loaded"})
    other.areas.insert_one({"_id": "rj"})
    archiving(other).restore(backup, replace_all=False)
    assert contents(other) == contents(worked_in)


def test_announced_polls_are_no_furniture(other: Database[Document], backup: Path) -> None:
    other.controls.insert_one({"_id": "state", "polls": {}})
    with pytest.raises(ArchiveRefused, match="not empty"):
        archiving(other).restore(backup, replace_all=False)


def test_restore_that_broke_off_is_noticed_and_may_be_run_again(
    worked_in: Database[Document], other: Database[Document], backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = archive_file.read_archive

    def broken(path: Path, header: archive_file.Header) -> Iterator[Any]:
        for name, documents in whole(path, header):
            if name == "users" and "outcomes" in other.list_collection_names():
                next(documents)
                raise KeyboardInterrupt
            yield name, documents

    with monkeypatch.context() as patched:
        patched.setattr("services.operations.archiving.read_archive", broken)
        with pytest.raises(KeyboardInterrupt):
            archiving(other).restore(backup, replace_all=False)
    with pytest.raises(RestoreUnfinished):
        open_cipher(other, [KEY])
    archiving(other).restore(backup, replace_all=False)
    assert contents(other) == contents(worked_in)


def test_key_that_two_documents_had_is_told(
    worked_in: Database[Document], other: Database[Document], tmp_path: Path
) -> None:
    # As in a backup of a database at work: the key went from one to the other between the two reads.
    worked_in.jobs.drop_indexes()
    worked_in.jobs.insert_many([{"_id": "one", "lane_held": "roll"}, {"_id": "other", "lane_held": "roll"}])
    archiving(worked_in).back_up(tmp_path / "at-work")
    _, refused = archiving(other).restore(tmp_path / "at-work", replace_all=False)
    assert refused == {"jobs": 1}
