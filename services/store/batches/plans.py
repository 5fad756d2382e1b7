"""Collection `plans`: what a coordinator was shown before doing it, kept for a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from services.store.collection import Collection, Document

_KEPT_SECONDS = 24 * 3600


class PlanStore:
    """Plans by id, and what came of each."""

    def __init__(self, database: Database[Document]) -> None:
        self._plans = Collection(database, "plans")

    def ensure_indexes(self) -> None:
        """Let plans go after a day."""
        self._plans.ensure_index([("recorded_at", 1)], expireAfterSeconds=_KEPT_SECONDS)

    def insert_once(self, plan: Document) -> bool:
        """Store a plan unless it is there; tell whether it was stored."""
        return self._plans.insert_once(plan)

    def find(self, plan_id: str) -> Document | None:
        """Return the plan, or None."""
        return self._plans.find({"_id": plan_id})

    def finish(self, plan_id: str, done: Mapping[str, Any]) -> None:
        """Keep what came of the plan."""
        self._plans.update({"_id": plan_id}, {"$set": {"done": dict(done)}})
