"""How far a plan is carried out, and how that is kept, so that a run that was killed is gone on with."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from services.domain.batches.batches import Household
from services.domain.batches.cutting import Cut, Cutter
from services.domain.jobs import Run

Document = dict[str, Any]
# What waits to be cut is much where there are many volunteers: it is written now and then. Some seconds of a run that
# are done again change nothing.
_SAVE_SECONDS = 2.0


@dataclass(slots=True)
class Progress:
    """How far a plan is carried out; all of it goes into the checkpoint."""

    at: int = 0
    number: int = 0
    batches: int = 0
    contacts: int = 0
    blocked: Counter[str] = field(default_factory=Counter)

    def to_checkpoint(self, waiting: Iterable[Cut[Household]]) -> Document:
        """Return the progress as plain data, with what waits to be cut."""
        piles = [[cut.owner, cut.constituency_id, [list(item) for item in cut.items]] for cut in waiting]
        counted = {"at": self.at, "number": self.number, "batches": self.batches, "contacts": self.contacts}
        return {**counted, "blocked": dict(self.blocked), "waiting": piles}


class Saving:
    """Keeps the progress of a run, if it is one that can be gone on with."""

    def __init__(self, run: Run | None, *, total: int) -> None:
        self._run = run
        self._total = total
        self._due = 0.0

    def slab_done(self, progress: Progress, cutter: Cutter[Household]) -> None:
        """Keep how far it is, now and then; raise RunEnded when the run must not go on."""
        if self._run is None:
            return
        if time.monotonic() < self._due:
            self._run.ask()
            return
        self._run.save(progress.to_checkpoint(cutter.waiting()), done=progress.at, total=self._total)
        self._due = time.monotonic() + _SAVE_SECONDS


def resumed(plan: Document, run: Run | None) -> tuple[Progress, Cutter[Household]]:
    """Return where to go on: from the checkpoint, or from the start."""
    cutter: Cutter[Household] = Cutter(plan["size"])
    kept = dict(run.job.checkpoint) if run is not None else {}
    if "at" not in kept:
        return Progress(), cutter
    for owner, seat, items in kept["waiting"]:
        cutter.add(owner, seat, [Household(item[0], tuple(item[1]), item[2], item[3]) for item in items])
    progress = Progress(kept["at"], kept["number"], kept["batches"], kept["contacts"], Counter(kept["blocked"]))
    return progress, cutter
