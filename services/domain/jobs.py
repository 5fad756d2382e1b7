"""Long work as a job: its states, what a handler is given, and the ways a run ends before the work does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = "queued", "running", "succeeded", "failed", "cancelled"
STATES = (QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED)
ENDED = frozenset({SUCCEEDED, FAILED, CANCELLED})
# A run that ended without having saved anything new counts; so many of them in a row and the job has failed.
MAX_ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of long work. `lane` names what only one job at a time may do; `readers` who may see it."""

    id: str
    kind: str
    owner: str
    readers: tuple[str, ...]
    created_at: datetime
    state: str = QUEUED
    params: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: Mapping[str, Any] = field(default_factory=dict)
    done: int = 0
    total: int | None = None
    result: Mapping[str, Any] | None = None
    problem: Mapping[str, Any] | None = None
    lane: str | None = None
    attempts: int = 0
    cancel_requested: bool = False
    finished_at: datetime | None = None
    version: int = 1

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in ENDED


class Run(Protocol):
    """What a handler is given: the job, and the place where its progress is kept."""

    @property
    def job(self) -> Job:
        """The job as it was when this run began; its checkpoint is where to go on from."""

    def save(self, checkpoint: Mapping[str, Any], *, done: int, total: int | None = None) -> None:
        """Keep the checkpoint in one write; raises RunEnded when the run must not go on."""

    def ask(self) -> None:
        """Raise RunEnded when the run must not go on; between two checkpoints that lie far apart."""


class Handler(Protocol):
    """Does one kind of job and returns its result; it may be run again from the last checkpoint at any time."""

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Do the work, or raise a DomainError that becomes the job's problem."""


class RunEnded(Exception):
    """The run stops here, the checkpoint is kept."""


class RunCancelled(RunEnded):
    """Somebody cancelled the job."""


class RunLost(RunEnded):
    """Another worker has the job: this one was silent for too long."""


class RunPaused(RunEnded):
    """The worker stops; another one goes on."""
