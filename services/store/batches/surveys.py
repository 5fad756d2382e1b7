"""Collection `surveys`: what each part of a campaign held for each channel when it was last looked at, for plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.store.collection import Collection, Document

_HEAD = ("part_id", "constituency_id", "stamp", "seen", "at", "rules", "targets")
_AT_ONCE = 500


class SurveyStore:
    """One document a campaign and part. `stamp` goes up with every change; `seen` is the stamp that was counted."""

    def __init__(self, database: Database[Document]) -> None:
        self._surveys = Collection(database, "surveys")

    def ensure_indexes(self) -> None:
        """Lead a plan to the parts of some constituencies."""
        self._surveys.ensure_index([("campaign_id", 1), ("constituency_id", 1)])

    def touch(self, campaign_id: str, places: Iterable[tuple[str, str]]) -> None:
        """Note that something changed in some parts, given with their constituencies."""
        self._surveys.bulk(
            [
                UpdateOne(
                    {"_id": _key(campaign_id, part_id)},
                    {
                        "$inc": {"stamp": 1},
                        "$set": {"campaign_id": campaign_id, "part_id": part_id, "constituency_id": seat_id},
                    },
                    upsert=True,
                )
                for part_id, seat_id in sorted(set(places))
            ]
        )

    def stamps(self, campaign_id: str, part_ids: Sequence[str]) -> dict[str, int]:
        """Return the stamp of some parts, 0 for one that nothing was noted of."""
        keys = [_key(campaign_id, part_id) for part_id in part_ids]
        stored = self._surveys.by_ids(keys, fields=("stamp",))
        return {part_id: int(stored.get(key, {}).get("stamp", 0)) for part_id, key in zip(part_ids, keys, strict=True)}

    def put(self, campaign_id: str, surveys: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        """Keep what was counted: by part and constituency `{seen, targets, at, rules, channels}`."""
        self._surveys.bulk(
            [
                UpdateOne(
                    {"_id": _key(campaign_id, part_id)},
                    {"$set": {"campaign_id": campaign_id, "part_id": part_id, "constituency_id": seat, **survey}},
                    upsert=True,
                )
                for (part_id, seat), survey in surveys.items()
            ]
        )

    def read(self, campaign_id: str, seats: Sequence[str], *, channel: str | None = None) -> dict[str, Document]:
        """Return surveys by part of some constituencies: heads, with the figures of one channel if it is named."""
        query = {"campaign_id": campaign_id, "constituency_id": {"$in": list(seats)}}
        fields = _HEAD if channel is None else (*_HEAD, f"channels.{channel}")
        return {survey["part_id"]: survey for survey in self._surveys.many(query, fields=fields)}


def survey_of(*, seen: int, targets: int, at: datetime, rules: str, channels: Mapping[str, Any]) -> Document:
    """Return what is kept of a part."""
    return {"seen": seen, "targets": targets, "at": at, "rules": rules, "channels": dict(channels)}


def _key(campaign_id: str, part_id: str) -> str:
    return f"{campaign_id}|{part_id}"
