"""Collections `outbox` and `outbox_lanes`: rows that wait to be sent, and the buckets by which they fall due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.push.outbox import Fate, Lane, lane_of
from services.store.collection import Collection, Document, guarded

_FREE = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = timedelta(days=14)
_SENDER = "push-sender"


class OutboxStore:
    """Rows are written by `_id` alone and read by lane; a lane is leased as a whole, by the machine's time."""

    def __init__(self, database: Database[Document]) -> None:
        self._rows = Collection(database, "outbox")
        self._lanes = Collection(database, "outbox_lanes")
        self._controls = Collection(database, "controls")

    def ensure_indexes(self) -> None:
        """Lead the look-ups by lane and by counter cell; rows go two weeks after their end."""
        self._rows.ensure_index([("lane", 1)], sparse=True)
        self._rows.ensure_index([("cell", 1)], sparse=True)
        self._rows.ensure_index([("purge_at", 1)], expireAfterSeconds=0)
        self._lanes.ensure_index([("due", 1)])

    def add(self, rows: Sequence[Document]) -> int:
        """Store rows that are not there yet and wake their lanes; return how many were new."""
        if not rows:
            return 0
        refused = self._rows.insert_new([_stored(row) for row in rows])
        # Also for rows that are there: whoever stored them may have died before this.
        self._wake(_read_lane(row["lane"]) for row in rows)
        return len(rows) - len(refused)

    def due_lanes(self, now: datetime) -> list[Document]:
        """Return the lanes whose rows may go, urgent ones first."""
        found = self._lanes.many({"due": {"$gte": 0, "$lte": int(now.timestamp())}})
        return sorted(found, key=lambda lane: (not lane["urgent"], lane["due"]))

    def lease(self, lane_id: str, worker: str, *, seconds: float) -> Document | None:
        """Take a lane that nobody holds and return it, or None."""
        now = datetime.now(UTC)
        held = {"holder": worker, "held_until": now + timedelta(seconds=seconds)}
        return self._lanes.change({"_id": lane_id, "held_until": {"$lt": now}}, {"$set": held})

    def renew(self, lane_ids: Sequence[str], worker: str, *, seconds: float) -> None:
        """Keep lanes for longer, those that the worker still holds."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        self._lanes.update_many({"_id": {"$in": list(lane_ids)}, "holder": worker}, {"$set": {"held_until": until}})

    def release(self, lane: Document, *, empty: bool) -> None:
        """Give a lane back; an empty one goes, unless rows were added since it was leased."""
        mine = {"_id": lane["_id"], "holder": lane["holder"]}
        if empty and self._lanes.delete({**mine, "seq": lane["seq"]}):
            return
        self._lanes.update(mine, {"$set": {"held_until": _FREE, "holder": None}})

    def in_lane(self, lane_id: str, *, limit: int) -> list[Document]:
        """Return rows of a lane."""
        return self._rows.many({"lane": lane_id}, limit=limit)

    def settle(self, fates: Sequence[tuple[Document, Fate]], now: datetime) -> None:
        """Write what became of rows; one that is over already stays as it is."""
        woken: list[Lane] = []
        changes = []
        for row, fate in fates:
            values: Document = {"code": fate.code, "attempts": row["attempts"] + fate.tried, "state": fate.state}
            if fate.state == "waiting" and fate.due_at is not None:
                lane = lane_of(row["_id"], priority=row["priority"], due_at=fate.due_at, now=now)
                woken.append(lane)
                values |= {"due_at": fate.due_at, "lane": lane.id}
            else:
                values |= {"ended_at": now, "purge_at": datetime.now(UTC) + _KEPT, "lane": None}
            changes.append(UpdateOne({"_id": row["_id"]}, _unless_over(values)))
        self._rows.bulk(changes)
        # After the rows: a lane that is woken before its rows are in it may be found empty and go.
        self._wake(woken)

    def heal(self) -> int:
        """Wake every lane that has rows, for those whose writer died between the two; return how many there are."""
        pipeline: list[Document] = [
            {"$match": {"lane": {"$type": "string"}}},
            {"$group": {"_id": "$lane"}},
        ]
        lanes = [_read_lane(found["_id"]) for found in self._rows.aggregate(pipeline)]
        self._wake(lanes)
        return len(lanes)

    def count_by_state(self, cells: Sequence[str]) -> dict[str, Counter[str]]:
        """Return, by counter cell, how many rows of it there are in each state; ask for a bounded number."""
        by = {"cell": "$cell", "state": "$state"}
        pipeline: list[Document] = [
            {"$match": {"cell": {"$in": list(cells)}}},
            {"$group": {"_id": by, "n": {"$sum": 1}}},
        ]
        counted: dict[str, Counter[str]] = {cell: Counter() for cell in cells}
        for found in self._rows.aggregate(pipeline):
            counted[found["_id"]["cell"]][found["_id"]["state"]] = found["n"]
        return counted

    def find(self, row: str) -> Document | None:
        """Return a row, or None."""
        return self._rows.find({"_id": row})

    def sender(self) -> Document:
        """Return what is kept about the sender as a whole, empty before anything was."""
        return self._controls.find({"_id": _SENDER}) or {}

    def keep_sender(self, fields: Mapping[str, Any]) -> None:
        """Keep the sender's state."""
        self._controls.update({"_id": _SENDER}, {"$set": dict(fields)}, upsert=True)

    def _wake(self, lanes: Iterable[Lane]) -> None:
        self._lanes.bulk(
            [
                UpdateOne(
                    {"_id": lane.id},
                    {
                        "$inc": {"seq": 1},
                        "$setOnInsert": {"due": lane.due, "urgent": lane.urgent, "held_until": _FREE, "holder": None},
                    },
                    upsert=True,
                )
                for lane in dict.fromkeys(lanes)
            ]
        )


def _unless_over(values: Document) -> list[Document]:
    """Return the update that lays `values` over a row which still waits; a null takes the field away."""
    waits = {"$eq": ["$state", "waiting"]}
    gone = {name: {"$cond": [waits, "$$REMOVE", f"${name}"]} for name, value in values.items() if value is None}
    stages: list[Document] = [{"$set": gone}] if gone else []
    return [*stages, *guarded(waits, _without_nulls(values))]


def _stored(row: Document) -> Document:
    """Return the row as it is stored: also one that nobody ever sends goes, by the machine's time."""
    life = row["expires_at"] - row["created_at"]
    return _without_nulls({**row, "purge_at": datetime.now(UTC) + life + _KEPT})


def _without_nulls(row: Document) -> Document:
    """Leave nulls out: the sparse indexes must not hold rows without a lane or a cell."""
    return {name: value for name, value in row.items() if value is not None}


def _read_lane(lane_id: str) -> Lane:
    due, _, name = lane_id.partition(".")
    return Lane(lane_id, int(due), name.startswith("h"))
