"""Ending sign-ins: here, elsewhere, everywhere; and those on a phone that is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.domain.errors import Conflict, NotFound
from services.domain.paging import Page, PageRequest, page_of
from services.domain.people.actor import Actor
from services.domain.people.sessions import HANDING_IN, LOST
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.collection import Document
from services.store.people.sessions import SessionStore
from services.store.people.users import UserStore

_ACTIONS = {"ended": "session.end", "revoked": "session.revoke", LOST: "session.lost"}


class SignOuts:
    """Each ending is a note on the person, which every request reads, and the state of the session's document."""

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

    def logout(self, actor: Actor) -> str | None:
        """End the actor's session; return the installation that it was on."""
        session = self._close(actor, actor.session_id, kind="ended")
        return session["installation_id"] if session else None

    def own(self, actor: Actor, page: PageRequest) -> Page[dict[str, Any]]:
        """Return the actor's live sign-ins, the oldest first."""
        return self.live_of(actor, actor.user_id, page)

    def live_of(self, actor: Actor, user_id: str, page: PageRequest) -> Page[dict[str, Any]]:
        """Return a person's live sign-ins, the oldest first; whose they may be is the caller's to ask."""
        after = page.after_text() or ""
        found = [_wire(session, actor) for session in self._live(user_id) if session["_id"] > after]
        return page_of(found[: page.limit + 1], page, lambda session: (session["id"],))

    def revoke(self, actor: Actor, session_id: str) -> None:
        """End one of the actor's own sign-ins; another phone's may still hand in finished work for seven days."""
        kind = "ended" if session_id == actor.session_id else "revoked"
        session = self._close(actor, session_id, kind=kind)
        if session is None:
            raise NotFound
        if kind == "revoked":
            self._revoked(actor.user_id, session_id, session["installation_id"])

    def lose(self, actor: Actor, session_id: str, *, owner: str) -> None:
        """Note that a person's phone with this sign-in is lost: it is told to wipe itself, what it uploads waits.

        Raises Conflict for the very session that asks, NotFound when there is none to lose.
        """
        if session_id == actor.session_id:
            raise Conflict("state_conflict")
        session = self._close(actor, session_id, kind=LOST, owner=owner)
        if session is None:
            raise NotFound
        self._revoked(owner, session_id, session["installation_id"])

    def lose_all(self, actor: Actor, *, owner: str) -> list[str]:
        """Do so for every live sign-in of a person; return which."""
        live = [session["_id"] for session in self._live(owner) if session["_id"] != actor.session_id]
        for session_id in live:
            self.lose(actor, session_id, owner=owner)
        return live

    def end_others(self, actor: Actor) -> None:
        """End every sign-in of the actor but this one."""
        self._users.end_other_sessions(actor.user_id, keeping=actor.session_id, at=self._machine.now())
        self._audit.record(actor, "session.end_others", subject=f"user:{actor.user_id}")

    def end_all(self, actor: Actor) -> None:
        """End every sign-in of the actor, this one too."""
        self._users.end_other_sessions(actor.user_id, keeping=None, at=self._machine.now())
        self._audit.record(actor, "session.end_all", subject=f"user:{actor.user_id}")

    def _live(self, user_id: str) -> list[Document]:
        secrets = self._users.principal(user_id, "none") or {}
        return [session for session in self._store.of_user(user_id) if is_current(session, secrets)]

    def end_stolen(self, session: Document, *, role: str, address: str | None) -> None:
        """End a family of which two holders exist, as nobody can tell which of them is the person."""
        actor = Actor(user_id=session["user_id"], role=role, session_id=session["_id"], address=address)
        self._close(actor, session["_id"], kind="ended", action="session.reuse")

    def _close(
        self, actor: Actor, session_id: str, *, kind: str, action: str | None = None, owner: str | None = None
    ) -> Document | None:
        """End, revoke or lose a session of `owner` (else the actor); return it, or None when there is none to end."""
        at = self._clock.now()
        user_id = owner or actor.user_id
        session = self._store.find(session_id)
        if session is None or session["user_id"] != user_id or session["state"] == "ended":
            return None
        if session["state"] == LOST and kind == "revoked":
            # What a lost phone hands in goes on waiting, whatever is asked later.
            return session
        # The note comes first: every request and every refresh asks for it, so a crash in between loses nothing.
        proofs_after = self._machine.now() if kind in HANDING_IN else None
        self._users.note_ended(user_id, session_id, kind=kind, at=at, proofs_after=proofs_after)
        self._store.close(session_id, user_id=user_id, state=kind, at=at)
        self._audit.record(actor, action or _ACTIONS[kind], subject=f"session:{session_id}", user_id=user_id)
        return session


def is_current(session: Document, secrets: Document) -> bool:
    """Tell whether no password change since has ended the session."""
    kept: bool = session["_id"] == secrets.get("kept_session")
    return kept or session["token_version"] == secrets.get("token_version")


def _wire(session: Document, actor: Actor) -> dict[str, Any]:
    return {
        "id": session["_id"],
        "installation_id": session["installation_id"],
        "created_at": session["created_at"],
        "last_seen_at": session["last_seen_at"],
        "current": session["_id"] == actor.session_id,
    }
