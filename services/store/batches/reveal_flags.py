"""Collection `reveal_flags`: days of volunteers on which revealed numbers look wrong, until somebody has looked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.errors import StaleVersion
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document

_KEPT = timedelta(days=366)


class RevealFlagStore:
    """Flags by day, volunteer and kind: found again they are the same."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._flags = Collection(database, "reveal_flags")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the lists of a district, of a volunteer and of all; let flags go after a year."""
        self._flags.ensure_index([("district_id", 1), ("state", 1), ("_id", 1)])
        self._flags.ensure_index([("user_id", 1), ("_id", 1)])
        self._flags.ensure_index([("state", 1), ("_id", 1)])
        self._flags.ensure_index([("recorded_at", 1)], expireAfterSeconds=int(_KEPT.total_seconds()))

    def raise_once(self, flag: Document) -> bool:
        """Store a flag, or its newer evidence while nobody has settled it; tell whether it is new."""
        if self._flags.insert_once({**flag, "recorded_at": datetime.now(UTC)}):
            return True
        newer = {"$and": [{"$eq": ["$state", "open"]}, {"$ne": ["$evidence", {"$literal": flag["evidence"]}]}]}
        fields = {"evidence": flag["evidence"], "updated_at": flag["updated_at"]}
        self._flags.change_each_if([flag["_id"]], newer, fields, computed={"version": {"$add": ["$version", 1]}})
        return False

    def get(self, flag_id: str) -> Document:
        """Return a flag with its `note`, or raise NotFound."""
        return self._opened(self._flags.get(flag_id))

    def list_page(self, page: PageRequest, *, filters: Mapping[str, Any]) -> Page[Document]:
        """Return flags, those of the latest days first."""
        query: Document = {name: value for name, value in filters.items() if value is not None}
        before = page.after_text()
        if before is not None:
            query["_id"] = {"$lt": before}
        found = self._flags.many(query, sort=[("_id", -1)], limit=page.limit + 1)
        return page_of([self._opened(one) for one in found], page, lambda one: (one["_id"],))

    def settle(self, was: Document, fields: Mapping[str, Any], *, note: str | None) -> Document:
        """Settle a flag as it was read; raise StaleVersion when it changed since."""
        sealed = self._cipher.seal_text(note, bound_to=f"reveal-flag:{was['_id']}")
        change = {"$set": {**fields, "sealed": sealed}, "$inc": {"version": 1}}
        changed = self._flags.change({"_id": was["_id"], "version": was["version"]}, change)
        if changed is None:
            raise StaleVersion
        return self._opened(changed)

    def _opened(self, stored: Document) -> Document:
        note = self._cipher.open_text(stored.get("sealed"), bound_to=f"reveal-flag:{stored['_id']}")
        return {**{name: value for name, value in stored.items() if name != "sealed"}, "note": note}
