"""Collection `reviews`: what volunteers told that a coordinator decides about; what a person gave is sealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.errors import NotFound
from services.domain.outcomes.reviews import DECEASED, OPEN, WITHDRAWN, Review
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document


class ReviewStore:
    """Reviews by id, and by state, district and kind."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._reviews = Collection(database, "reviews")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the lists of who decides, and the look-up by what was told."""
        self._reviews.ensure_index([("state", 1), ("district_id", 1), ("_id", 1)])
        self._reviews.ensure_index([("outcome_id", 1)])
        self._reviews.ensure_index([("contact_id", 1)])

    def insert_new(self, reviews: Iterable[Review]) -> None:
        """Store those that are not there; what was decided stays decided."""
        self._reviews.insert_new([self._to_document(one) for one in reviews])

    def withdraw(self, outcome_ids: Sequence[str]) -> None:
        """Close the open deaths of outcomes that nobody stands by any more."""
        query = {"outcome_id": {"$in": list(outcome_ids)}, "kind": DECEASED, "state": OPEN}
        self._reviews.update_many(query, {"$set": {"state": WITHDRAWN}, "$inc": {"version": 1}})

    def forget_person(self, contact_id: str) -> None:
        """Close what is open about somebody who is erased, and drop what they gave."""
        mine = {"contact_id": contact_id}
        self._reviews.update_many({**mine, "state": OPEN}, {"$set": {"state": WITHDRAWN}, "$inc": {"version": 1}})
        self._reviews.update_many(mine, {"$set": {"sealed": None}})

    def forget(self, outcome_ids: Sequence[str]) -> None:
        """Take what people gave in a bounded number of outcomes; nothing is left to decide about it."""
        told = {"outcome_id": {"$in": list(outcome_ids)}}
        self._reviews.update_many(told, {"$set": {"sealed": None}})
        self._reviews.update_many({**told, "state": OPEN}, {"$set": {"state": WITHDRAWN}, "$inc": {"version": 1}})

    def get(self, review_id: str, *, district: str | None) -> Review:
        """Return a review, of one district's volunteers if that is named; raise NotFound."""
        stored = self._reviews.find({"_id": review_id})
        if stored is None or (district is not None and stored["district_id"] != district):
            raise NotFound
        return self._to_review(stored)

    def list_page(self, page: PageRequest, *, district: str | None, state: str, kind: str | None) -> Page[Review]:
        """Return reviews in a state, the oldest first."""
        query: Document = {"state": state}
        if district is not None:
            query["district_id"] = district
        if kind is not None:
            query["kind"] = kind
        after = page.after_text()
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._reviews.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of([self._to_review(one) for one in found], page, lambda one: (one.id,))

    def close(self, review_id: str, *, state: str, by: str, at: datetime) -> bool:
        """Decide an open review; tell whether it was open."""
        changes = {"state": state, "decided_by": by, "decided_at": at}
        return self._reviews.update({"_id": review_id, "state": OPEN}, {"$set": changes, "$inc": {"version": 1}}) > 0

    def _to_document(self, review: Review) -> Document:
        document = asdict(review)
        document["_id"] = document.pop("id")
        document["sealed"] = self._cipher.seal_text(document.pop("value"), bound_to=f"review:{review.id}")
        return document

    def _to_review(self, stored: Document) -> Review:
        value = self._cipher.open_text(stored["sealed"], bound_to=f"review:{stored['_id']}")
        plain = {name: stored[name] for name in Review.__slots__ if name not in {"id", "value"}}
        return Review(id=stored["_id"], value=value, **plain)
