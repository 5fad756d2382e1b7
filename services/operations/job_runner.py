"""Does the jobs that wait: one at a time, kept by a heartbeat, gone on with from the checkpoint after a kill."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog

from services.domain.errors import DomainError, Unavailable
from services.domain.ids import new_id
from services.domain.jobs import (
    CANCELLED,
    FAILED,
    MAX_ATTEMPTS,
    SUCCEEDED,
    Handler,
    Job,
    RunCancelled,
    RunLost,
    RunPaused,
)
from services.gateways.clock import Clock
from services.store.jobs import JobStore
from services.worker import Step

_log = structlog.get_logger("sampark.jobs")
# A killed worker's job waits this long for the next one; a heartbeat that is late by half of it is still in time.
LEASE_SECONDS = 15.0
_BACKOFF_SECONDS = 2.0
# There are many lines, and each looks for itself.
_LOOK_EVERY = 0.5


class JobRunner:
    """Leases jobs of the kinds that it has handlers for, under a name of its own, and hands each to its handler."""

    def __init__(
        self,
        store: JobStore,
        handlers: Mapping[str, Handler],
        *,
        clock: Clock,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._store = store
        self._handlers = dict(handlers)
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._worker = new_id()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let the running job end at its next checkpoint, free for another worker, and take no new one."""
        self._stopping.set()

    def run_next(self) -> int:
        """Do one job if one is due; return how many were done."""
        if self._stopping.is_set():
            return 0
        job = self._store.lease_next(self._worker, kinds=self._handlers, seconds=self._lease_seconds)
        if job is None:
            return 0
        if job.attempts > MAX_ATTEMPTS:
            # It took several workers down with it, or was given back too often.
            self._end(job, FAILED, problem={"code": "job_failed"})
            return 1
        with self._heartbeat(job) as lost:
            self._attempt(job, lost)
        return 1

    def _attempt(self, job: Job, lost: threading.Event) -> None:
        run = _Run(job, store=self._store, worker=self._worker, lost=lost, stopping=self._stopping)
        try:
            result = self._handlers[job.kind](run)
        except RunCancelled:
            self._end(job, CANCELLED)
        except RunPaused:
            self._store.release(job.id, self._worker)
        except RunLost:
            _log.warning("job was taken over", job=job.id, kind=job.kind)
        except Unavailable as error:
            self._put_back(job, error)
        except DomainError as error:
            self._end(job, FAILED, problem={"code": error.code, "errors": error.fields})
        except Exception as error:  # noqa: BLE001 - logged with its traceback, tried again, then the job's failure
            self._put_back(job, error)
        else:
            self._end(job, SUCCEEDED, result=result)

    def _put_back(self, job: Job, error: Exception) -> None:
        last = job.attempts >= MAX_ATTEMPTS and not isinstance(error, Unavailable)
        _log.error("job attempt failed", job=job.id, kind=job.kind, attempt=job.attempts, last=last, exc_info=error)
        if last:
            self._end(job, FAILED, problem={"code": "job_failed"})
        else:
            self._store.release(job.id, self._worker, due_in=_BACKOFF_SECONDS * 2 ** min(job.attempts, 5))

    def _end(
        self,
        job: Job,
        state: str,
        *,
        result: Mapping[str, Any] | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        now = self._clock.now()
        self._store.finish(job.id, self._worker, state=state, at=now, result=result, problem=problem)
        _log.info("job ended", job=job.id, kind=job.kind, state=state, problem=problem)

    @contextmanager
    def _heartbeat(self, job: Job) -> Iterator[threading.Event]:
        """Renew the lease from a thread; the event is set when somebody else has the job."""
        lost, over = threading.Event(), threading.Event()

        def beat() -> None:
            while not over.wait(self._lease_seconds / 5):
                try:
                    if not self._store.renew(job.id, self._worker, seconds=self._lease_seconds):
                        lost.set()
                        return
                except Unavailable as error:
                    # The next beat may get through; if none does, the lease ends and the job's next write says so.
                    _log.warning("heartbeat failed", job=job.id, reason=error.code)

        thread = threading.Thread(target=beat, name=f"heartbeat:{job.id}", daemon=True)
        thread.start()
        try:
            yield lost
        finally:
            over.set()
            thread.join()


def job_steps(store: JobStore, lines: Mapping[str, Mapping[str, Handler]], *, clock: Clock) -> tuple[Step, ...]:
    """Return a step of the worker for each line of jobs, by the handlers of its kinds.

    Each has a thread of its own, so that a long import delays neither another step nor another line.
    """
    runners = {name: JobRunner(store, handlers, clock=clock) for name, handlers in lines.items()}
    return tuple(
        Step(name=name, run=runner.run_next, own_thread=True, stop=runner.stop, rest_seconds=_LOOK_EVERY)
        for name, runner in runners.items()
    )


class _Run:
    """One run of a job; see services.domain.jobs.Run."""

    def __init__(
        self, job: Job, *, store: JobStore, worker: str, lost: threading.Event, stopping: threading.Event
    ) -> None:
        self._job = job
        self._store = store
        self._worker = worker
        self._lost = lost
        self._stopping = stopping
        self._cancelled = job.cancel_requested

    @property
    def job(self) -> Job:
        return self._job

    def save(self, checkpoint: Mapping[str, Any], *, done: int, total: int | None = None) -> None:
        saved = self._store.save(self._job.id, self._worker, checkpoint=checkpoint, done=done, total=total)
        if saved is None:
            raise RunLost
        self._cancelled = saved.cancel_requested
        self.ask()

    def ask(self) -> None:
        if self._lost.is_set():
            raise RunLost
        if self._cancelled:
            raise RunCancelled
        if self._stopping.is_set():
            raise RunPaused
