"""Where the fleet plays: the installation, the messaging double if there is one, the operator's command line."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from typing import Any

import orjson

from .connection import Connection, Json


class Stage:
    """Gives connections to the API, each with an address of its own, and runs the operator's commands."""

    def __init__(self, api: str, double: str = "") -> None:
        self.api = api
        self.double = double
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def connection(self) -> Connection:
        """Return a new connection; everybody sits behind an address of their own, as phones do."""
        with self._lock:
            number = next(self._numbers)
        return Connection(self.api, address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")

    def pushes(self) -> list[Json]:
        """Return every message that the double was sent."""
        double = Connection(self.double, address="127.0.0.1", base="")
        try:
            log: list[Json] = double.ask("GET", "/_log").body
        finally:
            double.close()
        return log


class CommandFailed(Exception):
    """A command of `sampark` ended with a status that was not foreseen."""


def sampark(*arguments: str, given: str = "", foreseen: tuple[int, ...] = (0,)) -> Any:
    """Run a command of `sampark` and return what it prints as JSON."""
    ran = subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments, "--json"],
        input=given.encode(),
        capture_output=True,
        check=False,
    )
    if ran.returncode not in foreseen:
        said = ran.stderr.decode(errors="replace").strip()
        raise CommandFailed(f"sampark {' '.join(arguments)} ended with status {ran.returncode}: {said}")
    return orjson.loads(ran.stdout)
