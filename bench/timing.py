"""Timing many of the same: with one client or with several at once, each in a thread of its own."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """How often something was done in how many seconds, and how long each took."""

    seconds: float
    each: Sequence[float]

    @property
    def rate(self) -> float:
        """Times per second."""
        return len(self.each) / self.seconds

    @property
    def median_ms(self) -> float:
        """Half were quicker."""
        return statistics.median(self.each) * 1000

    @property
    def p95_ms(self) -> float:
        """One in twenty was slower."""
        return statistics.quantiles(self.each, n=20)[-1] * 1000 if len(self.each) > 1 else self.each[0] * 1000

    @property
    def p99_ms(self) -> float:
        """One in a hundred was slower; of fewer than that the slowest."""
        slowest = sorted(self.each)
        return slowest[min(len(slowest) - 1, int(len(slowest) * 0.99))] * 1000


def timed(work: Sequence[Sequence[Callable[[], object]]]) -> Timing:
    """Let each client do its list, all at once, and time it; an error in any is raised."""
    took: list[float] = []
    failures: list[BaseException] = []
    start = threading.Barrier(len(work) + 1)

    def client(mine: Sequence[Callable[[], object]]) -> None:
        own = []
        start.wait()
        try:
            for do in mine:
                began = time.perf_counter()
                do()
                own.append(time.perf_counter() - began)
        except Exception as error:  # noqa: BLE001 - raised below, where somebody sees it
            failures.append(error)
        took.extend(own)

    threads = [threading.Thread(target=client, args=(mine,)) for mine in work]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return Timing(seconds, took)
