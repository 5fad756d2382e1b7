"""Collection `controls`, document `headquarters`: who is about to leave it, so that its last one stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from pymongo.database import Database

from services.domain.errors import Conflict, Unavailable
from services.domain.ids import new_id
from services.domain.people.users import User
from services.store.collection import Collection, Document

_KEY = "headquarters"
_TRIES = 20
# Whoever has said that somebody leaves writes it into that person's document at once, or has died.
_ABANDONED_AFTER = timedelta(seconds=60)


class HeadquartersStore:
    """Two who end each other's role at once change two documents: this third one lets one of them go first."""

    def __init__(self, database: Database[Document]) -> None:
        self._controls = Collection(database, "controls")
        self._users = Collection(database, "users")

    @contextmanager
    def kept(self, user: User, *, was: User) -> Iterator[None]:
        """Let a person's facts be stored within; raise Conflict("last_headquarters") if nobody active would be left."""
        if not _leads(was) or _leads(user):
            yield
            return
        token = self._say_leaving(user.id)
        try:
            yield
        finally:
            done = {"$pull": {"leaving": {"token": token}}, "$inc": {"version": 1}}
            self._controls.update({"_id": _KEY}, done)

    def _say_leaving(self, user_id: str) -> str:
        self._controls.insert_once({"_id": _KEY, "leaving": [], "version": 0})
        token = new_id()
        for _ in range(_TRIES):
            # In this order: whoever is not said to be leaving any more has left before the people are read.
            known, now = self._controls.get(_KEY), datetime.now(UTC)
            leaving = [one for one in known["leaving"] if one["at"] > now - _ABANDONED_AFTER]
            active = self._users.many({"role": "hq_admin", "state": "active"}, fields=["_id"])
            if not {one["_id"] for one in active} - {one["user_id"] for one in leaving} - {user_id}:
                raise Conflict("last_headquarters")
            said = {"leaving": [*leaving, {"token": token, "user_id": user_id, "at": now}]}
            as_read = {"_id": _KEY, "version": known["version"]}
            if self._controls.update(as_read, {"$set": said, "$inc": {"version": 1}}):
                return token
        raise Unavailable("busy")


def _leads(user: User) -> bool:
    return user.role == "hq_admin" and user.state == "active"
