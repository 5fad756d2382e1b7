"""The embedded database: who runs it, who may use it, and what is said when it cannot be had."""

from __future__ import annotations

import re
import signal
import socket
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pymongo import MongoClient

from config.settings import Settings
from services.gateways.embedded import run_embedded
from services.gateways.engines import DatabaseNotStarted
from services.operations.database import open_database

# Stand-ins: what a mongod says at its start, for machines that have none.
MONGOD = """
echo "db version v8.0.4"
[ "$1" = --version ] && exit
echo '{"msg":"Waiting for connections"}'
exec sleep 60
"""
TALKATIVE_MONGOD = """
echo "db version v8.0.4"
[ "$1" = --version ] && exit
echo '{"msg":"Waiting for connections"}'
yes "a line of the log that says very little, again and again" | head -c 12000000
echo; echo done
"""


@pytest.fixture
def settings(base_settings: Settings, tmp_path: Path) -> Settings:
    return replace(base_settings, data_dir=tmp_path / "var")


def test_the_line_names_engine_version_and_data(settings: Settings) -> None:
    with open_database(settings, guest_allowed=False) as database:
        assert database.line.startswith("database: ")
        engine, version = database.line.split()[1:3]
        assert database.line.endswith(f"data in {settings.data_dir}/{engine}-{version.rstrip(',')}")


def test_what_was_written_is_there_at_the_next_start(settings: Settings) -> None:
    with open_database(settings, guest_allowed=False) as database, MongoClient(database.uri) as client:
        client.sampark.areas.insert_one({"_id": "rj"})
    with open_database(settings, guest_allowed=False) as database, MongoClient(database.uri) as client:
        assert client.sampark.areas.find_one() == {"_id": "rj"}


def test_a_second_owner_is_refused_in_one_line(settings: Settings) -> None:
    with open_database(settings, guest_allowed=False):
        began = time.monotonic()
        assert re.fullmatch(r"the data directory .* is in use by process \d+", refusal(settings))
        assert time.monotonic() - began < 2


def test_a_guest_uses_the_owners_server_and_leaves_it_running(settings: Settings) -> None:
    with open_database(settings, guest_allowed=False) as owner, MongoClient(owner.uri) as client:
        with open_database(settings, guest_allowed=True) as guest:
            assert guest.uri == owner.uri
            assert guest.server is None
        assert client.admin.command("ping")["ok"] == 1


def test_without_an_owner_a_would_be_guest_becomes_one(settings: Settings) -> None:
    with open_database(settings, guest_allowed=True) as database:
        assert database.server is not None


def test_the_server_stops_within_five_seconds(settings: Settings) -> None:
    with open_database(settings, guest_allowed=False) as database:
        began = time.monotonic()
    assert database.server is not None
    assert database.server.process.poll() in {0, -signal.SIGTERM}
    assert time.monotonic() - began < 5


def test_a_server_that_died_is_told_in_one_line(settings: Settings) -> None:
    with open_database(settings, guest_allowed=False) as database:
        assert database.server is not None
        assert database.failure() is None
        database.server.process.kill()
        database.server.process.wait()
        failure = database.failure()
    assert failure is not None
    assert "was killed by signal 9" in failure
    assert "\n" not in failure


def test_a_program_that_is_no_server_is_refused_in_one_line(settings: Settings) -> None:
    assert re.fullmatch(r"/bin/false does not run: .*", refusal(replace(settings, secantusd="/bin/false")))


def test_a_missing_program_is_refused_in_one_line(settings: Settings) -> None:
    assert re.fullmatch(
        r"no database: .* no /nowhere/secantusd-rs; .*", refusal(replace(settings, secantusd="/nowhere/secantusd-rs"))
    )


def test_a_server_that_does_not_start_is_refused_with_its_own_last_words(settings: Settings, tmp_path: Path) -> None:
    program = _program(
        tmp_path / "secantusd-rs",
        'echo "secantusd-rs 9.9.9"; [ "$1" = --version ] || { echo "disk full" >&2; exit 3; }',
    )
    assert re.fullmatch(
        r"secantusd-rs-9.9.9 did not start: disk full \(all of it: .*\)",
        refusal(replace(settings, secantusd=str(program))),
    )


def test_a_data_directory_that_cannot_be_made_is_refused_in_one_line(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert re.fullmatch(
        r"no data directory .*: Not a directory", refusal(replace(settings, data_dir=tmp_path / "file"))
    )


def test_a_server_that_does_not_answer_its_uri_is_refused_without_telling_the_password(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.store.engine._ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"mongodb://user:secret@127.0.0.1:{silent.getsockname()[1]}/"
        refused = refusal(replace(settings, mongodb_uri=uri))
    assert refused == "the server that SAMPARK_MONGODB_URI names does not answer"


def test_a_mongod_whose_port_is_taken_is_refused_in_one_line(settings: Settings, tmp_path: Path) -> None:
    program = _program(tmp_path / "mongod", 'echo "db version v8.0.4"')
    directory = settings.data_dir / "mongod-8.0.4"
    directory.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (directory / "port").write_text(str(port))
        assert re.fullmatch(
            rf"port {port}, which the database in .* needs, is taken", refusal(replace(settings, mongod=str(program)))
        )


def test_a_mongod_becomes_a_replica_set_on_a_port_that_stays(settings: Settings, tmp_path: Path) -> None:
    program = _program(tmp_path / "mongod", MONGOD)
    initiated: list[str] = []
    for _ in range(2):
        named = replace(settings, mongod=str(program))
        with run_embedded(named, guest_allowed=False, initiate=initiated.append) as database:
            assert database.line.startswith("database: mongod 8.0.4, ")
            assert database.uri == initiated[-1]
    assert re.match(r"mongodb://127\.0\.0\.1:\d+/\?replicaSet=sampark", initiated[0])
    assert initiated[0] == initiated[1]


def test_a_talkative_server_does_not_fill_the_disk(settings: Settings, tmp_path: Path) -> None:
    program = _program(tmp_path / "mongod", TALKATIVE_MONGOD)
    with run_embedded(replace(settings, mongod=str(program)), guest_allowed=False, initiate=lambda _: None) as database:
        assert database.server is not None
        assert database.server.process.wait(30) == 0
        assert (
            database.failure() == f"the database mongod-8.0.4 ended with status 0: done (all of it: {_log(settings)})"
        )
        assert _log(settings).stat().st_size < 5 * 1024 * 1024


def _log(settings: Settings) -> Path:
    return settings.data_dir / "mongod-8.0.4" / "server.log"


def refusal(settings: Settings) -> str:
    """Return the line with which a database is refused."""
    with pytest.raises(DatabaseNotStarted) as refused, open_database(settings, guest_allowed=False):
        pass
    return str(refused.value)


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
