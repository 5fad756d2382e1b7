"""A restore that is killed leaves a database that says so, and that another restore makes whole."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from services.domain.ids import new_id
from services.store.collection import Document, open_client
from services.store.keyring import RESTORING
from tests.faults.processes import Program, eventually

PEOPLE = 20_000


@pytest.fixture
def client(mongodb_uri: str) -> Iterator[MongoClient[Document]]:
    with open_client(mongodb_uri) as client:
        yield client


@pytest.fixture
def database(client: MongoClient[Document]) -> Iterator[Database[Document]]:
    name = f"sampark_killed_{new_id()}"
    yield client[name]
    client.drop_database(name)


def finished(program: Program) -> tuple[int, list[str]]:
    status = program.process.wait(60)
    return status, [*program.said(), *program.complained()]


def test_killed_restore_is_noticed_and_run_again(
    client: MongoClient[Document], database: Database[Document], mongodb_uri: str, tmp_path: Path
) -> None:
    def sampark(*arguments: str, name: str = database.name) -> Program:
        place = tmp_path / new_id()
        place.mkdir()
        there = {"SAMPARK_MONGODB_URI": mongodb_uri, "SAMPARK_MONGODB_DATABASE": name, "SAMPARK_LOG_LEVEL": "ERROR"}
        return Program("-m", "api.cli", *arguments, place=place, **there)

    source = client[f"{database.name}_from"]
    try:
        source.contacts.insert_many({"_id": f"c{number:06}", "sealed": b"\0" * 200} for number in range(PEOPLE))
        assert finished(sampark("backup", str(tmp_path / "backup"), name=source.name))[0] == 0
    finally:
        client.drop_database(source.name)
    first = sampark("restore", str(tmp_path / "backup"))
    eventually(lambda: database.contacts.estimated_document_count() > 0, seconds=30)
    first.end(signal.SIGKILL)
    assert database.vault.find_one({"_id": RESTORING}) is not None
    assert database.contacts.estimated_document_count() < PEOPLE
    status, [line] = finished(sampark("reconcile"))
    assert (status, line[:41]) == (1, "sampark: this database is half restored: ")
    assert finished(sampark("restore", str(tmp_path / "backup")))[0] == 0
    assert database.contacts.count_documents({}) == PEOPLE
    assert finished(sampark("reconcile"))[0] == 0
