"""Proving who one is: by password, by Firebase's phone sign-in, by an invitation; and changing the password."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import NoReturn

from services.domain.errors import Conflict, Invalid, NotFound, Throttled, Unauthenticated
from services.domain.people.actor import Actor
from services.domain.people.sessions import SessionGrant
from services.domain.people.users import User
from services.gateways.clock import Clock
from services.gateways.identity import FirebaseIdentity, VerifiedPhone
from services.operations.audit import Audit
from services.people.invitations import digest
from services.people.origin import Origin
from services.people.passwords import Passwords
from services.people.sessions import Sessions
from services.people.throttling import SignInThrottle
from services.store.collection import Document
from services.store.people.sessions import SessionStore
from services.store.people.users import UserStore


class SignIn:
    """Every way in ends in Sessions.open; every failure is counted and looks the same from outside."""

    def __init__(
        self,
        users: UserStore,
        known: SessionStore,
        sessions: Sessions,
        *,
        passwords: Passwords,
        throttle: SignInThrottle,
        identity: FirebaseIdentity,
        clock: Clock,
        machine: Clock,
        audit: Audit,
    ) -> None:
        self._users = users
        self._known = known
        self._sessions = sessions
        self.passwords = passwords
        self._throttle = throttle
        self._identity = identity
        self._clock = clock
        self._machine = machine
        self._audit = audit

    def by_password(self, *, phone: str, password: str, origin: Origin) -> SessionGrant:
        """Sign in; raise Unauthenticated("credentials_invalid") alike for an unknown phone and a wrong password."""
        found = self._users.credentials(phone=phone)
        counted_by, known = self._counted_by(phone, found, origin)
        first = self._throttle.admit(address=origin.address, person=counted_by, known=known, hall=True)
        stored: str | None = found[1]["password_hash"] if found else None
        right = self.passwords.matches(stored, password)
        # Guesses that were checked side by side count as if one had waited for the other.
        again = self._throttle.admit(address=origin.address, person=counted_by, known=known, hall=True)
        if found is None or stored is None or not right:
            self._throttle.failed(address=origin.address, person=counted_by)
            if again.retry_after is not None:
                self._note_failure(found, origin, reason="password")
                raise Throttled("signin_throttled", retry_after=again.retry_after)
            self._refuse(found, origin, reason="password", code="credentials_invalid")
        if first.slipped or again.slipped:
            self._throttle.succeeded(address=origin.address, person=counted_by)
        if self.passwords.outdated(stored):
            self._users.rehash(found[0].id, self.passwords.hash(password), was=stored)
        return self._open(found, origin)

    def by_firebase(self, *, id_token: str, origin: Origin) -> SessionGrant:
        """Sign in the enrolled person whose phone the token proves, and tie them to that account at the first use."""
        # Nobody guesses such a token: one that holds is let in, whatever others behind the same address have tried.
        try:
            proven = self._identity.verify_phone(id_token)
        except Unauthenticated as error:
            self._guessed(origin)
            self._refuse(None, origin, reason="id_token", code=error.code)
        found = self._users.credentials(phone=proven.phone)
        if found is None:
            self._guessed(origin)
            self._refuse(None, origin, reason="not_enrolled", code="not_enrolled")
        user, secrets = found
        if _is_outdated(proven, secrets):
            self._refuse(found, origin, reason="signed_out_since", code="id_token_revoked")
        if user.state != "suspended" and not self._is_tied(user, secrets.get("firebase_uid"), proven.uid, origin):
            # The operator gave the number to somebody else, the account was made anew, or it is another person's here:
            # the coordinator decides.
            self._refuse(found, origin, reason="another_account", code="identity_changed")
        return self._open(found, origin)

    def _is_tied(self, user: User, tied: str | None, uid: str, origin: Origin) -> bool:
        """Tell whether a person is tied to this Firebase account, and tie them to it at its first use."""
        if tied is not None:
            return tied == uid
        if self._users.link_firebase(user.id, uid):
            self._audit.record(_as_actor(user, origin), "identity.link", subject=f"user:{user.id}")
            return True
        # Another request of the same moment may have tied them to this very account.
        now = self._users.credentials(user_id=user.id)
        return now is not None and now[1].get("firebase_uid") == uid

    def by_invitation(self, *, token: str, password: str, origin: Origin) -> SessionGrant:
        """Set the first or a new password by a one-time invitation and sign in; raise NotFound when it is over."""
        user_id, _, secret = token.partition(".")
        given = digest(secret)
        found = self._users.credentials(user_id=user_id)
        if found is None or not self._is_open(found[1].get("invitation"), given) or found[0].state == "suspended":
            self._guessed(origin)
            self._note_failure(found, origin, reason="invitation")
            raise NotFound("invitation_invalid")
        user = found[0]
        self.passwords.require_strong(password, phone=user.phone, name=user.name, field="password")
        hashed = self.passwords.hash(password)
        if not self._users.accept_invitation(user.id, given, password_hash=hashed, at=self._machine.now()):
            raise NotFound("invitation_invalid")
        self._audit.record(_as_actor(user, origin), "invitation.accept", subject=f"user:{user.id}")
        accepted = self._users.credentials(user_id=user.id)
        if accepted is None:
            raise NotFound("invitation_invalid")
        return self._open(accepted, origin)

    def change_password(self, actor: Actor, *, old: str, new: str) -> None:
        """Replace the actor's password; their other sign-ins end."""
        found = self._users.credentials(user_id=actor.user_id)
        if found is None:
            raise Unauthenticated("session_revoked")
        user, secrets = found
        counted_by = f"{self._users.phone_key(user.phone)} change"
        slipped = self._throttle.admit(address=actor.address, person=counted_by).slipped
        stored = secrets["password_hash"]
        if not self.passwords.matches(stored, old):
            self._throttle.failed(address=actor.address, person=counted_by)
            raise Invalid(old="password_wrong")
        if slipped:
            self._throttle.succeeded(address=actor.address, person=counted_by)
        self.passwords.require_strong(new, phone=user.phone, name=user.name, field="new")
        changed = self._users.set_password(
            user.id,
            self.passwords.hash(new),
            keeping=actor.session_id,
            was=secrets["password_hash"],
            at=self._machine.now(),
        )
        if not changed:
            raise Conflict("conflict")
        self._audit.record(actor, "password.change", subject=f"user:{user.id}")

    def _open(self, found: tuple[User, Document], origin: Origin) -> SessionGrant:
        user, secrets = found
        if user.state == "suspended":
            self._refuse(found, origin, reason="suspended", code="session_revoked")
        return self._sessions.open(user, secrets, installation_id=origin.installation_id, address=origin.address)

    def _guessed(self, origin: Origin) -> None:
        """Count a secret that was none; raise Throttled when the address has tried too many."""
        self._throttle.admit(address=origin.address)
        self._throttle.failed(address=origin.address)

    def _counted_by(self, phone: str, found: tuple[User, Document] | None, origin: Origin) -> tuple[str, bool]:
        """Return what tries are counted by, and whether it is an installation that the person has used before."""
        key = self._users.phone_key(phone)
        installation = origin.installation_id
        # Asked for an unknown phone too, so that the answer takes as long.
        known = installation is not None and self._known.knows(found[0].id if found else key, installation)
        return (f"{key} {installation}" if known else key), known

    def _refuse(self, found: tuple[User, Document] | None, origin: Origin, *, reason: str, code: str) -> NoReturn:
        self._note_failure(found, origin, reason=reason)
        raise Unauthenticated(code)

    def _note_failure(self, found: tuple[User, Document] | None, origin: Origin, *, reason: str) -> None:
        subject = f"user:{found[0].id}" if found else "user:unknown"
        self._audit.record(None, "signin.fail", subject=subject, address=origin.address, reason=reason)

    def _is_open(self, invitation: Document | None, given: str) -> bool:
        if invitation is None or not hmac.compare_digest(invitation["digest"], given):
            return False
        return bool(self._clock.now() < invitation["expires_at"])


def _is_outdated(proven: VerifiedPhone, secrets: Document) -> bool:
    """Tell whether the number was enrolled, or that phone ended or lost, after the sign-in there.

    A phone goes on minting ID tokens of its sign-in for as long as it likes, also when its number is somebody else's.
    """
    after: datetime | None = secrets.get("proofs_after")
    if after is None and secrets.get("firebase_uid") is None:
        # Enrolled before that was noted, and never signed in by phone yet.
        after = secrets["created_at"]
    # Firebase tells whole seconds.
    return after is not None and proven.auth_time < after.replace(microsecond=0)


def _as_actor(user: User, origin: Origin) -> Actor:
    return Actor(user_id=user.id, role=user.role, session_id="", address=origin.address)
