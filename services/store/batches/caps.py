"""Collection `caps`: how many numbers a volunteer was shown on a day; one document a volunteer and Indian day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from services.domain.errors import Unavailable
from services.store.collection import Collection, Document

_KEPT_SECONDS = 14 * 24 * 3600
_TRIES = 3


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
        return used_of(self._caps.find({"_id": cap_id(user_id, day)}, fields=["call", "message"]))

    def used_by(self, user_ids: Sequence[str], day: str) -> dict[str, dict[str, int]]:
        """Return what was granted to a bounded number of volunteers, by volunteer and kind."""
        stored = self._caps.by_ids([cap_id(user_id, day) for user_id in user_ids], fields=["call", "message"])
        return {key.rpartition("|")[0]: used_of(of_day) for key, of_day in stored.items()}

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
        for _ in range(_TRIES):
            stored = self._caps.change({"_id": cap_id(user_id, day)}, pipeline, upsert=True)
            # Of two who make a day's document at once the embedded engine tells one that there is none.
            if stored is not None:
                return int(stored["grants"][opening])
        raise Unavailable("database_unavailable")


def cap_id(user_id: str, day: str) -> str:
    """Return the id of a volunteer's day."""
    return f"{user_id}|{day}"


def used_of(stored: Document | None) -> dict[str, int]:
    """Return how many numbers of each kind were granted by what is stored of a day."""
    return {kind: (stored or {}).get(kind, 0) for kind in ("call", "message")}
