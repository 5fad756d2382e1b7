"""The tallies of final dispositions: for each part of a campaign how many people have which, by channel and over all.

A tally is set to what was counted from the part's targets, never added to. Whoever changes a target marks the part
afterwards; the count that follows carries the revision that it was begun at, so that a mark meanwhile asks for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.contacts.contacts import Place
from services.store.collection import Collection, Document

KIND = "results"
# Channel (or "all") to disposition to persons.
Results = Mapping[str, Mapping[str, int]]


class Marked(NamedTuple):
    """A part whose tally waits to be counted, at the revision of its last mark."""

    campaign_id: str
    part_id: str
    rev: int


class ResultTallyStore:
    """Cells of collection `tallies` with `kind` "results"."""

    def __init__(self, database: Database[Document]) -> None:
        self._tallies = Collection(database, "tallies")
        self._targets = Collection(database, "targets")

    def ensure_indexes(self) -> None:
        """Lead to the parts that wait; the others do not have the field."""
        self._tallies.ensure_index([("recount", 1)], sparse=True)

    def mark(self, parts: Iterable[tuple[str, str]]) -> None:
        """Ask for another count of parts, given as `(campaign, part)`."""
        self._tallies.bulk(
            [
                UpdateOne(
                    {"_id": _key(campaign_id, part_id)},
                    {
                        "$set": {"kind": KIND, "campaign_id": campaign_id, "part_id": part_id, "recount": 1},
                        "$inc": {"rev": 1},
                    },
                    upsert=True,
                )
                for campaign_id, part_id in parts
            ]
        )

    def marked(self) -> list[Marked]:
        """Return the parts that wait to be counted."""
        found = self._tallies.many({"recount": 1}, fields=["campaign_id", "part_id", "rev"])
        return [Marked(one["campaign_id"], one["part_id"], one["rev"]) for one in found]

    def count(self, campaign_id: str, part_ids: Sequence[str]) -> dict[str, Results]:
        """Return what the targets of a bounded number of parts amount to now."""
        match = {"campaign_id": campaign_id, "part_id": {"$in": list(part_ids)}, "results": {"$exists": True}}
        by = {"part": "$part_id", "results": "$results"}
        rows = self._targets.aggregate([{"$match": match}, {"$group": {"_id": by, "people": {"$sum": 1}}}])
        counted: dict[str, dict[str, dict[str, int]]] = {part_id: {} for part_id in part_ids}
        for row in rows:
            for channel, disposition in row["_id"]["results"].items():
                cell = counted[row["_id"]["part"]].setdefault(channel, {})
                cell[disposition] = cell.get(disposition, 0) + row["people"]
        return dict(counted)

    def put(self, campaign_id: str, counts: Mapping[Place, tuple[int, Results]], *, at: datetime) -> None:
        """Set parts to what was counted, each begun at a revision; marks made since stay."""
        self._tallies.bulk(
            [
                UpdateOne({"_id": _key(campaign_id, place.part_id or "")}, _settled(place, rev, results, at))
                for place, (rev, results) in counts.items()
            ]
        )

    def read(self, campaign_id: str) -> list[Document]:
        """Return the tallies of a campaign: place ids, `results`, `as_of`; those never counted are left out."""
        found = self._tallies.many({"campaign_id": campaign_id, "kind": KIND})
        return [one for one in found if "results" in one]

    def waiting(self, campaign_id: str) -> set[str]:
        """Return the parts of a campaign that wait to be counted."""
        return {one.part_id for one in self.marked() if one.campaign_id == campaign_id}


def _key(campaign_id: str, part_id: str) -> str:
    return f"{KIND}|{campaign_id}|{part_id}"


def _settled(place: Place, rev: int, results: Results, at: datetime) -> list[Document]:
    newer = {"$gte": [rev, {"$ifNull": ["$counted_rev", 0]}]}
    counted = {**place._asdict(), "results": {name: dict(cell) for name, cell in results.items()}, "as_of": at}
    fields = {name: {"$literal": value} for name, value in counted.items()} | {"counted_rev": rev}
    kept = {name: {"$cond": [newer, value, f"${name}"]} for name, value in fields.items()}
    current = {"$eq": ["$rev", rev]}
    return [{"$set": {**kept, "recount": {"$cond": [current, "$$REMOVE", "$recount"]}}}]
