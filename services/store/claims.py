"""Collection `claims`: unique keys that may move, such as a phone from one person to another.

A unique index would do on MongoDB. The embedded engine keeps a key that an update has changed away in such an index and
refuses to insert it ever after, so a key that may move is an `_id` here: it is only inserted, and its owner changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pymongo.database import Database

from services.store.collection import Collection, Document

# Whoever claims a key writes it into their own document at once, or has died.
_ABANDONED_AFTER = timedelta(seconds=60)


class ClaimStore:
    """A claim says who may write a key into their document; what that document says is the truth."""

    def __init__(self, database: Database[Document]) -> None:
        self._claims = Collection(database, "claims")

    def take(self, key: str, owner: str, *, holds: Callable[[str], bool]) -> bool:
        """Claim the key for `owner`; False when another owner's document `holds` it, or is about to."""
        now = datetime.now(UTC)
        if self._claims.insert_once({"_id": key, "owner": owner, "at": now, "over": False}):
            return True
        claim = self._claims.get(key)
        if claim["owner"] != owner:
            fresh = not claim["over"] and claim["at"] > now - _ABANDONED_AFTER
            if fresh or holds(claim["owner"]):
                return False
        unchanged = {"$and": [{"$eq": ["$owner", claim["owner"]]}, {"$eq": ["$at", claim["at"]]}]}
        if self._claims.change_if(key, unchanged, {"owner": owner, "at": now, "over": False}):
            return True
        # Another request for the same owner may have been first: then it is the owner's all the same.
        return bool(self._claims.get(key)["owner"] == owner)

    def give_up(self, key: str, owner: str) -> None:
        """Let others claim the key at once, when the owner's document does not hold it."""
        self._claims.change_if(key, {"$eq": ["$owner", owner]}, {"over": True})
