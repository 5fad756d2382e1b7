"""Makes what tests need, through the stores and use cases, with made-up data; each call makes something new."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from flask import Flask

from api.auth import token_answer
from services.domain.ids import new_id
from services.domain.paging import PageRequest
from services.domain.people.users import User
from services.facade import Services

PASSWORD = "a quiet green door"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in: the roster's entry and the tokens of one session."""

    user: User
    tokens: dict[str, Any]
    session_id: str
    password: str

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}


def next_phone() -> str:
    """Return a mobile number that no other call returns."""
    return f"+9198{next(_numbers) % 10**8:08}"


def make_user(services: Services, *, role: str = "volunteer", password: str | None = PASSWORD, **facts: Any) -> User:
    """Put a person on the roster."""
    defaults: dict[str, Any] = {
        "id": new_id(),
        "phone": next_phone(),
        "name": "Asha Verma",
        "role": role,
        "home_area": "rj-churu" if role in {"volunteer", "coordinator"} else None,
        "areas": (),
        "languages": ("hi",),
        "channels": ("call", "whatsapp"),
        "daily_capacity": None,
        "locale": "en",
        "state": "active" if password else "invited",
        "version": 1,
        "created_at": services.clock.now(),
    }
    user = User(**{**defaults, **facts})
    hashed = services.signin.passwords.hash(password) if password else None
    services.stores.users.insert(user, password_hash=hashed)
    return user


def sign_in(app: Flask, user: User, *, password: str = PASSWORD, installation_id: str | None = None) -> Person:
    """Open a session for somebody on the roster, as their password would."""
    services: Services = app.extensions["sampark"]
    found = services.stores.users.credentials(user_id=user.id)
    assert found is not None
    grant = services.sessions.open(found[0], found[1], installation_id=installation_id, address="127.0.0.1")
    with app.test_request_context():
        tokens = token_answer(grant)
    return Person(user=user, tokens=tokens, session_id=grant.session_id, password=password)


def make_person(app: Flask, **facts: Any) -> Person:
    """Put a person on the roster and sign them in."""
    return sign_in(app, make_user(app.extensions["sampark"], **facts))


def audited(services: Services, action: str | None = None) -> list[dict[str, Any]]:
    """Return the newest entries of the audit trail, of one action if asked; those of one moment in any order."""
    page = services.audit.list_page(PageRequest(), filters={"action": action}, since=None, until=None)
    return list(page.items)
