"""Collection `tasks`: what volunteers are asked to do, and how far its telling has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from services.domain.errors import NotFound, StaleVersion
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document

_FREE = datetime(1970, 1, 1, tzinfo=UTC)


class TaskStore:
    """Tasks by id.

    `free` marks those that people made, `shelf` the districts where they are given, `spreading` those still being told.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._tasks = Collection(database, "tasks")

    def ensure_indexes(self) -> None:
        """Lead the lists of headquarters and of a district, and the queue of tasks to be told."""
        self._tasks.ensure_index([("free", 1), ("_id", 1)], sparse=True)
        self._tasks.ensure_index([("shelf", 1), ("_id", 1)], sparse=True)
        self._tasks.ensure_index([("spreading", 1)], sparse=True)

    def insert_new(self, tasks: Sequence[Document]) -> None:
        """Store those tasks that are not there."""
        self._tasks.insert_new(tasks)

    def insert_once(self, task: Document) -> bool:
        """Store a task unless it is there; tell whether it was stored."""
        return self._tasks.insert_once(task)

    def get(self, task_id: str) -> Document:
        """Return the task, or raise NotFound."""
        return self._tasks.get(task_id)

    def by_ids(self, task_ids: Iterable[str]) -> dict[str, Document]:
        """Return tasks by id; ask for a bounded number."""
        return self._tasks.by_ids(task_ids)

    def list_page(
        self, page: PageRequest, *, shelf: str | None, kind: str | None = None, state: str | None = None
    ) -> Page[Document]:
        """Return the tasks that people made, newest first: those given in one district, or with None all."""
        query: Document = {"free": True} if shelf is None else {"shelf": shelf}
        query |= {name: value for name, value in (("kind", kind), ("state", state)) if value is not None}
        after = page.after_text()
        if after is not None:
            query["_id"] = {"$lt": after}
        found = self._tasks.many(query, sort=[("_id", -1)], limit=page.limit + 1)
        return page_of(found, page, lambda task: (task["_id"],))

    def change(
        self, task_id: str, fields: Mapping[str, Any], *, states: Iterable[str], version: int | None = None
    ) -> Document | None:
        """Set fields of a task in one of `states` and return it; None when its state is another.

        Raises NotFound for an unknown task and StaleVersion when `version` is no longer current.
        """
        query: Document = {"_id": task_id, "state": {"$in": list(states)}}
        if version is not None:
            query["version"] = version
        changed = self._tasks.change(query, {"$set": dict(fields), "$inc": {"version": 1}})
        if changed is None:
            present = self._tasks.find({"_id": task_id}, fields=["version"])
            if present is None:
                raise NotFound
            if version is not None and present["version"] != version:
                raise StaleVersion
        return changed

    def lease_spreading(self, worker: str, *, seconds: float) -> Document | None:
        """Take a task that has receivers yet to be told, or None."""
        now = datetime.now(UTC)
        change = {"$set": {"spread.holder": worker, "spread.held_until": now + timedelta(seconds=seconds)}}
        return self._tasks.change({"spreading": True, "spread.held_until": {"$lt": now}}, change)

    def advance(self, task_id: str, worker: str, *, group: int, after: str | None, chunk: int) -> bool:
        """Note how far the telling has come and free the task; False when another worker has it."""
        change = {
            "spread.group": group,
            "spread.after": after,
            "spread.chunk": chunk,
            "spread.held_until": _FREE,
        }
        return self._tasks.update({"_id": task_id, "spread.holder": worker}, {"$set": change}) == 1

    def end_spreading(self, task_id: str, *, forget: bool = False) -> None:
        """Note that everybody was told, or that nobody need be; `forget` what was only there to be told."""
        if forget:
            self._tasks.delete({"_id": task_id})
        else:
            self._tasks.update({"_id": task_id}, {"$unset": {"spreading": 1}})


def spread_from_start() -> Document:
    """Return the fields of a task whose telling is to begin."""
    return {"spreading": True, "spread": {"group": 0, "after": None, "chunk": 0, "holder": None, "held_until": _FREE}}
