"""What goes on beside a measured piece of work: the memory of one of our processes, and other requests' latency."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

_EVERY_SECONDS = 0.05
_PAUSE_SECONDS = 0.05
_MEGABYTE = 1 << 20
_PAGE = os.sysconf("SC_PAGE_SIZE")


def child(*names: str) -> int:
    """Return the id of our child process whose command line begins or ends with a name; Linux alone: it reads /proc."""
    for place in Path("/proc").iterdir():
        if place.name.isdecimal() and _parent(place) == os.getpid():
            words = (place / "cmdline").read_bytes().rstrip(b"\0").decode().split("\0")
            if {words[-1], words[0].rpartition("/")[2]} & set(names):
                return int(place.name)
    raise LookupError(f"no child process called {' or '.join(names)}")


def _parent(place: Path) -> int:
    try:
        return int((place / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


class _Beside:
    """Does something again and again in a thread for the time of a block."""

    def __enter__(self) -> _Beside:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._over.wait(self.pause):
            self.once()

    pause = _EVERY_SECONDS

    def once(self) -> None:
        """Do it once."""
        raise NotImplementedError


class Processor:
    """Processor time of some processes of ours, in microseconds: what a shared machine's clock cannot tell."""

    def __init__(self, **pids: int) -> None:
        self._pids = pids
        self._before = {name: _spent(pid) for name, pid in pids.items()}

    def per(self, number: int) -> str:
        """Say what each of the processes has spent since, on one of a number of things."""
        spent = {name: _spent(pid) - self._before[name] for name, pid in self._pids.items()}
        return ", ".join(f"{name} {microseconds / number:.0f} µs" for name, microseconds in spent.items())


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1e6


class Memory(_Beside):
    """The resident memory of a process, in MB; what is above idle is the most in each half of the time."""

    def __init__(self, pid: int) -> None:
        self._statm = Path(f"/proc/{pid}/statm")
        self._seen: list[float] = []
        self.idle = self._now()

    def __enter__(self) -> Memory:
        super().__enter__()
        return self

    def once(self) -> None:
        """Take a sample."""
        self._seen.append(self._now())

    def line(self) -> str:
        """Say what was seen."""
        middle = len(self._seen) // 2
        first, second = (
            max(half, default=self.idle) - self.idle for half in (self._seen[:middle], self._seen[middle:])
        )
        above = f"above it at most {first:,.0f} MB in the first half, {second:,.0f} MB in the second"
        return f"memory of the worker: {self.idle:,.0f} MB idle, {above}"

    def _now(self) -> float:
        return int(self._statm.read_text().split()[1]) * _PAGE / _MEGABYTE


class Asking(_Beside):
    """One request after the other, with a short pause; how long each took, in milliseconds."""

    pause = _PAUSE_SECONDS

    def __init__(self, ask: Callable[[], object]) -> None:
        self._ask = ask
        self._took: list[float] = []

    def __enter__(self) -> Asking:
        super().__enter__()
        return self

    def once(self) -> None:
        """Ask, and note how long it took."""
        began = time.perf_counter()
        self._ask()
        self._took.append((time.perf_counter() - began) * 1000)

    def line(self, what: str) -> str:
        """Say within which time which share was answered."""
        cuts = statistics.quantiles(self._took, n=100, method="inclusive")
        shares = ", ".join(f"p{percent} {cuts[percent - 1]:.1f} ms" for percent in (50, 95, 99))
        return f"{what}, {len(self._took):,} times: {shares}"
