"""Invitations: one-time secrets by which a person sets a password; only a digest of each is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.domain.errors import Conflict, Forbidden, NotFound
from services.domain.people.actor import Actor
from services.domain.people.users import User, manages, sees
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.people.users import UserStore

_VALID = timedelta(hours=72)
_SECRET_BYTES = 24


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What the coordinator hands over; it is shown once and cannot be read again."""

    user_id: str
    token: str
    link: str
    expires_at: datetime


class Invitations:
    """A new invitation ends the one before it; accepting one ends the person's older sign-ins."""

    def __init__(self, users: UserStore, *, link: str, clock: Clock, audit: Audit) -> None:
        self._users = users
        self._link = link
        self._clock = clock
        self._audit = audit

    def invite(self, actor: Actor, user_ids: Sequence[str]) -> list[Invitation]:
        """Return an invitation for each person, in the order asked for.

        Raises NotFound when one of them is not on the actor's roster, Forbidden when the actor may not manage one,
        Conflict when one is suspended; then nobody is invited.
        """
        wanted = list(dict.fromkeys(user_ids))
        users = self._users.by_ids(wanted)
        for user_id in wanted:
            self._require_invitable(actor, users.get(user_id))
        expires_at = self._clock.now() + _VALID
        made = {user_id: secrets.token_urlsafe(_SECRET_BYTES) for user_id in wanted}
        self._users.invite(
            {user_id: {"digest": digest(secret), "expires_at": expires_at} for user_id, secret in made.items()}
        )
        self._audit.record(actor, "invitation.create", subject=_subject(wanted), users=wanted)
        return [self._invitation(user_id, secret, expires_at) for user_id, secret in made.items()]

    def revoke(self, actor: Actor, user_id: str) -> None:
        """End the person's open invitation."""
        self._require_manageable(actor, self._users.find(user_id))
        self._users.uninvite(user_id)
        self._audit.record(actor, "invitation.revoke", subject=f"user:{user_id}")

    def _require_invitable(self, actor: Actor, user: User | None) -> None:
        if self._require_manageable(actor, user).state == "suspended":
            raise Conflict("state_conflict")

    @staticmethod
    def _require_manageable(actor: Actor, user: User | None) -> User:
        if user is None or not sees(actor, home_area=user.home_area):
            raise NotFound
        if not manages(actor, role=user.role, home_area=user.home_area):
            raise Forbidden
        return user

    def _invitation(self, user_id: str, secret: str, expires_at: datetime) -> Invitation:
        token = f"{user_id}.{secret}"
        return Invitation(user_id=user_id, token=token, link=f"{self._link}?token={token}", expires_at=expires_at)


def digest(secret: str) -> str:
    """Return what is kept of a secret; it is random, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _subject(user_ids: Sequence[str]) -> str:
    return f"user:{user_ids[0]}" if len(user_ids) == 1 else f"users:{len(user_ids)}"
