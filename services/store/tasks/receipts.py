"""Collection `task_receipts`: that a person was given a task, and what they told about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from pymongo.database import Database

from services.domain.tasks.tasks import OVER, states_before
from services.store.collection import Collection, Document

_KEPT = timedelta(days=400)
_SWEPT = timedelta(days=3)


def receipt_id(task_id: str, user_id: str) -> str:
    """Return the id of a person's receipt of a task."""
    return f"{task_id}|{user_id}"


class TaskReceiptStore:
    """Receipts by task and person; `open` ones are what the person still has to see or do."""

    def __init__(self, database: Database[Document]) -> None:
        self._receipts = Collection(database, "task_receipts")

    def ensure_indexes(self) -> None:
        """Lead a person's open tasks, a counter cell, and what has run out."""
        self._receipts.ensure_index([("user_id", 1), ("open", 1)])
        self._receipts.ensure_index([("cell", 1)])
        self._receipts.ensure_index([("expires_at", 1)])
        self._receipts.ensure_index([("purge_at", 1)], expireAfterSeconds=0)

    def give(self, task: Document, user_ids: Sequence[str], *, cell: str, now: datetime) -> None:
        """Store a receipt for each person who has none yet."""
        self.give_each([(task, user_id, cell) for user_id in user_ids], now=now)

    def give_each(self, given: Iterable[tuple[Document, str, str]], *, now: datetime) -> None:
        """Store a receipt for each task, person and cell, unless there is one."""
        self._receipts.insert_new(
            [
                {
                    "_id": receipt_id(task["_id"], user_id),
                    "task_id": task["_id"],
                    "user_id": user_id,
                    "batch_id": task["batch_id"],
                    "cell": cell,
                    "state": "given",
                    "open": True,
                    "given_at": now,
                    "expires_at": task["expires_at"],
                    "purge_at": datetime.now(UTC) + _KEPT,
                    "version": 1,
                }
                for task, user_id, cell in given
            ]
        )

    def find(self, task_id: str, user_id: str) -> Document | None:
        """Return a person's receipt, or None."""
        return self._receipts.find({"_id": receipt_id(task_id, user_id)})

    def by_pairs(self, pairs: Iterable[tuple[str, str]]) -> dict[str, Document]:
        """Return the receipts of (task, person) pairs by id; ask for a bounded number."""
        return self._receipts.by_ids(receipt_id(*pair) for pair in pairs)

    def open_of(self, user_id: str) -> list[Document]:
        """Return what a person still has to see or do."""
        return self._receipts.many({"user_id": user_id, "open": True})

    def answer(self, task_id: str, user_id: str, answer: str, now: datetime) -> bool:
        """Note an answer unless one that goes further is there; tell whether it changed anything."""
        fields: Document = {"state": answer, f"{answer}_at": now, "open": answer not in OVER}
        changed = self._receipts.change_each_if(
            [receipt_id(task_id, user_id)],
            {"$in": ["$state", states_before(answer)]},
            fields,
            computed={"version": {"$add": ["$version", 1]}},
        )
        return changed == 1

    def close(self, receipts: Iterable[str]) -> None:
        """Take receipts off their people's lists, whatever was told."""
        self._receipts.change_each_if(
            list(receipts),
            {"$eq": ["$open", True]},
            {"open": False},
            computed={"version": {"$add": ["$version", 1]}},
        )

    def close_expired(self, now: datetime) -> int:
        """Take what has run out in the last days off all lists; return how many were."""
        ran_out = {"expires_at": {"$lte": now, "$gt": now - _SWEPT}, "open": True}
        return self._receipts.update_many(ran_out, {"$set": {"open": False}})

    def count_by_state(self, cells: Sequence[str]) -> dict[str, Counter[str]]:
        """Return, by counter cell, how many receipts of it there are in each state; ask for a bounded number."""
        by = {"cell": "$cell", "state": "$state"}
        pipeline: list[Document] = [
            {"$match": {"cell": {"$in": list(cells)}}},
            {"$group": {"_id": by, "n": {"$sum": 1}}},
        ]
        counted: dict[str, Counter[str]] = {cell: Counter() for cell in cells}
        for found in self._receipts.aggregate(pipeline):
            counted[found["_id"]["cell"]][found["_id"]["state"]] = found["n"]
        return counted
