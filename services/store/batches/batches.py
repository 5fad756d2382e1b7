"""Collection `batches`: work that a volunteer has or that waits in a pool; changes are guarded by the version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from services.domain.batches.batches import ASSIGNED, POOLED
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document, per_key

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WITHOUT_ITEMS = {"items": 0, "events": 0}
_CANDIDATE = ("forming_since", "part_ids", "pool_key")


class BatchStore:
    """Batches by id, holder, pool, and what is due of them."""

    def __init__(self, database: Database[Document]) -> None:
        self._batches = Collection(database, "batches")

    def ensure_indexes(self) -> None:
        """Lead what volunteers, claims, lists and the worker ask for."""
        self._batches.ensure_index([("assignee", 1), ("state", 1)])
        self._batches.ensure_index([("pool_key", 1), ("slot", 1)])
        self._batches.ensure_index([("campaign_id", 1), ("state", 1), ("_id", 1)])
        self._batches.ensure_index([("campaign_id", 1), ("assignee", 1), ("_id", 1)])
        self._batches.ensure_index([("campaign_id", 1), ("assignee_district", 1), ("state", 1), ("_id", 1)])
        self._batches.ensure_index([("plan_id", 1)])
        self._batches.ensure_index([("state", 1), ("due_at", 1)])
        self._batches.ensure_index([("forming_since", 1)])
        self._batches.ensure_index([("pool_from", 1)])
        self._batches.ensure_index([("next_callback_at", 1)])
        self._batches.ensure_index([("warn_at", 1)])
        self._batches.ensure_index([("pending", 1)])

    def insert_new(self, batches: Sequence[Document]) -> set[str]:
        """Store new batches; return the ids of those that were there already."""
        return self._batches.insert_new(batches)

    def find(self, batch_id: str) -> Document | None:
        """Return the batch, or None."""
        return self._batches.find({"_id": batch_id})

    def get(self, batch_id: str) -> Document:
        """Return the batch, or raise NotFound."""
        return self._batches.get(batch_id)

    def by_ids(self, batch_ids: Iterable[str], *, fields: Sequence[str] | None = None) -> dict[str, Document]:
        """Return the batches that exist, by id."""
        return self._batches.by_ids(batch_ids, fields=fields)

    def swap(self, batch: Document, changes: Mapping[str, Any]) -> Document | None:
        """Change a batch if it still is as it was read, and return it as it is then; None when it is not."""
        after = {**changes, "version": batch["version"] + 1}
        unchanged = {"$eq": ["$version", batch["version"]]}
        return {**batch, **after} if self._batches.change_if(batch["_id"], unchanged, after) else None

    def settle(self, batches: Sequence[Document]) -> int:
        """End the forming of batches whose items are as they were read; return how many it was, not those closed."""
        begun = {"$ne": [{"$ifNull": ["$forming_since", None]}, None]}
        forming = {"$and": [begun, {"$in": ["$state", [POOLED, ASSIGNED]]}]}
        computed = {
            "version": {"$add": ["$version", 1]},
            "pending": {"$gt": [{"$size": "$events"}, 0]},
        }
        ids = [batch["_id"] for batch in batches]
        settled = {"forming_since": None, "unmarked": False}
        return self._batches.change_each_if(ids, forming, settled, computed=computed)

    def drop_events(self, done: Mapping[str, Sequence[str]]) -> None:
        """Forget events, given by batch, whose consequences have all been drawn."""
        ids = per_key(list(done), [list(events) for events in done.values()])
        others = {"$filter": {"input": "$events", "cond": {"$not": [{"$in": ["$$this.id", ids]}]}}}
        computed = {
            "events": others,
            "pending": {"$gt": [{"$size": others}, 0]},
            "version": {"$add": ["$version", 1]},
        }
        present = {"$lt": [{"$size": others}, {"$size": "$events"}]}
        self._batches.change_each_if(list(done), present, {}, computed=computed)

    def of_assignee(self, user_id: str, states: Sequence[str], *, whole: bool = True) -> list[Document]:
        """Return the batches of a volunteer in these states, the oldest first."""
        fields = None if whole else _WITHOUT_ITEMS
        found = self._batches.many({"assignee": user_id, "state": {"$in": list(states)}}, fields=fields)
        return sorted(found, key=lambda batch: str(batch["_id"]))

    def of_assignees(self, campaign_id: str | None, user_ids: Sequence[str], states: Sequence[str]) -> list[Document]:
        """Return the batches of a bounded number of volunteers in these states, of one campaign or of all, itemless."""
        query: Document = {"assignee": {"$in": list(user_ids)}, "state": {"$in": list(states)}}
        if campaign_id is not None:
            query["campaign_id"] = campaign_id
        return self._batches.many(query, fields=_WITHOUT_ITEMS) if user_ids else []

    def candidates(self, pool_keys: Sequence[str], *, slot: int | None = None) -> list[Document]:
        """Return id, key, parts and `forming_since` of what lies in pools under some keys, of one slot or of all."""
        keys: Any = pool_keys[0] if len(pool_keys) == 1 else {"$in": list(pool_keys)}
        query: Document = {"pool_key": keys} if slot is None else {"pool_key": keys, "slot": slot}
        return self._batches.many(query, fields=_CANDIDATE)

    def of_run(self, run_id: str) -> list[Document]:
        """Return the batches that a run has made, without their items."""
        found = self._batches.many({"plan_id": run_id}, fields=_WITHOUT_ITEMS)
        return sorted(found, key=lambda batch: str(batch["_id"]))

    # What the worker asks for; each selects only what is due

    def forming(self, before: datetime, *, limit: int) -> list[Document]:
        """Return batches that began to form before a time and are not ready: whoever made them may be dead."""
        return self._due({}, "forming_since", before, limit)

    def parked(self, now: datetime, *, limit: int) -> list[Document]:
        """Return pooled batches whose time to be claimed has come."""
        return self._due({}, "pool_from", now, limit)

    def overdue(self, state: str, now: datetime, *, limit: int) -> list[Document]:
        """Return batches of a state that are due."""
        return self._due({"state": state}, "due_at", now, limit)

    def callbacks(self, before: datetime, *, limit: int) -> list[Document]:
        """Return batches with a callback agreed for a time before this."""
        return self._due({}, "next_callback_at", before, limit)

    def expiring(self, before: datetime, *, limit: int) -> list[Document]:
        """Return batches that are due before a time and whose volunteers have not been warned."""
        return self._due({}, "warn_at", before, limit)

    def open_after(self, batch_id: str, states: Sequence[str], *, limit: int) -> list[Document]:
        """Return the next batches of these states after an id, in the order of their ids."""
        query = {"state": {"$in": list(states)}, "_id": {"$gt": batch_id}}
        return self._batches.many(query, sort=[("_id", 1)], limit=limit)

    def closed_among(self, batch_ids: Iterable[str]) -> set[str]:
        """Return those of a bounded number of batches that are over, or never were."""
        wanted = set(batch_ids)
        states = {key: batch["state"] for key, batch in self._batches.by_ids(wanted, fields=["state"]).items()}
        return {key for key in wanted if states.get(key) not in {"pooled", "assigned", "active"}}

    def pending(self, *, limit: int) -> list[Document]:
        """Return batches that have events."""
        return self._batches.many({"pending": True}, limit=limit)

    def list_page(self, page: PageRequest, queries: Sequence[Mapping[str, Any]]) -> Page[Document]:
        """Return batches without their items that any of the queries selects, in the order of their ids."""
        after = page.after_text()
        found = {
            batch["_id"]: batch
            for query in queries
            for batch in self._batches.many(
                {**query, "_id": {"$gt": after}} if after else query,
                fields=_WITHOUT_ITEMS,
                sort=[("_id", 1)],
                limit=page.limit + 1,
            )
        }
        ordered = sorted(found.values(), key=lambda batch: str(batch["_id"]))[: page.limit + 1]
        return page_of(ordered, page, lambda batch: (batch["_id"],))

    def _due(self, query: Mapping[str, Any], field: str, until: datetime, limit: int) -> list[Document]:
        return self._batches.many({**query, field: {"$gt": _EPOCH, "$lte": until}}, limit=limit)
