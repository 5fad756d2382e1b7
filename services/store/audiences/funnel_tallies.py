"""The tallies that a funnel is read from: for each part and channel, people by what keeps them from being contacted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.audiences.funnels import Reasons, from_plain, plain
from services.domain.contacts.contacts import Place
from services.store.collection import Collection, Document


class PartTally(NamedTuple):
    """What was counted in a part, and when."""

    groups: Counter[Reasons]
    counted_at: datetime


class FunnelTallyStore:
    """Cells of collection `tallies` with a `kind` for each channel; set to what was counted, never added to."""

    def __init__(self, database: Database[Document]) -> None:
        self._tallies = Collection(database, "tallies")

    def put(
        self, campaign_id: str, channel: str, counts: Mapping[Place, Mapping[Reasons, int]], *, at: datetime
    ) -> None:
        """Set some parts to what was counted in them."""
        self._tallies.bulk(
            [
                UpdateOne(
                    {"_id": f"{_kind(channel)}|{campaign_id}|{place.part_id}"},
                    {
                        "$set": {
                            "kind": _kind(channel),
                            "campaign_id": campaign_id,
                            **place._asdict(),
                            "groups": plain(groups),
                            "counted_at": at,
                        }
                    },
                    upsert=True,
                )
                for place, groups in counts.items()
            ]
        )

    def read(self, campaign_id: str, channel: str) -> dict[str, PartTally]:
        """Return what was counted in a campaign's parts, by part."""
        found = self._tallies.many({"campaign_id": campaign_id, "kind": _kind(channel)})
        return {one["part_id"]: PartTally(from_plain(one["groups"]), one["counted_at"]) for one in found}


def _kind(channel: str) -> str:
    return f"funnel:{channel}"
