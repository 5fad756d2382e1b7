"""Collection `task_cells`: how a few hundred receivers of a task stand, recounted after each change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pymongo import UpdateOne
from pymongo.database import Database

from services.store.collection import Collection, Document

_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_WATCHED = timedelta(seconds=60)


def cell_id(task_id: str, chunk: int) -> str:
    """Return the id of a task's cell."""
    return f"{task_id}|{chunk}"


class Recount(NamedTuple):
    """What a cell, as it was read, was counted to hold."""

    cell: Document
    counts: Mapping[str, int]
    pushes_over: bool
    watched: bool


class TaskCellStore:
    """Counters that can always be made again from receipts and outbox; `due` (machine's time) asks for that."""

    def __init__(self, database: Database[Document]) -> None:
        self._cells = Collection(database, "task_cells")

    def ensure_indexes(self) -> None:
        """Lead the cells of a task and those to be recounted."""
        self._cells.ensure_index([("task_id", 1)])
        self._cells.ensure_index([("due", 1)], sparse=True)

    def touch(self, cells: Iterable[str]) -> None:
        """Ask for a recount of cells, making those that are not there."""
        self._cells.bulk(
            [
                UpdateOne(
                    {"_id": cell},
                    {
                        "$inc": {"changes": 1},
                        "$set": {"due": _AT_ONCE},
                        "$setOnInsert": {"task_id": cell.partition("|")[0], "pushes_over": False, "counts": {}},
                    },
                    upsert=True,
                )
                for cell in dict.fromkeys(cells)
            ]
        )

    def due(self, limit: int) -> list[Document]:
        """Return cells to be recounted."""
        return self._cells.many({"due": {"$gte": _AT_ONCE, "$lte": datetime.now(UTC)}}, limit=limit)

    def of_task(self, task_id: str) -> list[Document]:
        """Return the cells of a task."""
        return self._cells.many({"task_id": task_id})

    def keep(self, recounts: Iterable[Recount]) -> None:
        """Keep recounts; a cell that changed since it was read stays due, a `watched` one is due in a minute."""
        pipelines = {}
        for cell, counts, pushes_over, watched in recounts:
            later = {"$literal": datetime.now(UTC) + _WATCHED} if watched else "$$REMOVE"
            due = {"$cond": [{"$eq": ["$changes", cell["changes"]]}, later, "$due"]}
            kept = {"counts": {"$literal": dict(counts)}, "pushes_over": pushes_over, "due": due}
            pipelines[cell["_id"]] = [{"$set": kept}]
        self._cells.change_each(pipelines)
