"""The tallies that say how many targets a part of a campaign has: set to what was counted, never added to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.contacts.contacts import Place
from services.store.collection import Collection, Document

KIND = "standing"


class TargetTallyStore:
    """Cells of collection `tallies` with `kind` "standing": one for each part of a campaign."""

    def __init__(self, database: Database[Document]) -> None:
        self._tallies = Collection(database, "tallies")

    def put(self, campaign_id: str, counts: Mapping[Place, int], *, at: datetime) -> None:
        """Set the number of targets of some parts."""
        self._tallies.bulk(
            [
                UpdateOne(
                    {"_id": f"{KIND}|{campaign_id}|{place.part_id}"},
                    {"$set": {"kind": KIND, "campaign_id": campaign_id, **place._asdict(), "targets": n, "as_of": at}},
                    upsert=True,
                )
                for place, n in counts.items()
            ]
        )

    def numbers(self, campaign_id: str, *, by: str) -> dict[str, int]:
        """Return the number of targets of a campaign by one of a place's ids."""
        rows = self._tallies.aggregate(
            [
                {"$match": {"campaign_id": campaign_id, "kind": KIND}},
                {"$group": {"_id": f"${by}", "targets": {"$sum": "$targets"}}},
            ]
        )
        return {row["_id"]: row["targets"] for row in rows if row["_id"] is not None}
