"""Collection `caps`: how many numbers a volunteer was shown on a day; one document a volunteer and Indian day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from services.store.collection import Collection, Document

_KEPT_SECONDS = 14 * 24 * 3600


class CapStore:
    """Grants of the day; what is granted is never given back."""

    def __init__(self, database: Database[Document]) -> None:
        self._caps = Collection(database, "caps")

    def ensure_indexes(self) -> None:
        """Let the days go that nobody asks for any more."""
        self._caps.ensure_index([("day", 1)], sparse=True)
        self._caps.ensure_index([("recorded_at", 1)], expireAfterSeconds=_KEPT_SECONDS)

    def used(self, user_id: str, day: str) -> dict[str, int]:
        """Return how many numbers of each kind (`call`, `message`) were granted."""
        stored = self._caps.find({"_id": _key(user_id, day)}, fields=["call", "message"]) or {}
        return {"call": stored.get("call", 0), "message": stored.get("message", 0)}

    def used_by(self, user_ids: Sequence[str], day: str) -> dict[str, dict[str, int]]:
        """Return what was granted to a bounded number of volunteers, by volunteer and kind."""
        stored = self._caps.by_ids([_key(user_id, day) for user_id in user_ids], fields=["call", "message"])
        return {
            key.rpartition("|")[0]: {kind: day_of.get(kind, 0) for kind in ("call", "message")}
            for key, day_of in stored.items()
        }

    def of_day(self, day: str) -> dict[str, tuple[int, int]]:
        """Return, by volunteer, how many numbers were granted on a day and in how many openings."""
        stored = self._caps.many({"day": day}, fields=["user_id", "call", "message", "grants"])
        return {
            one["user_id"]: (one["call"] + one["message"], sum(1 for number in one["grants"].values() if number))
            for one in stored
        }

    def grant(self, user_id: str, day: str, *, kind: str, opening: str, wanted: int, cap: int) -> int:
        """Grant what the cap leaves of `wanted`, once for each opening: asked again it answers the same."""
        known = f"$grants.{opening}"
        left = {"$max": [0, {"$min": [wanted, {"$subtract": [cap, f"${kind}"]}]}]}
        pipeline: list[Mapping[str, Any]] = [
            {
                "$set": {
                    "call": {"$ifNull": ["$call", 0]},
                    "message": {"$ifNull": ["$message", 0]},
                    "grants": {"$ifNull": ["$grants", {}]},
                    "user_id": user_id,
                    "day": day,
                    "recorded_at": {"$ifNull": ["$recorded_at", datetime.now(UTC)]},
                }
            },
            {"$set": {"given": {"$cond": [{"$eq": [{"$type": known}, "missing"]}, left, 0]}}},
            {
                "$set": {
                    kind: {"$add": [f"${kind}", "$given"]},
                    f"grants.{opening}": {"$ifNull": [known, "$given"]},
                }
            },
            {"$unset": "given"},
        ]
        self._caps.update({"_id": _key(user_id, day)}, pipeline, upsert=True)
        stored = self._caps.get(_key(user_id, day), fields=[f"grants.{opening}"])
        return int(stored["grants"][opening])


def _key(user_id: str, day: str) -> str:
    return f"{user_id}|{day}"
