"""`sampark serve`: when it is ready, how it stops, and what it says when something is killed under it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import Program, alive, descendants, eventually, running

SERVE = ("-m", "api.cli", "serve")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Program]:
    with ready(tmp_path / "served") as program:
        yield program


@contextlib.contextmanager
def ready(place: Path) -> Iterator[Program]:
    with running(*SERVE, place=place, SAMPARK_PORT="0", SAMPARK_API_PROCESSES="1") as program:
        program.wait_for_line("ready http://127.0.0.1:")
        yield program


def test_ready_means_that_it_answers(served: Program) -> None:
    url = served.wait_for_line("ready ").removeprefix("ready ")
    with urllib.request.urlopen(f"{url}/health/ready", timeout=5) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_within_ten_seconds(served: Program, number: signal.Signals) -> None:
    started = descendants(served.process.pid)
    began = time.monotonic()
    assert served.end(number) == 0
    assert time.monotonic() - began < 10
    assert alive(started) == {}
    assert served.complained() == []


def test_an_idle_connection_does_not_hold_up_the_stop(served: Program) -> None:
    port = int(served.wait_for_line("ready ").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /health/live HTTP/1.1\r\nHost: sampark\r\n\r\n")
        assert client.recv(64).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        assert served.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("victim", "name"),
    [("gunicorn", "the API"), ("api.cli worker", "the worker"), ("secantusd-rs", "the database secantusd-rs-")],
)
def test_a_child_that_is_killed_ends_all_with_one_line(served: Program, victim: str, name: str) -> None:
    started = descendants(served.process.pid)
    os.kill(next(pid for pid, command in started.items() if victim in command), signal.SIGKILL)
    assert served.process.wait(10) == 1
    [line] = [line for line in served.complained() if line.startswith("sampark: ")]
    assert line.startswith(f"sampark: {name}")
    assert "killed" in line
    assert alive(started) == {}


def test_nothing_is_left_behind_when_it_is_killed(served: Program) -> None:
    started = descendants(served.process.pid)
    assert len(started) >= 4
    served.end(signal.SIGKILL)
    eventually(lambda: alive(started) == {}, seconds=10)


def test_it_starts_again_at_once_after_it_was_killed(tmp_path: Path) -> None:
    with ready(tmp_path / "served") as program:
        program.end(signal.SIGKILL)
    with ready(tmp_path / "served") as program:
        assert program.end(signal.SIGTERM) == 0


def test_a_second_one_on_the_same_data_is_refused_in_one_line(served: Program, tmp_path: Path) -> None:
    data = str(served.place / "var")
    with running(*SERVE, place=tmp_path / "second", SAMPARK_PORT="0", SAMPARK_DATA_DIR=data) as second:
        assert second.process.wait(15) == 1
        [line] = second.complained()
        assert line.endswith(f"is in use by process {served.process.pid}")


def test_a_taken_port_is_refused_in_one_line_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running(*SERVE, place=tmp_path / "served", SAMPARK_PORT=port) as program:
            assert program.process.wait(15) == 1
            assert program.complained() == [f"sampark: cannot listen on 127.0.0.1 port {port}: it is taken"]
            assert not (program.place / "var").exists()
