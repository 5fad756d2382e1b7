"""Collections `outcomes` and `outcome_conflicts`: what phones told, append-only; the id is the phone's own UUID."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document

PENDING_AT_ONCE = 200
_HAS_SAID = {"$ne": [{"$ifNull": ["$sealed", None]}, None]}


class OutcomeStore:
    """Insert once, read by id or by item, walk what is still to be projected."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._outcomes = Collection(database, "outcomes")
        self._conflicts = Collection(database, "outcome_conflicts")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the walks by item, by what is pending, by campaign, and the coordinator's list of conflicts."""
        self._outcomes.ensure_index([("item_id", 1)])
        self._outcomes.ensure_index([("pending", 1)], sparse=True)
        self._outcomes.ensure_index([("campaign_id", 1), ("part_id", 1)])
        self._conflicts.ensure_index([("state", 1), ("district_id", 1), ("_id", 1)])
        self._conflicts.ensure_index([("outcome_id", 1)])
        self._conflicts.ensure_index([("untold", 1)], sparse=True)

    def insert_new(self, outcomes: Sequence[Document]) -> dict[str, Document]:
        """Store the outcomes whose ids are new; return the stored ones, by id, that the others collide with."""
        refused = self._outcomes.insert_new(outcomes)
        return self._outcomes.by_ids(refused)

    def find_many(self, ids: Iterable[str]) -> dict[str, Document]:
        """Return the outcomes that are stored, by id."""
        return self._outcomes.by_ids(ids)

    def of_items(self, item_ids: Sequence[str]) -> list[Document]:
        """Return all outcomes of a bounded number of items."""
        return self._outcomes.many({"item_id": {"$in": list(item_ids)}}) if item_ids else []

    def list_pending(self) -> list[Document]:
        """Return some of the outcomes whose consequences have not all followed yet."""
        return self._outcomes.many({"pending": True}, limit=PENDING_AT_ONCE)

    def settle(self, ids: Sequence[str]) -> None:
        """Note that all consequences of these outcomes have followed."""
        self._outcomes.update_many({"_id": {"$in": list(ids)}}, {"$unset": {"pending": ""}})

    def mark_late(self, ids: Sequence[str]) -> None:
        """Note that the batch was taken away between the reading and the writing of these outcomes."""
        self._outcomes.update_many({"_id": {"$in": list(ids)}}, {"$set": {"status": "late"}})

    def walk(self, query: Mapping[str, Any]) -> Iterable[Document]:
        """Yield the outcomes that match, for a recount."""
        return self._outcomes.walk(query)

    def campaigns(self) -> list[str]:
        """Return the campaigns of which anything was told; reads all of the index, for a recount."""
        return sorted(self._distinct("campaign_id", {}))

    def parts(self, campaign_id: str) -> list[str]:
        """Return the parts in which anything was told in a campaign, for a recount."""
        return sorted(self._distinct("part_id", {"campaign_id": campaign_id}))

    def _distinct(self, field: str, query: Mapping[str, Any]) -> list[str]:
        rows = self._outcomes.aggregate([{"$match": dict(query)}, {"$group": {"_id": f"${field}"}}])
        return [row["_id"] for row in rows]

    def keep_twin(self, twin: Document) -> None:
        """Keep an outcome whose id was taken by another content, for a coordinator to settle; twice is once."""
        self._conflicts.insert_once(twin)

    def walk_twins(self) -> Iterable[Document]:
        """Yield all outcomes that were told under an id that was taken, settled or not, for a recount."""
        return self._conflicts.walk({})

    def list_conflicts(self, page: PageRequest, *, district_ids: Sequence[str] | None) -> Page[Document]:
        """Return open conflicts of the volunteers of some districts (None: of all), in the order of their ids."""
        query: Document = {"state": "open"}
        if district_ids is not None:
            query["district_id"] = {"$in": list(district_ids)}
        after = page.after_text()
        if after:
            query["_id"] = {"$gt": after}
        found = self._conflicts.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of(found, page, lambda twin: (twin["_id"],))

    def untold_conflicts(self) -> list[Document]:
        """Return some conflicts that nobody was told of."""
        return self._conflicts.many({"untold": True}, fields=["district_id", "kept_at", "state"], limit=PENDING_AT_ONCE)

    def told_of(self, conflict_ids: Sequence[str]) -> None:
        """Note that somebody was told of these conflicts."""
        self._conflicts.update_many({"_id": {"$in": list(conflict_ids)}}, {"$unset": {"untold": ""}})

    def find_conflict(self, conflict_id: str) -> Document | None:
        """Return a conflict, or None."""
        return self._conflicts.find({"_id": conflict_id})

    def close_conflict(self, conflict_id: str, fields: Mapping[str, Any]) -> bool:
        """Close an open conflict; tell whether it was open."""
        return (
            self._conflicts.update({"_id": conflict_id, "state": "open"}, {"$set": {"state": "settled", **fields}}) > 0
        )

    def seal(self, said: Mapping[str, Any], *, outcome_id: str) -> bytes | None:
        """Return what was said, sealed to its outcome; None when nothing was."""
        return self._cipher.seal(json.dumps(said).encode(), bound_to=outcome_id) if said else None

    def forget_said(self, ids: Sequence[str]) -> None:
        """Take what was said from a bounded number of outcomes; what was counted from it is drawn again."""
        wanted = {"$in": list(ids)}
        self._outcomes.update_many({"_id": wanted}, {"$set": {"sealed": None, "pending": True}})
        self._conflicts.update_many({"outcome_id": wanted}, {"$set": {"sealed": None}})

    def drop_said(self, ids: Sequence[str]) -> None:
        """Take what was said from a bounded number of outcomes of which nothing was counted yet."""
        self._outcomes.update_many({"_id": {"$in": list(ids)}}, {"$set": {"sealed": None}})

    def ids_of_part(self, campaign_id: str, part_id: str | None) -> list[str]:
        """Return the ids of all outcomes of a part."""
        told = self._outcomes.many({"campaign_id": campaign_id, "part_id": part_id}, fields=["_id"])
        return [one["_id"] for one in told]

    def count_said(self, campaign_id: str, part_id: str | None) -> int:
        """Return of how many outcomes of a part it is still kept what was said."""
        told = self._outcomes.many({"campaign_id": campaign_id, "part_id": part_id}, fields={"said": _HAS_SAID})
        return sum(bool(one.get("said")) for one in told)

    def forget_part(self, campaign_id: str, part_id: str | None) -> None:
        """Take what was said from all outcomes of a part; whoever counts it has counted it for good before."""
        of_part = {"campaign_id": campaign_id, "part_id": part_id}
        for collection in (self._outcomes, self._conflicts):
            collection.update_many(of_part, {"$set": {"sealed": None}})

    def said(self, outcome: Mapping[str, Any]) -> Document:
        """Return what was said in an outcome."""
        sealed = outcome.get("sealed")
        if sealed is None:
            return {}
        opened: Document = json.loads(self._cipher.open(sealed, bound_to=outcome.get("outcome_id", outcome["_id"])))
        return opened
