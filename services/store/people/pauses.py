"""Collection `pauses`: complaints against a caller, and whether they pause their work; one document a volunteer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.errors import StaleVersion
from services.domain.paging import Page, PageRequest, page_of
from services.domain.people.pauses import CLEAR, PAUSED, Complaint
from services.store.collection import Collection, Document

# Complaints that count: what was looked into does so no more, and one person's are one.
_COUNTING = {
    "$size": {
        "$setUnion": [
            {
                "$map": {
                    "input": {"$filter": {"input": "$complaints", "cond": {"$not": "$$this.settled"}}},
                    "in": "$$this.about",
                }
            },
            [],
        ]
    }
}


class PauseStore:
    """Each change is one write by `_id` that may be made again without harm."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._pauses = Collection(database, "pauses")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the lists by state and home, and the way back from a complaint to whom it is against."""
        self._pauses.ensure_index([("state", 1), ("district_id", 1), ("_id", 1)])
        self._pauses.ensure_index([("complaints.ref", 1)])

    def complain(self, complaint: Complaint, *, most: int, now: datetime) -> Document:
        """Count a complaint once; the volunteer is paused when `most` people have complained. Return what stands."""
        row = {"$literal": {**complaint.to_document(), "settled": False}}
        known = {"$in": [complaint.ref, {"$map": {"input": "$complaints", "in": "$$this.ref"}}]}
        pipeline: list[Mapping[str, Any]] = [
            {
                "$set": {
                    "complaints": {"$ifNull": ["$complaints", []]},
                    "state": {"$ifNull": ["$state", CLEAR]},
                    "version": {"$add": [{"$ifNull": ["$version", 0]}, 1]},
                    "district_id": {"$literal": complaint.district_id},
                    "paused_at": {"$ifNull": ["$paused_at", None]},
                    "appeal": {"$ifNull": ["$appeal", None]},
                    "lifted": {"$ifNull": ["$lifted", None]},
                }
            },
            {"$set": {"complaints": {"$cond": [known, "$complaints", {"$concatArrays": ["$complaints", [row]]}]}}},
            {"$set": {"over": {"$and": [{"$eq": ["$state", CLEAR]}, {"$gte": [_COUNTING, most]}]}}},
            {
                "$set": {
                    "state": {"$cond": ["$over", PAUSED, "$state"]},
                    "paused_at": {"$cond": ["$over", {"$literal": now}, "$paused_at"]},
                    "most": {"$cond": ["$over", most, {"$ifNull": ["$most", None]}]},
                    "appeal": {"$cond": ["$over", None, "$appeal"]},
                }
            },
            {"$unset": "over"},
        ]
        self._pauses.update({"_id": complaint.user_id}, pipeline, upsert=True)
        return self._pauses.get(complaint.user_id)

    def find(self, user_id: str) -> Document | None:
        """Return what stands against a volunteer, the appeal in plain words; None when nothing ever did."""
        stored = self._pauses.find({"_id": user_id})
        return self._opened(stored) if stored else None

    def against(self, ref: str) -> Document | None:
        """Return the document that counts a complaint, or None."""
        return self._pauses.find({"complaints.ref": ref})

    def change(self, pause: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        """Set fields of a document that is as it was read; raise StaleVersion when it is not."""
        sealed = {**fields, **({"appeal": self._sealed(pause["_id"], fields["appeal"])} if "appeal" in fields else {})}
        query = {"_id": pause["_id"], "version": pause["version"]}
        if not self._pauses.update(query, {"$set": sealed, "$inc": {"version": 1}}):
            raise StaleVersion

    def list_page(self, page: PageRequest, *, district: str | None, state: str | None) -> Page[Document]:
        """Return volunteers with complaints, of one home district if that is named, by id."""
        query: Document = {}
        if state is not None:
            query["state"] = state
        if district is not None:
            query["district_id"] = district
        after = page.after_text()
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._pauses.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of([self._opened(one) for one in found], page, lambda one: (one["_id"],))

    def _sealed(self, user_id: str, appeal: Mapping[str, Any] | None) -> Document | None:
        if appeal is None:
            return None
        text = json.dumps({"text": appeal["text"]}).encode()
        return {"at": appeal["at"], "sealed": self._cipher.seal(text, bound_to=f"appeal:{user_id}")}

    def _opened(self, stored: Document) -> Document:
        appeal = stored["appeal"]
        if appeal is None:
            return stored
        said = json.loads(self._cipher.open(appeal["sealed"], bound_to=f"appeal:{stored['_id']}"))
        return {**stored, "appeal": {"at": appeal["at"], **said}}
