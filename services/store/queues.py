"""How much waits in each queue, counted over the indexes that the worker reads its work by: over what waits alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.store.collection import Collection, Document

_ONE: Document = {"$sum": 1}


class QueueStore:
    """Counts what others own; owns nothing."""

    def __init__(self, database: Database[Document]) -> None:
        self._outcomes = Collection(database, "outcomes")
        self._batches = Collection(database, "batches")
        self._suppressions = Collection(database, "suppressions")
        self._outbox = Collection(database, "outbox")
        self._jobs = Collection(database, "jobs")

    def outcomes(self) -> tuple[int, datetime | None]:
        """Return how many outcomes wait for their consequences, and since when the oldest does."""
        found = _grouped(self._outcomes, {"pending": True}, by=None, oldest={"$min": "$received_at"})
        return (found[0]["n"], found[0]["oldest"]) if found else (0, None)

    def batches(self) -> int:
        """Return how many batches have events that nobody has followed up."""
        return sum(row["n"] for row in _grouped(self._batches, {"pending": True}, by=None))

    def suppressions(self) -> int:
        """Return how many opt-outs have not yet reached the batches that hold the person."""
        return sum(row["n"] for row in _grouped(self._suppressions, {"pending": True}, by=None))

    def pushes(self, now: datetime) -> dict[str, int]:
        """Return how many pushes wait: those that are due `now`, and those for later."""
        due = {"$cond": [{"$gt": ["$due_at", now]}, "later", "now"]}
        rows = _grouped(self._outbox, {"lane": {"$gt": ""}}, by=due)
        return {"now": 0, "later": 0} | {row["_id"]: row["n"] for row in rows}

    def jobs(self) -> dict[str, int]:
        """Return how many jobs are queued and running."""
        rows = _grouped(self._jobs, {"open": True}, by="$state")
        return {"queued": 0, "running": 0} | {row["_id"]: row["n"] for row in rows}


def _grouped(collection: Collection, query: Document, *, by: Any, **more: Any) -> list[Document]:
    return collection.aggregate([{"$match": query}, {"$group": {"_id": by, "n": _ONE, **more}}])
