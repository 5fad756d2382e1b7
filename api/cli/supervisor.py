"""The children of one foreground command: watched while it runs, stopped in order when it ends."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Any

import click

from services.gateways.children import start_child, stop_child

_LOOK_SECONDS = 0.1
_RUN_GRACE = 2
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopped(BaseException):
    """Somebody asked this program to stop."""


class Failure(click.ClickException):
    """Something this program needs has failed; one line, exit status 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the line as the other failures of the command line are written."""
        click.echo(f"sampark: {self.message}", err=True, file=file)


@contextlib.contextmanager
def stop_on_signal() -> Iterator[None]:
    """Raise Stopped in the block at the first signal to stop; what the block does on its way out is not interrupted."""
    before = {number: signal.signal(number, _stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def finish_undisturbed() -> None:
    """Ignore further signals: the children are being stopped already."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _stop(_number: int, _frame: FrameType | None) -> None:
    finish_undisturbed()
    raise Stopped


@dataclass(frozen=True)
class Child:
    """A process that has to run as long as we do, and the seconds that it may take to end."""

    name: str
    process: subprocess.Popen[bytes]
    grace: float


class Children:
    """Starts children, notices when one dies, stops them first-started first."""

    def __init__(self, environment: Mapping[str, str], *, also_watch: Callable[[], str | None]) -> None:
        self._environment = environment
        self._also_watch = also_watch
        self._children: list[Child] = []

    def __enter__(self) -> Children:
        """Take responsibility for the children."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them."""
        finish_undisturbed()
        # Children whose database is gone still wait for it: that they end late is no news beside its death.
        bereft = self._also_watch() is not None
        for child in self._children:
            if not stop_child(child.process, grace=child.grace) and not bereft:
                click.echo(f"sampark: {child.name} took too long to stop and was killed", err=True)

    def run(self, name: str, command: Sequence[str | Path]) -> None:
        """Run a command to its end, or raise Failure."""
        if status := self.complete(command):
            raise Failure(_end(name, status))

    def complete(self, command: Sequence[str | Path]) -> int:
        """Run a command to its end and return its status; raise Failure when a child has died meanwhile."""
        process = start_child(command, environment=self._environment)
        try:
            while (status := process.poll()) is None:
                self.check()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_SECONDS)
            return status
        finally:
            stop_child(process, grace=_RUN_GRACE)

    def start(self, name: str, command: Sequence[str | Path], *, grace: float, keep_open: Sequence[int] = ()) -> None:
        """Start a child that has to go on running."""
        process = start_child(command, environment=self._environment, keep_open=keep_open)
        self._children.append(Child(name, process, grace))

    def wait_for(self, condition: Callable[[], bool], *, seconds: float, otherwise: str) -> None:
        """Return when the condition holds; raise Failure when the time is over or a child has died."""
        deadline = time.monotonic() + seconds
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise Failure(otherwise)
            time.sleep(_LOOK_SECONDS)

    def watch(self) -> None:
        """Return never; raise Failure when a child has died."""
        while True:
            self.check()
            time.sleep(_LOOK_SECONDS)

    def check(self) -> None:
        """Raise Failure when a child, or what else is watched, has died."""
        if failure := self._also_watch():
            raise Failure(failure)
        for child in self._children:
            status = child.process.poll()
            if status is not None:
                raise Failure(_end(child.name, status))


def _end(name: str, status: int) -> str:
    return (
        f"{name} was killed by {signal.Signals(-status).name}" if status < 0 else f"{name} ended with status {status}"
    )
