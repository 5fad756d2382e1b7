"""Collection `sessions`: one document a sign-in on a device, which is one family of refresh tokens."""

from __future__ import annotations

from datetime import datetime

from pymongo.database import Database

from services.store.collection import Collection, Document


class SessionStore:
    """Sign-ins by id and by person; the database forgets one when its last refresh token has expired."""

    def __init__(self, database: Database[Document]) -> None:
        self._sessions = Collection(database, "sessions")

    def ensure_indexes(self) -> None:
        """Lead a person's own list, and let expired sign-ins go."""
        self._sessions.ensure_index([("user_id", 1), ("installation_id", 1)])
        self._sessions.ensure_index([("expires_at", 1)], expireAfterSeconds=0)

    def insert(self, session: Document) -> None:
        """Store a new sign-in."""
        self._sessions.insert(session)

    def find(self, session_id: str) -> Document | None:
        """Return the sign-in, or None."""
        return self._sessions.find({"_id": session_id})

    def advance(
        self,
        session_id: str,
        *,
        used: int,
        at: datetime,
        seen_at: datetime,
        expires_at: datetime,
        installation_id: str | None,
    ) -> bool:
        """Note that the refresh token of generation `used` was used first; False when another request was faster.

        Where the request named its installation, the sign-in is bound to it, and every later one has to name it.
        """
        change: Document = {
            "last_used": used,
            "successor_issued_at": at,
            "last_seen_at": seen_at,
            "expires_at": expires_at,
        }
        if installation_id is not None:
            change |= {"installation_id": installation_id, "names_itself": True}
        return self._sessions.change_if(session_id, {"$eq": ["$last_used", used - 1]}, change)

    def close(self, session_id: str, *, user_id: str, state: str, at: datetime) -> bool:
        """End (`ended`), revoke (`revoked`) or lose (`lost`) a person's sign-in; False when there is none to end."""
        unended = {"_id": session_id, "user_id": user_id, "state": {"$ne": "ended"}}
        return self._sessions.update(unended, {"$set": {"state": state, "closed_at": at}}) == 1

    def of_user(self, user_id: str) -> list[Document]:
        """Return the person's live sign-ins, the oldest first."""
        return self._sessions.many({"user_id": user_id, "state": "live"}, sort=[("_id", 1)])

    def knows(self, user_id: str, installation_id: str) -> bool:
        """Tell whether the person has signed in with this installation before."""
        return self._sessions.find({"user_id": user_id, "installation_id": installation_id}, fields=["_id"]) is not None
