"""Who runs the server of a data directory: one owner, and guests that use it while the owner lives."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

_LOOK_AGAIN_SECONDS = 0.05
# A server that lost its owner needs a moment to end; one that is starting needs a moment to be announced.
_PATIENCE_SECONDS = 30


class Occupied(Exception):
    """Another process owns the directory; `pid` is None when it does not say who it is."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"process {pid}" if pid else "another process")


@dataclass(frozen=True)
class Guest:
    """What the living owner announced: its process and where its server listens."""

    pid: int
    uri: str


class Owner:
    """The right to run the server of a directory.

    The server inherits `descriptor` and with it the lock, so that one that outlives its killed owner for a moment
    still owns its data.
    """

    def __init__(self, directory: Path, descriptor: int) -> None:
        self.descriptor = descriptor
        self._directory = directory
        self._announcement = directory / "running.json"
        self.withdraw()

    def announce(self, uri: str) -> None:
        """Let guests in."""
        text = json.dumps(asdict(Guest(pid=os.getpid(), uri=uri)))
        unfinished = self._announcement.with_suffix(".new")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(self._announcement)

    def withdraw(self) -> None:
        """Let no more guests in."""
        self._announcement.unlink(missing_ok=True)

    def wait_for_guests(self) -> None:
        """Return when the last guest has left."""
        with (self._directory / "guests.lock").open("ab") as guests:
            fcntl.flock(guests, fcntl.LOCK_EX)


@contextlib.contextmanager
def enter(directory: Path, *, guest_allowed: bool) -> Iterator[Owner | Guest]:
    """Become the directory's owner, or a guest of the owner that lives, or raise Occupied."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with _locked(directory / "owner.lock", fcntl.LOCK_EX) as descriptor:
            if descriptor is not None:
                yield Owner(directory, descriptor)
                return
        with _locked(directory / "guests.lock", fcntl.LOCK_SH) as descriptor:
            # Read under the lock that an owner waits for before it stops the server.
            running = _announced(directory) if descriptor is not None else None
            if running and not guest_allowed:
                raise Occupied(running.pid)
            if running:
                yield running
                return
        if time.monotonic() > deadline:
            raise Occupied(None)
        time.sleep(_LOOK_AGAIN_SECONDS)


@contextlib.contextmanager
def _locked(path: Path, kind: int) -> Iterator[int | None]:
    with path.open("ab") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield file.fileno()


def _announced(directory: Path) -> Guest | None:
    try:
        running = Guest(**json.loads((directory / "running.json").read_text(encoding="utf-8")))
        os.kill(running.pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError:
        pass  # it lives, as another user
    return running
