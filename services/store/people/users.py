"""Collection `users`: the people who work here; phone and name sealed, found by their blind keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.errors import Conflict, NotFound
from services.domain.people.users import User
from services.store.claims import ClaimStore
from services.store.collection import Collection, Document
from services.store.people.headquarters import HeadquartersStore
from services.store.people.user_documents import PRINCIPAL, UNSHOWN, UserDocuments

_SHOWN = dict.fromkeys(UNSHOWN, 0)
_PRINCIPAL = dict.fromkeys(PRINCIPAL, 1)
_NAMES_SEARCHED = 8
# Google's clock is not ours, and somebody may be enrolled while they hold the phone that has just signed in.
_ENROLMENT_TAKES = timedelta(seconds=30)


class UserStore:
    """People by id, phone and name; sign-in secrets leave it through `credentials` and `principal` alone."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._users = Collection(database, "users")
        self._claims = ClaimStore(database)
        self._documents = UserDocuments(cipher)
        self._headquarters = HeadquartersStore(database)

    def ensure_indexes(self) -> None:
        """Lead sign-in and the roster's filters; that a phone is nobody else's is what claims are for."""
        self._users.ensure_index([("phone_key", 1)])
        self._users.ensure_index([("home_area", 1), ("_id", 1)])
        self._users.ensure_index([("role", 1), ("_id", 1)])
        self._users.ensure_index([("name_keys", 1), ("_id", 1)])
        self._users.ensure_index([("firebase_uid", 1)], sparse=True)

    def insert(self, user: User, *, password_hash: str | None = None, mark: Mapping[str, Any] | None = None) -> None:
        """Store a new person; raise Conflict("phone_taken") when somebody has the phone.

        `mark` is the row of the sheet that they come from (`import`, `line`) and what it did (`as`). No Firebase
        sign-in from before proves the phone: whoever had the number then may have it no more.
        """
        document = {
            "_id": user.id,
            **self._documents.of(user),
            "password_hash": password_hash,
            "token_version": 1,
            "kept_session": None,
            "ended_sessions": {},
            "proofs_after": datetime.now(UTC) - _ENROLMENT_TAKES,
            "import_mark": mark,
            "created_at": user.created_at,
        }
        self._claim(document["phone_key"], user.id)
        self._users.insert(document)

    def get(self, user_id: str) -> User:
        """Return the person, or raise NotFound."""
        user = self.find(user_id)
        if user is None:
            raise NotFound
        return user

    def find(self, user_id: str) -> User | None:
        """Return the person, or None."""
        document = self._users.find({"_id": user_id}, fields=_SHOWN)
        return self._documents.user(document) if document else None

    def find_by_phone(self, phone: str) -> User | None:
        """Return the person with this phone (E.164), or None."""
        document = self._users.find({"phone_key": self._documents.phone_key(phone)}, fields=_SHOWN)
        return self._documents.user(document) if document else None

    def by_ids(self, user_ids: Iterable[str]) -> dict[str, User]:
        """Return people by id; ask for a bounded number."""
        return {
            key: self._documents.user(document) for key, document in self._users.by_ids(user_ids, fields=_SHOWN).items()
        }

    def homes(self, user_ids: Iterable[str]) -> dict[str, str | None]:
        """Return the home districts of a bounded number of people."""
        found = self._users.by_ids(user_ids, fields=["home_area"])
        return {key: document["home_area"] for key, document in found.items()}

    def select(
        self,
        *,
        roles: Sequence[str] | None = None,
        home_areas: Sequence[str] | None = None,
        states: Sequence[str] = ("active",),
    ) -> list[User]:
        """Return everybody of these roles, homes and states; for the volunteers of a district or an audience."""
        query: Document = {"state": {"$in": list(states)}}
        if roles is not None:
            query["role"] = {"$in": list(roles)}
        if home_areas is not None:
            query["home_area"] = {"$in": list(home_areas)}
        return [
            self._documents.user(document) for document in self._users.many(query, fields=_SHOWN, sort=[("_id", 1)])
        ]

    def list_page(
        self, *, filters: Mapping[str, str], words: Sequence[str], phone: str | None, after: str | None, limit: int
    ) -> list[User]:
        """Return up to `limit` people after the id `after` by role, home, state, phone, or beginnings of names."""
        query: Document = dict(filters)
        if phone is not None:
            query["phone_key"] = self._documents.phone_key(phone)
        if words:
            # The index is asked for the first: the longest is the rarest as a rule.
            keys = self._documents.word_keys(sorted(words[:_NAMES_SEARCHED], key=len, reverse=True))
            query["name_keys"] = {"$all": keys}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._users.many(query, fields=_SHOWN, sort=[("_id", 1)], limit=limit)
        return [self._documents.user(document) for document in found]

    def marked(self, user_id: str, mark: Mapping[str, Any]) -> str | None:
        """Return what this very row of a sheet did to the person before, or None."""
        kept = self._users.get(user_id, fields=["import_mark"]).get("import_mark") or {}
        return kept.get("as") if {**kept, **mark} == kept else None

    def replace(self, user: User, *, was: User, mark: Mapping[str, Any] | None = None) -> bool:
        """Store the person's facts if they are at the version they were read at.

        With another phone they are not tied to a Firebase account any more, and nobody's older sign-in proves it.
        Raises Conflict: "phone_taken", or "last_headquarters" where nobody active would be left there.
        """
        with self._headquarters.kept(user, was=was):
            return self._replace(user, was, mark)

    def _replace(self, user: User, was: User, mark: Mapping[str, Any] | None) -> bool:
        moved = user.phone != was.phone
        if moved:
            self._claim(self._documents.phone_key(user.phone), user.id)
        facts = self._documents.of(user) | ({"import_mark": mark} if mark else {})
        change: Document = {"$set": facts}
        if moved:
            change = {"$set": facts | {"proofs_after": datetime.now(UTC)}, "$unset": {"firebase_uid": 1}}
        stored = self._users.update({"_id": user.id, "version": was.version}, change) == 1
        if moved:
            self._claims.give_up(f"phone:{self._documents.phone_key(was.phone if stored else user.phone)}", user.id)
        return stored

    def pause(self, user_id: str, since: datetime | None) -> None:
        """Note since when complaints keep a person from work; None: they no longer do."""
        self._users.update({"_id": user_id}, {"$set": {"paused_at": since}})

    # What signing in needs

    def phone_key(self, phone: str) -> str:
        """Return the blind index of a phone."""
        return self._documents.phone_key(phone)

    def principal(self, user_id: str, session_id: str) -> Document | None:
        """Return what a request needs to know about its sender, in one read, or None."""
        return self._users.find({"_id": user_id}, fields={**_PRINCIPAL, f"ended_sessions.{session_id}": 1})

    def credentials(self, *, phone: str | None = None, user_id: str | None = None) -> tuple[User, Document] | None:
        """Return a person with the secrets that prove who they are, or None."""
        query = {"_id": user_id} if phone is None else {"phone_key": self._documents.phone_key(phone)}
        document = self._users.find(query)
        return (self._documents.user(document), document) if document else None

    def set_password(
        self, user_id: str, password_hash: str, *, keeping: str | None, was: str | None, at: datetime
    ) -> bool:
        """Change the password if it still is `was`: every session but `keeping`, and every proof before `at`, ends."""
        facts = {"password_hash": password_hash, "kept_session": keeping, "proofs_after": at}
        change = {"$set": facts, "$inc": {"token_version": 1}}
        return self._users.update({"_id": user_id, "password_hash": was}, change) == 1

    def end_other_sessions(self, user_id: str, *, keeping: str | None, at: datetime) -> None:
        """Let every session but `keeping` be over from now on, and every Firebase sign-in that is older than `at`."""
        change: Document = {"$set": {"kept_session": keeping, "proofs_after": at}, "$inc": {"token_version": 1}}
        self._users.update({"_id": user_id}, change)

    def rehash(self, user_id: str, password_hash: str, *, was: str) -> None:
        """Store the same password under today's cost, unless it was changed meanwhile."""
        self._users.update({"_id": user_id, "password_hash": was}, {"$set": {"password_hash": password_hash}})

    def link_firebase(self, user_id: str, uid: str) -> bool:
        """Tie the person to a Firebase account at its first use; False when either is tied to another."""

        def holds(other: str) -> bool:
            return self._users.find({"_id": other, "firebase_uid": uid}, fields=["_id"]) is not None

        if not self._claims.take(f"firebase:{uid}", user_id, holds=holds):
            return False
        untied = {"_id": user_id, "firebase_uid": {"$exists": False}, "state": {"$ne": "suspended"}}
        change: Document = {"$set": {"firebase_uid": uid, "state": "active"}, "$inc": {"version": 1}}
        # Accounts that were tied before there were claims have none.
        tied = self._users.find({"firebase_uid": uid}, fields=["_id"]) is None
        tied = tied and self._users.update(untied, change) == 1
        self._claims.give_up(f"firebase:{uid}", user_id)
        return tied

    def note_ended(
        self, user_id: str, session_id: str, *, kind: str, at: datetime, proofs_after: datetime | None = None
    ) -> None:
        """Remember that a session is over (`ended`) or may only hand in finished work (`revoked`, `lost`).

        With `proofs_after` no Firebase sign-in that is older opens another: the phone that is gone may still have it.
        """
        facts: Document = {f"ended_sessions.{session_id}": {"at": at, "kind": kind}}
        self._users.update({"_id": user_id}, {"$set": facts | ({"proofs_after": proofs_after} if proofs_after else {})})

    def forget_ended(self, user_id: str, session_ids: Sequence[str]) -> None:
        """Drop notes about sessions whose every token has expired."""
        if session_ids:
            self._users.update({"_id": user_id}, {"$unset": {f"ended_sessions.{key}": 1 for key in session_ids}})

    def invite(self, invitations: Mapping[str, Document]) -> None:
        """Give people an invitation each, by user id; the one they had is over."""
        self._users.bulk(
            [UpdateOne({"_id": key}, {"$set": {"invitation": invitation}}) for key, invitation in invitations.items()]
        )

    def uninvite(self, user_id: str) -> None:
        """End the person's invitation."""
        self._users.update({"_id": user_id}, {"$unset": {"invitation": 1}})

    def has_secret(self, user_id: str) -> bool:
        """Tell whether the person has a password or a Firebase account to sign in with."""
        found = self._users.get(user_id, fields=["password_hash", "firebase_uid"])
        return found.get("password_hash") is not None or "firebase_uid" in found

    def accept_invitation(self, user_id: str, digest: str, *, password_hash: str, at: datetime) -> bool:
        """Use up the invitation: set the password, end sessions and proofs older than `at`; False when it is gone."""
        change: Document = {
            "$set": {"password_hash": password_hash, "state": "active", "kept_session": None, "proofs_after": at},
            "$inc": {"token_version": 1, "version": 1},
            "$unset": {"invitation": 1, "firebase_uid": 1},
        }
        invited = {"_id": user_id, "invitation.digest": digest, "state": {"$ne": "suspended"}}
        return self._users.update(invited, change) == 1

    def _claim(self, phone_key: str, user_id: str) -> None:
        def holds(other: str) -> bool:
            return self._users.find({"_id": other, "phone_key": phone_key}, fields=["_id"]) is not None

        if not self._claims.take(f"phone:{phone_key}", user_id, holds=holds):
            raise Conflict("phone_taken")
