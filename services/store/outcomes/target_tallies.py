"""The tallies that say how many targets a part of a campaign has: set to what was counted, never added to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pymongo.database import Database

from services.domain.contacts.contacts import Place
from services.store.collection import Collection, Document, per_key

KIND = "standing"


class TargetTallyStore:
    """Cells of collection `tallies` with `kind` "standing": one for each part of a campaign."""

    def __init__(self, database: Database[Document]) -> None:
        self._tallies = Collection(database, "tallies")

    def put(self, campaign_id: str, counts: Mapping[Place, int], *, at: datetime) -> None:
        """Set the number of targets of some parts."""
        cells: dict[str, Document] = {
            f"{KIND}|{campaign_id}|{place.part_id}": {
                "kind": KIND,
                "campaign_id": campaign_id,
                **place._asdict(),
                "targets": number,
                "as_of": at,
            }
            for place, number in counts.items()
        }
        # Two writes, not one a part: the embedded server flushes its log after every write.
        there = sorted(self._tallies.insert_new([{"_id": key, **cell} for key, cell in cells.items()]))
        if there:
            anew = per_key(there, [cells[key] for key in there])
            change = [{"$replaceWith": {"$mergeObjects": ["$$ROOT", anew]}}]
            self._tallies.update_many({"_id": {"$in": there}}, change)

    def numbers(self, campaign_id: str, *, by: str) -> dict[str, int]:
        """Return the number of targets of a campaign by one of a place's ids."""
        rows = self._tallies.aggregate(
            [
                {"$match": {"campaign_id": campaign_id, "kind": KIND}},
                {"$group": {"_id": f"${by}", "targets": {"$sum": "$targets"}}},
            ]
        )
        return {row["_id"]: row["targets"] for row in rows if row["_id"] is not None}
