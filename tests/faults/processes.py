"""Programs of ours as child processes, and what they have started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests import logscan

ROOT = Path(__file__).parents[2]


class Program:
    """A running program whose output goes to files."""

    def __init__(self, *arguments: str, place: Path, **settings: str) -> None:
        self.place = place
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SAMPARK_")}
        environment |= {
            "SAMPARK_ENV": "test",
            "SAMPARK_DATA_DIR": str(place / "var"),
            "PYTHONPATH": str(ROOT),
        } | settings
        with (place / "out").open("wb") as out, (place / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, *arguments], env=environment, cwd=place, stdout=out, stderr=err
            )

    def wait_for_line(self, start: str, *, seconds: float = 60) -> str:
        """Return the first line of output that starts so."""

        def line() -> str | None:
            return next((line for line in self.said() if line.startswith(start)), None)

        eventually(lambda: line() is not None or self.process.poll() is not None, seconds=seconds)
        found = line()
        assert found is not None, f"{self.said()} {self.complained()}"
        return found

    def said(self) -> list[str]:
        return (self.place / "out").read_text(encoding="utf-8").splitlines()

    def complained(self) -> list[str]:
        """Return what it wrote to standard error, log records left out."""
        lines = (self.place / "err").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.startswith("{")]

    def end(self, number: signal.Signals, *, seconds: float = 15) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


@contextlib.contextmanager
def running(*arguments: str, place: Path, **settings: str) -> Iterator[Program]:
    """Run a program for the time of the block."""
    place.mkdir(exist_ok=True)
    program = Program(*arguments, place=place, **settings)
    try:
        yield program
    finally:
        program.end(signal.SIGKILL)
        logscan.read([place / "out", place / "err"])


def descendants(pid: int) -> dict[int, str]:
    """Return process id → command line of everything that `pid` has started and that still runs."""
    found: dict[int, str] = {}
    for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
        found |= descendants(child)
    return found


def alive(pids: dict[int, str]) -> dict[int, str]:
    """Return those that still run; one that waits to be reaped does not."""
    return {pid: command for pid, command in pids.items() if _state(pid) not in {"", "Z"}}


def _state(pid: int) -> str:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""


def eventually(condition: Callable[[], bool], *, seconds: float) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)
