"""The worker's share of tasks: telling receivers chunk by chunk, recounting, and taking what has run out off lists."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from services.domain.ids import new_id
from services.domain.tasks.tasks import WAVE, Audience
from services.gateways.clock import Clock
from services.push.notifying import Notifying
from services.store.push.outbox import OutboxStore
from services.store.tasks.cells import Recount, TaskCellStore
from services.store.tasks.receipts import TaskReceiptStore
from services.store.tasks.receivers import ReceiverStore
from services.store.tasks.tasks import TaskStore

Document = dict[str, Any]
CHUNK = 500
_LEASE_SECONDS = 30.0
_CELLS_A_STEP = 50
_SWEEP_SECONDS = 600.0


class TaskSpread:
    """Goes through a task's audience; killed in the middle of a chunk, the next worker does the chunk again."""

    def __init__(
        self,
        *,
        tasks: TaskStore,
        people: ReceiverStore,
        notifying: Notifying,
        districts: Callable[[], Iterable[str]],
        chunk: int = CHUNK,
    ) -> None:
        self._tasks = tasks
        self._people = people
        self._notifying = notifying
        self._districts = districts
        self._chunk = chunk
        self._worker = new_id()

    def spread_next(self) -> int:
        """Tell one chunk of one task; return how many people were told, 1 at the least when a task moved on."""
        task = self._tasks.lease_spreading(self._worker, seconds=_LEASE_SECONDS)
        if task is None:
            return 0
        if task["state"] != "open":
            self._tasks.end_spreading(task["_id"])
            return 1
        people, group, after = self._next_people(task)
        if task["kind"] == WAVE:
            self._notifying.tickle(people)
        else:
            self._notifying.give(task, people, chunk=task["spread"]["chunk"])
        if group is None:
            self._tasks.end_spreading(task["_id"], forget=task["kind"] == WAVE)
        else:
            chunk = task["spread"]["chunk"] + 1
            self._tasks.advance(task["_id"], self._worker, group=group, after=after, chunk=chunk)
        return max(len(people), 1)

    def _next_people(self, task: Document) -> tuple[list[str], int | None, str | None]:
        """Return the next chunk of people, and the group and id to go on after; no group when that was all."""
        audience = Audience.from_document(task["audience"])
        groups = audience.groups(self._districts())
        number, after = task["spread"]["group"], task["spread"]["after"]
        people: list[str] = []
        while number < len(groups):
            if len(people) >= self._chunk:
                return people, number, after
            found, after = self._people.page(
                groups[number], inside=audience.inside, after=after, limit=self._chunk - len(people)
            )
            people += found
            number += after is None
        return people, None, None


class TaskCounting:
    """Recounts the cells of tasks from receipts and outbox."""

    def __init__(self, *, cells: TaskCellStore, receipts: TaskReceiptStore, outbox: OutboxStore, clock: Clock) -> None:
        self._cells = cells
        self._receipts = receipts
        self._outbox = outbox
        self._clock = clock
        self._sweep_at = 0.0

    def count_due(self) -> int:
        """Recount what is due, and now and then close receipts that have run out; return how many cells were."""
        if time.monotonic() >= self._sweep_at:
            self._receipts.close_expired(self._clock.now())
            self._sweep_at = time.monotonic() + _SWEEP_SECONDS
        due = self._cells.due(_CELLS_A_STEP)
        self.recount(due)
        return len(due)

    def recount(self, cells: Sequence[Document]) -> list[Mapping[str, int]]:
        """Count the receipts and rows of a bounded number of cells, keep and return the counts, in their order."""
        if not cells:
            return []
        told = self._receipts.count_by_state([cell["_id"] for cell in cells])
        rows = self._outbox.count_by_state([cell["_id"] for cell in cells if not cell["pushes_over"]])
        counted = [_counted(cell, told[cell["_id"]], rows.get(cell["_id"])) for cell in cells]
        self._cells.keep(counted)
        return [one.counts for one in counted]


def _counted(cell: Document, told: Mapping[str, int], rows: Mapping[str, int] | None) -> Recount:
    """Return what a cell holds; `rows` is None when its pushes are over: what they came to stays as it is."""
    counts = {
        "receivers": sum(told.values()),
        "seen": sum(told.get(state, 0) for state in ("seen", "declined", "done")),
        "done": told.get("done", 0),
        "declined": told.get("declined", 0),
    }
    if rows is None:
        # Rows leave the outbox two weeks after their end.
        kept = {name: cell["counts"][name] for name in ("devices", "queued", "accepted", "failed")}
        return Recount(cell, counts | kept, pushes_over=True, watched=False)
    waiting = rows.get("waiting", 0)
    counts |= {"devices": sum(rows.values()), "queued": waiting}
    counts |= {"accepted": rows.get("accepted", 0), "failed": rows.get("failed", 0)}
    return Recount(cell, counts, pushes_over=bool(rows) and not waiting, watched=waiting > 0)
