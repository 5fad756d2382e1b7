"""Child processes that die with their parent, whose output never fills a pipe, and that stop within a given time."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LAST_WORDS_SECONDS = 1
_LOG_BYTES = 4 * 1024 * 1024

# Looked up before any fork: between fork and exec nothing may be loaded. Linux has it, other systems do not.
_prctl = getattr(ctypes.CDLL(None), "prctl", None)


def start_child(
    command: Sequence[str | Path],
    *,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
    keep_open: Sequence[int] = (),
    piped: bool = False,
) -> subprocess.Popen[bytes]:
    """Start `command` out of the terminal's reach; it gets SIGTERM when the *thread* that called this ends, however.

    It inherits the descriptors `keep_open`. With `piped`, both its streams come out of `stdout`; else they are ours.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if piped else None,
        stderr=subprocess.STDOUT if piped else None,
        pass_fds=keep_open,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - calls nothing but prctl, getppid and kill
    )


def _die_with(parent: int) -> Callable[[], None]:
    def ask_for_signal() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it was killed between the fork and the line above
            os.kill(os.getpid(), signal.SIGKILL)

    return ask_for_signal


def stop_child(process: subprocess.Popen[bytes], *, grace: float) -> bool:
    """Ask the child to end and return whether it did within `grace` seconds; kill what is left of its session then."""
    process.terminate()
    try:
        process.wait(grace)
        in_time = True
    except subprocess.TimeoutExpired:
        in_time = False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return in_time


class Output:
    """Reads a child's output to its end into a log of bounded size, looking out for the line that says it is ready."""

    def __init__(self, stream: IO[bytes], log: Path, *, ready: re.Pattern[str]) -> None:
        self._stream = stream
        self._log = log
        self._ready = ready
        self._found: re.Match[str] | None = None
        self._settled = threading.Event()
        self._last = "it said nothing"
        self._thread = threading.Thread(target=self._drain, name=f"output:{log.name}", daemon=True)
        self._thread.start()

    def wait_ready(self, seconds: float) -> re.Match[str] | None:
        """Return the match of the ready line, or None when the output or the time ended first."""
        self._settled.wait(seconds)
        return self._found

    def join(self) -> None:
        """Wait until all that an ended child wrote is read; a grandchild that still writes is not waited for long."""
        self._thread.join(_LAST_WORDS_SECONDS)

    def last_line(self) -> str:
        """Return the last line that an ended child wrote."""
        self.join()
        return self._last

    def _drain(self) -> None:
        with self._stream, self._log.open("wb") as log:
            for raw in self._stream:
                if log.tell() > _LOG_BYTES:
                    log.seek(0)
                    log.truncate()
                log.write(raw)
                log.flush()
                self._read(raw.decode(errors="replace").strip())
        self._settled.set()

    def _read(self, line: str) -> None:
        self._last = line or self._last
        if self._found is None:
            self._found = self._ready.search(line)
            if self._found:
                self._settled.set()
