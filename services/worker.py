"""The background loop: ordered steps, tight while there is work, asleep for a moment when there is none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter

from services.domain.errors import Unavailable

_log = structlog.get_logger("sampark.worker")
IDLE_SECONDS = 0.2
_LONGEST_BACKOFF = 60.0
_TRIES_ONCE = 3
FAILURES = Counter("sampark_worker_failures_total", "Steps of the worker that raised", ["step"])


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something to do again and again; `run` says how much it did, 0 meaning that nothing was due.

    After a run that did less than `portion`, it is left alone for `rest_seconds`: what comes in meanwhile is done
    together, by a few commands instead of a few for each. One with a thread of its own never delays the others;
    `stop` asks it to end what takes long.
    """

    name: str
    run: Callable[[], int]
    rest_seconds: float = 0.0
    portion: int = 1
    own_thread: bool = False
    stop: Callable[[], None] | None = None


@dataclass
class _Health:
    """How a step fares: failures in a row, and until when it is left alone after one, or after having little to do."""

    failures: int = 0
    resting_until: float = 0.0
    idle_until: float = 0.0
    total_failures: int = field(default=0)


class Worker:
    """Runs the steps until it is told to stop, or until nothing is due."""

    def __init__(self, steps: Sequence[Step], *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._steps = [step for step in steps if not step.own_thread]
        self._beside = [step for step in steps if step.own_thread]
        self._idle_seconds = idle_seconds
        # Set by a signal handler, which may interrupt whoever holds the event's own lock, itself included.
        self._asked_to_stop = False
        self._stopped = threading.Event()
        self._health = {step.name: _Health() for step in steps}

    @property
    def failures(self) -> dict[str, int]:
        """How often each step has raised since the start; steps that never did are left out."""
        return {name: health.total_failures for name, health in self._health.items() if health.total_failures}

    def stop(self) -> None:
        """End after the present step; safe to call from a signal handler: it only leaves word."""
        self._asked_to_stop = True

    def _is_over(self) -> bool:
        """Tell whether to stop; whoever first finds that it was asked for tells all others."""
        if self._asked_to_stop and not self._stopped.is_set():
            self._stopped.set()
            for step in self._beside:
                if step.stop is not None:
                    step.stop()
        return self._stopped.is_set()

    def run(self) -> None:
        """Run until `stop`."""
        threads = [threading.Thread(target=self._loop, args=([step],), name=step.name) for step in self._beside]
        for thread in threads:
            thread.start()
        self._loop(self._steps)
        for thread in threads:
            thread.join()

    def run_once(self) -> bool:
        """Run everything, without rests, until nothing is due; False when a step still fails after a few tries."""
        steps = [*self._steps, *self._beside]
        while not self._is_over():
            if self._round(steps, rested=True):
                continue
            failing = [step for step in steps if self._health[step.name].failures]
            if not failing:
                return True
            if any(self._health[step.name].failures >= _TRIES_ONCE for step in failing):
                return False
            self._stopped.wait(self._idle_seconds)
        return True

    def _loop(self, steps: Sequence[Step]) -> None:
        while not self._is_over():
            if not self._round(steps):
                self._stopped.wait(self._idle_seconds)

    def _round(self, steps: Sequence[Step], *, rested: bool = False) -> int:
        did = 0
        for step in steps:
            if self._is_over():
                break
            health = self._health[step.name]
            if time.monotonic() >= max(health.resting_until, 0.0 if rested else health.idle_until):
                did += self._run(step)
        return did

    def _run(self, step: Step) -> int:
        health = self._health[step.name]
        try:
            did = step.run()
        except Exception as error:  # noqa: BLE001 - logged with its traceback, counted, and tried again
            health.failures += 1
            health.total_failures += 1
            rest = min(_LONGEST_BACKOFF, 0.5 * 2**health.failures)
            health.resting_until = time.monotonic() + rest
            FAILURES.labels(step.name).inc()
            # That the database is away is one line; anything else wants to be found.
            shown = {"code": error.code} if isinstance(error, Unavailable) else {"exc_info": error}
            _log.error("worker step failed", step=step.name, failures=health.failures, rest=rest, **shown)
            return 0
        health.failures = 0
        if did < step.portion:
            health.idle_until = time.monotonic() + step.rest_seconds
        return did
