"""Collection `questions`: what volunteers ask the experts, sealed and found by blind words, and the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.content.content import FOR_ALL, shelf_of
from services.domain.errors import StaleVersion
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document


class QuestionStore:
    """Questions by id; `live_shelf` is there while an answer is published."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._questions = Collection(database, "questions")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the desk's lists, a district's, one's own, the search, and what phones are given."""
        self._questions.ensure_index([("state", 1), ("_id", 1)])
        self._questions.ensure_index([("district_id", 1), ("_id", 1)])
        self._questions.ensure_index([("asked_by", 1), ("_id", 1)])
        self._questions.ensure_index([("keys", 1), ("_id", 1)])
        self._questions.ensure_index([("live_shelf", 1)], sparse=True)

    def insert(self, question: Document, *, text: str, words: Sequence[str]) -> None:
        """Store a new question; its words lie in the database only sealed."""
        sealed = self._cipher.seal(text.encode(), bound_to=f"question:{question['_id']}")
        self._questions.insert(
            {**question, "shelf": shelf_of(question["campaign_id"]), "sealed": sealed, "keys": self._keys(words)}
        )

    def get(self, question_id: str) -> Document:
        """Return the question with its `text`, or raise NotFound."""
        return self._opened(self._questions.get(question_id))

    def list_page(
        self, page: PageRequest, *, filters: Mapping[str, Any], words: Sequence[Sequence[str]] = ()
    ) -> Page[Document]:
        """Return questions with their `text`, newest first; with `words` those that have each in some spelling."""
        query: Document = {name: value for name, value in filters.items() if value is not None}
        if words:
            query["$and"] = [{"keys": {"$in": self._keys(spellings)}} for spellings in words]
        before = page.after_text()
        if before is not None:
            query["_id"] = {"$lt": before}
        found = self._questions.many(query, sort=[("_id", -1)], limit=page.limit + 1)
        return page_of([self._opened(one) for one in found], page, lambda one: (one["_id"],))

    def put(self, current: Document, fields: Mapping[str, Any], *, words: Sequence[str] = ()) -> Document:
        """Change a question as it was read and return it; raises StaleVersion if it changed since."""
        change: Document = {"$set": dict(fields), "$inc": {"version": 1}}
        if words:
            change["$addToSet"] = {"keys": {"$each": self._keys(words)}}
        if "live" in fields and fields["live"] is None:
            change["$unset"] = {"live_shelf": 1}
        elif "live" in fields:
            change["$set"]["live_shelf"] = current["shelf"]
        changed = self._questions.change({"_id": current["_id"], "version": current["version"]}, change)
        if changed is None:
            raise StaleVersion
        return self._opened(changed)

    def live_heads(self, campaign_ids: Iterable[str]) -> list[Document]:
        """Return the versions of the published answers of some campaigns."""
        shelves = [*dict.fromkeys(campaign_ids), FOR_ALL]
        return self._questions.many({"live_shelf": {"$in": shelves}}, fields=("version", "live.version"))

    def live_by_ids(self, keys: Iterable[str]) -> dict[str, Document]:
        """Return those of some answers that are published; ask for a bounded number."""
        found = self._questions.by_ids(keys, fields=("campaign_id", "live"))
        return {key: question for key, question in found.items() if question["live"] is not None}

    def _opened(self, stored: Document) -> Document:
        text = self._cipher.open(stored["sealed"], bound_to=f"question:{stored['_id']}").decode()
        hidden = {"sealed", "keys"}
        return {**{name: value for name, value in stored.items() if name not in hidden}, "text": text}

    def _keys(self, words: Sequence[str]) -> list[str]:
        return [self._cipher.index("question", word) for word in words]
