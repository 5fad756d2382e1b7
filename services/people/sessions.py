"""Sign-ins after they were opened: who a token speaks for, refreshing it, ending it, and what a revoked one may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.domain.errors import NotFound, Unauthenticated
from services.domain.ids import new_id
from services.domain.paging import Page, PageRequest, page_of
from services.domain.people.actor import Actor
from services.domain.people.sessions import (
    REFRESH_LIFETIME,
    UPLOAD_GRACE,
    Presented,
    SessionGrant,
    Standing,
    judge,
    standing,
)
from services.domain.people.users import User, profile
from services.gateways.clock import Clock
from services.operations.audit import Audit
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
        revoked: Callable[[str, str, str | None], None],
    ) -> None:
        self._users = users
        self._store = store
        self._clock = clock
        self._machine = machine
        self._audit = audit
        # Tells the phone of a sign-in (person, session, installation) that it was revoked.
        self._revoked = revoked

    def authenticate(self, claims: Mapping[str, Any], *, address: str | None) -> Actor:
        """Return who an access token speaks for now, by one read; raise Unauthenticated when its session is over."""
        session_id = str(claims["sid"])
        person = self._users.principal(str(claims["sub"]), session_id)
        if person is None:
            raise Unauthenticated("session_revoked")
        current = claims["tv"] == person["token_version"] or person["kept_session"] == session_id
        stands = standing(
            ended=person.get("ended_sessions", {}).get(session_id),
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
            address=address,
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

    def refresh(self, claims: Mapping[str, Any], *, address: str | None) -> SessionGrant:
        """Return the successor of a refresh token: a new one at its first use, the same one when it is repeated."""
        session, user, secrets = self._family(claims)
        stands = self._standing(session, secrets)
        if stands is Standing.OVER:
            raise Unauthenticated("session_revoked")
        generation = int(claims["gen"])
        issued_at = self._move_on(session, generation)
        if issued_at is None:
            self._end_stolen(session, role=user.role, address=address)
            raise Unauthenticated("token_reused")
        limited = stands is Standing.LIMITED
        return _grant(user, secrets, session["_id"], generation=generation + 1, issued_at=issued_at, limited=limited)

    def logout(self, actor: Actor) -> str | None:
        """End the actor's session; return the installation that it was on."""
        session = self._close(actor, actor.session_id, kind="ended")
        return session["installation_id"] if session else None

    def own(self, actor: Actor, page: PageRequest) -> Page[dict[str, Any]]:
        """Return the actor's live sign-ins, the oldest first."""
        secrets = self._users.principal(actor.user_id, actor.session_id) or {}
        after = page.after_text() or ""
        found = [
            _wire(session, actor)
            for session in self._store.of_user(actor.user_id)
            if _is_current(session, secrets) and session["_id"] > after
        ]
        return page_of(found[: page.limit + 1], page, lambda session: (session["id"],))

    def revoke(self, actor: Actor, session_id: str) -> None:
        """End one of the actor's own sign-ins; another phone's may still hand in finished work for seven days."""
        kind = "ended" if session_id == actor.session_id else "revoked"
        session = self._close(actor, session_id, kind=kind)
        if session is None:
            raise NotFound
        if kind == "revoked":
            self._revoked(actor.user_id, session_id, session["installation_id"])

    def end_others(self, actor: Actor) -> None:
        """End every sign-in of the actor but this one."""
        self._users.end_other_sessions(actor.user_id, keeping=actor.session_id)
        self._audit.record(actor, "session.end_others", subject=f"user:{actor.user_id}")

    def _family(self, claims: Mapping[str, Any]) -> tuple[Document, User, Document]:
        session = self._store.find(str(claims["sid"]))
        found = self._users.credentials(user_id=str(claims["sub"]))
        if session is None or found is None or session["user_id"] != found[0].id:
            raise Unauthenticated("session_revoked")
        return session, *found

    def _standing(self, session: Document, secrets: Document) -> Standing:
        ended = secrets["ended_sessions"].get(session["_id"])
        if session["state"] != "live":
            ended = {"kind": session["state"], "at": session["closed_at"]}
        return standing(
            ended=ended,
            current=_is_current(session, secrets),
            suspended_at=_suspended_at(secrets),
            now=self._clock.now(),
        )

    def _move_on(self, session: Document, generation: int) -> datetime | None:
        """Return when this token's successor was issued, or None when its successor was used already."""
        for _ in range(2):
            presented = judge(generation=generation, last_used=session["last_used"])
            if presented is Presented.UNKNOWN:
                raise Unauthenticated("token_invalid")
            if presented is Presented.REUSED:
                return None
            if presented is Presented.REPEATED:
                return session["successor_issued_at"]  # type: ignore[no-any-return]
            at = self._machine.now()
            seen_at = self._clock.now()
            until = at + REFRESH_LIFETIME
            if self._store.advance(session["_id"], used=generation, at=at, seen_at=seen_at, expires_at=until):
                return at
            # Another request used it in the same moment: what it stored is what this one answers too.
            session = self._store.find(session["_id"]) or session
        raise Unauthenticated("session_revoked")

    def _end_stolen(self, session: Document, *, role: str, address: str | None) -> None:
        """End a family of which two holders exist, as nobody can tell which of them is the person."""
        actor = Actor(user_id=session["user_id"], role=role, session_id=session["_id"], address=address)
        self._close(actor, session["_id"], kind="ended", action="session.reuse")

    def _close(self, actor: Actor, session_id: str, *, kind: str, action: str | None = None) -> Document | None:
        """End or revoke a session of the actor; return it, or None when there is none to end."""
        at = self._clock.now()
        session = self._store.find(session_id)
        if session is None or session["user_id"] != actor.user_id or session["state"] == "ended":
            return None
        # The note comes first: every request and every refresh asks for it, so a crash in between loses nothing.
        self._users.note_ended(actor.user_id, session_id, kind=kind, at=at)
        self._store.close(session_id, user_id=actor.user_id, state=kind, at=at)
        verb = action or ("session.end" if kind == "ended" else "session.revoke")
        self._audit.record(actor, verb, subject=f"session:{session_id}")
        return session

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
        user=profile(user),
    )


def _is_current(session: Document, secrets: Document) -> bool:
    """Tell whether no password change since has ended the session."""
    kept: bool = session["_id"] == secrets.get("kept_session")
    return kept or session["token_version"] == secrets.get("token_version")


def _suspended_at(person: Document) -> datetime | None:
    return person["suspended_at"] if person["state"] == "suspended" else None


def _wire(session: Document, actor: Actor) -> dict[str, Any]:
    return {
        "id": session["_id"],
        "installation_id": session["installation_id"],
        "created_at": session["created_at"],
        "last_seen_at": session["last_seen_at"],
        "current": session["_id"] == actor.session_id,
    }
