"""Service accounts: programs of others that may do a few named things, by keys that expire and are kept as digests."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

ACTIVE, REVOKED = "active", "revoked"
STATES = (ACTIVE, REVOKED)
# Whose reach an account may have; what it does within it are its verbs.
ACTS_AS = ("observer", "coordinator", "hq_admin")
PREFIX = "sampark_"
_SECRET_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class AccountRules:
    """Which verbs an account may be given, how long a key lives, and how long a replaced one goes on."""

    verbs: frozenset[str]
    usual_days: int
    longest_days: int
    usual_grace_hours: int
    longest_grace_hours: int

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> AccountRules:
        """Read `service_accounts.json`."""
        return cls(**{**data, "verbs": frozenset(data["verbs"])})


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: its digest, and until when it opens anything."""

    id: str
    digest: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ServiceAccount:
    """One program's account; `home_area` is the district that one acting as a coordinator is kept to."""

    id: str
    name: str
    acts_as: str
    home_area: str | None
    verbs: tuple[str, ...]
    keys: tuple[Key, ...]
    state: str
    created_by: str
    created_at: datetime
    last_used_at: datetime | None = None
    last_used_from: str | None = None
    version: int = 1


def new_key(account_id: str, *, now: datetime, lasts: timedelta) -> tuple[str, Key]:
    """Return a key's text, which is shown once, and what is kept of it: 256 random bits need no slow hash."""
    key_id = secrets.token_hex(4)
    text = f"{PREFIX}{account_id}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return text, Key(key_id, digest(text), now, now + lasts)


def account_of(text: str) -> str | None:
    """Return the id of the account that a key's text names, or None for what is no key of ours."""
    if not text.startswith(PREFIX):
        return None
    account_id, _, rest = text.removeprefix(PREFIX).partition("_")
    return account_id if account_id.isalnum() and rest else None


def matching(keys: Sequence[Key], text: str) -> Key | None:
    """Return the key that a text is, compared without telling by time how much of it is right."""
    wanted = digest(text)
    return next((key for key in keys if hmac.compare_digest(key.digest, wanted)), None)


def digest(text: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(text.encode()).hexdigest()


def rotated(keys: Sequence[Key], new: Key, *, now: datetime, grace: timedelta) -> tuple[Key, ...]:
    """Return the keys after a rotation: older ones end with the grace, those that are over are dropped."""
    ending = now + grace
    kept = [Key(one.id, one.digest, one.created_at, min(one.expires_at, ending)) for one in keys]
    return (*(one for one in kept if one.expires_at > now), new)
