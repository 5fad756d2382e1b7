"""The embedded database when it, its owner or its guests go at a bad moment."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from config.settings import Settings
from services.gateways.embedded import Database
from services.operations.database import open_database
from tests.faults.processes import Program, alive, descendants, eventually, running

ROUNDS = 3
WRITERS = 4
WRITES_BEFORE_THE_KILL = 300
AS_THE_PRODUCT_WRITES = {"w": "majority", "journal": True}
GIVING_UP_SOON = {"retryWrites": False, "serverSelectionTimeoutMS": 500}

# Owns the server as a command of the CLI does, until a file named "leave" appears.
OWNER = """
import pathlib, time
from config.settings import load_settings
from services.operations.database import open_database
with open_database(load_settings(), guest_allowed=True) as database:
    print(database.uri, flush=True)
    while not pathlib.Path("leave").exists():
        time.sleep(0.02)
"""


@pytest.fixture
def settings(base_settings: Settings, tmp_path: Path) -> Settings:
    return replace(base_settings, data_dir=tmp_path / "owner" / "var")


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Program]:
    with running("-c", OWNER, place=tmp_path / "owner") as program:
        program.wait_for_line("mongodb://")
        yield program


def test_no_acknowledged_write_is_lost_when_the_server_is_killed_under_load(settings: Settings) -> None:
    acknowledged: set[str] = set()
    for number in range(ROUNDS):
        with open_database(settings, guest_allowed=False) as database:
            acknowledged |= written_until_killed(database, prefix=f"{number}")
    with open_database(settings, guest_allowed=False) as database, MongoClient(database.uri) as client:
        kept = {outcome["_id"] for outcome in client.sampark.outcomes.find({}, {"_id": 1})}
    assert len(acknowledged) >= ROUNDS * WRITES_BEFORE_THE_KILL
    assert acknowledged - kept == set()


def test_a_killed_owner_leaves_no_server_behind(owner: Program) -> None:
    started = descendants(owner.process.pid)
    assert any("secantusd-rs" in command or "mongod" in command for command in started.values())
    owner.end(signal.SIGKILL)
    eventually(lambda: alive(started) == {}, seconds=5)


def test_a_guest_becomes_the_owner_when_the_owner_was_killed(owner: Program, settings: Settings) -> None:
    owner.end(signal.SIGKILL)
    with open_database(settings, guest_allowed=True) as database:
        assert database.server is not None


def test_a_command_that_owns_the_server_waits_for_its_guests(owner: Program, settings: Settings) -> None:
    with open_database(settings, guest_allowed=True) as guest, MongoClient(guest.uri) as client:
        (owner.place / "leave").touch()
        eventually(lambda: not list(settings.data_dir.glob("*/running.json")), seconds=5)
        assert client.admin.command("ping")["ok"] == 1
        assert owner.process.poll() is None
    assert owner.process.wait(10) == 0


def written_until_killed(database: Database, *, prefix: str) -> set[str]:
    """Kill the server while several clients write; return the ids whose writes it had acknowledged."""
    assert database.server is not None
    acknowledged: set[str] = set()
    enough = threading.Event()

    def write(writer: int) -> None:
        with MongoClient(database.uri, **AS_THE_PRODUCT_WRITES, **GIVING_UP_SOON) as client:
            for number in count():
                identifier = f"{prefix}-{writer}-{number}"
                try:
                    client.sampark.outcomes.insert_one({"_id": identifier, "note": "x" * 300})
                except PyMongoError:
                    return
                acknowledged.add(identifier)
                if len(acknowledged) >= WRITES_BEFORE_THE_KILL:
                    enough.set()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    assert enough.wait(30)
    database.server.process.kill()
    for writer in writers:
        writer.join()
    return acknowledged
