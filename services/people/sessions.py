"""Sign-ins while they last: who a token speaks for, refreshing it, and what a revoked one may still do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.domain.errors import Unauthenticated
from services.domain.ids import new_id
from services.domain.people.actor import Actor
from services.domain.people.sessions import (
    LOST,
    REFRESH_LIFETIME,
    UPLOAD_GRACE,
    Presented,
    SessionGrant,
    Standing,
    judge,
    standing,
)
from services.domain.people.users import User, profile, withheld
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.people.origin import Origin
from services.people.signouts import SignOuts, is_current
from services.store.collection import Document
from services.store.people.sessions import SessionStore
from services.store.people.users import UserStore

# An access token outlives the note that its session is over by no more than this.
_NOTE_KEPT = timedelta(hours=1)


class Sessions:
    """Each refresh-token family is one document; whoever uses a generation first moves it on."""

    def __init__(
        self,
        users: UserStore,
        store: SessionStore,
        *,
        clock: Clock,
        machine: Clock,
        audit: Audit,
        signouts: SignOuts,
    ) -> None:
        self._users = users
        self._store = store
        self._clock = clock
        self._machine = machine
        self._audit = audit
        self._signouts = signouts

    def authenticate(self, claims: Mapping[str, Any], *, address: str | None) -> Actor:
        """Return who an access token speaks for now, by one read; raise Unauthenticated when its session is over."""
        session_id = str(claims["sid"])
        person = self._users.principal(str(claims["sub"]), session_id)
        if person is None:
            raise Unauthenticated("session_revoked")
        current = claims["tv"] == person["token_version"] or person["kept_session"] == session_id
        ended = person.get("ended_sessions", {}).get(session_id)
        stands = standing(
            ended=ended,
            current=current,
            suspended_at=_suspended_at(person),
            now=self._clock.now(),
        )
        if stands is Standing.OVER:
            raise Unauthenticated("session_revoked")
        return Actor(
            user_id=person["_id"],
            role=person["role"],
            session_id=session_id,
            home_area=person["home_area"],
            areas=tuple(person["areas"]),
            locale=person["locale"],
            limited=bool(claims["lim"]) or stands is Standing.LIMITED,
            lost=ended is not None and ended["kind"] == LOST,
            address=address,
            paused=person.get("paused_at") is not None,
            daily_capacity=person["daily_capacity"],
        )

    def open(self, user: User, secrets: Document, *, installation_id: str | None, address: str | None) -> SessionGrant:
        """Start a new family for a person who has just proven who they are."""
        at = self._machine.now()
        session_id = new_id()
        self._store.insert(
            {
                "_id": session_id,
                "user_id": user.id,
                "installation_id": installation_id,
                "token_version": secrets["token_version"],
                "last_used": 0,
                "successor_issued_at": at,
                "state": "live",
                "created_at": self._clock.now(),
                "last_seen_at": self._clock.now(),
                "expires_at": at + REFRESH_LIFETIME,
            }
        )
        self._forget_old_notes(user.id, secrets)
        actor = Actor(user_id=user.id, role=user.role, session_id=session_id, address=address)
        self._audit.record(actor, "session.open", subject=f"session:{session_id}", installation_id=installation_id)
        return _grant(user, secrets, session_id, generation=1, issued_at=at, limited=False)

    def refresh(self, claims: Mapping[str, Any], origin: Origin) -> SessionGrant:
        """Return the successor of a refresh token: a new one at its first use, the same one when it is repeated.

        One that only hands in what was done, as of a lost phone, is told nothing of its person. Raises Unauthenticated
        for one that is over, and for another installation than the sign-in's.
        """
        session, user, secrets = self._family(claims)
        stands = self._standing(session, secrets)
        if stands is Standing.OVER:
            raise Unauthenticated("session_revoked")
        generation = int(claims["gen"])
        issued_at = self._move_on(session, generation, user, origin)
        if issued_at is None:
            self._signouts.end_stolen(session, role=user.role, address=origin.address)
            raise Unauthenticated("token_reused")
        limited = stands is Standing.LIMITED
        return _grant(user, secrets, session["_id"], generation=generation + 1, issued_at=issued_at, limited=limited)

    def _family(self, claims: Mapping[str, Any]) -> tuple[Document, User, Document]:
        session = self._store.find(str(claims["sid"]))
        found = self._users.credentials(user_id=str(claims["sub"]))
        if session is None or found is None or session["user_id"] != found[0].id:
            raise Unauthenticated("session_revoked")
        return session, *found

    def _require_its_device(self, session: Document, user: User, origin: Origin) -> None:
        """Raise Unauthenticated for a refresh from elsewhere than the sign-in is bound to.

        One that names no installation is taken to come from the same, until the sign-in has once named it: then
        leaving it out is no way round (docs/decisions/sessions.md).
        """
        bound, named = session["installation_id"], origin.installation_id
        silent = named is None and not session.get("names_itself", False)
        if bound is None or named == bound or silent:
            return
        actor = Actor(user_id=user.id, role=user.role, session_id=session["_id"], address=origin.address)
        self._audit.record(actor, "session.foreign", subject=f"session:{session['_id']}")
        raise Unauthenticated("token_invalid")

    def _standing(self, session: Document, secrets: Document) -> Standing:
        ended = secrets["ended_sessions"].get(session["_id"])
        if session["state"] != "live":
            ended = {"kind": session["state"], "at": session["closed_at"]}
        return standing(
            ended=ended,
            current=is_current(session, secrets),
            suspended_at=_suspended_at(secrets),
            now=self._clock.now(),
        )

    def _move_on(self, session: Document, generation: int, user: User, origin: Origin) -> datetime | None:
        """Return when this token's successor was issued, or None when its successor was used already."""
        for _ in range(2):
            presented = judge(generation=generation, last_used=session["last_used"])
            if presented is Presented.UNKNOWN:
                raise Unauthenticated("token_invalid")
            if presented is Presented.REUSED:
                # From wherever it comes: two hold the family.
                return None
            self._require_its_device(session, user, origin)
            if presented is Presented.REPEATED:
                return session["successor_issued_at"]  # type: ignore[no-any-return]
            at = self._machine.now()
            if self._store.advance(
                session["_id"],
                used=generation,
                at=at,
                seen_at=self._clock.now(),
                expires_at=at + REFRESH_LIFETIME,
                installation_id=origin.installation_id,
            ):
                return at
            # Another request used it in the same moment: what it stored is what this one answers too.
            session = self._store.find(session["_id"]) or session
        raise Unauthenticated("session_revoked")

    def _forget_old_notes(self, user_id: str, secrets: Document) -> None:
        before = self._clock.now() - UPLOAD_GRACE - _NOTE_KEPT
        notes = secrets.get("ended_sessions", {})
        self._users.forget_ended(user_id, [key for key, note in notes.items() if note["at"] < before])


def _grant(
    user: User, secrets: Document, session_id: str, *, generation: int, issued_at: datetime, limited: bool
) -> SessionGrant:
    return SessionGrant(
        user_id=user.id,
        session_id=session_id,
        token_version=secrets["token_version"],
        generation=generation,
        successor_issued_at=issued_at,
        limited=limited,
        user=withheld(user) if limited else profile(user),
    )


def _suspended_at(person: Document) -> datetime | None:
    return person["suspended_at"] if person["state"] == "suspended" else None
