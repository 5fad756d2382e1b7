"""Collection `held_outcomes`: what a phone told after it was reported lost, until a coordinator has decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo.database import Database

from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document

OPEN, ACCEPTING, ACCEPTED, DROPPED = "open", "accepting", "accepted", "dropped"
_WAITING = (OPEN, ACCEPTING)


class HeldStore:
    """`_id` is `<outcome>~<fingerprint>`: the same words again are the same document, other words another."""

    def __init__(self, database: Database[Document]) -> None:
        self._held = Collection(database, "held_outcomes")

    def ensure_indexes(self) -> None:
        """Lead the coordinator's list and the clearing of one phone's."""
        self._held.ensure_index([("state", 1), ("district_id", 1), ("_id", 1)])
        self._held.ensure_index([("session_id", 1), ("state", 1), ("_id", 1)])
        self._held.ensure_index([("contact_ids", 1)])

    def insert_new(self, held: Sequence[Document]) -> set[str]:
        """Store what is new; return the ids of what was there."""
        return self._held.insert_new(list(held))

    def list_page(
        self, page: PageRequest, *, districts: Sequence[str] | None, session_id: str | None = None
    ) -> Page[Document]:
        """Return what waits from volunteers of some districts (None: of all), or from one phone, by its ids."""
        query: Document = {"state": {"$in": list(_WAITING)}}
        if districts is not None:
            query["district_id"] = {"$in": list(districts)}
        if session_id is not None:
            query["session_id"] = session_id
        after = page.after_text()
        if after:
            query["_id"] = {"$gt": after}
        found = self._held.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of(found, page, lambda one: (one["_id"],))

    def walk(self) -> Iterable[Document]:
        """Yield all that was ever held, for a recount."""
        return self._held.walk({})

    def find(self, held_id: str) -> Document | None:
        """Return what is held under this id, or None."""
        return self._held.find({"_id": held_id})

    def forget_person(self, contact_id: str) -> None:
        """Drop what is held of the words about somebody who is erased."""
        self._held.update_many({"contact_ids": contact_id}, {"$set": {"sealed": None}})

    def begin(self, held_id: str) -> bool:
        """Claim something that waits, so that it is accepted and not dropped; tell whether it still may be."""
        waiting = {"_id": held_id, "state": {"$in": list(_WAITING)}}
        return self._held.update(waiting, {"$set": {"state": ACCEPTING}}) == 1

    def close(self, held_id: str, *, state: str, by: str, at: datetime) -> bool:
        """Note what was decided, whose words are kept no longer; False when it was decided otherwise before."""
        change = {"$set": {"state": state, "settled_by": by, "settled_at": at}, "$unset": {"sealed": 1}}
        before = ACCEPTING if state == ACCEPTED else OPEN
        return self._held.update({"_id": held_id, "state": before}, change) == 1
