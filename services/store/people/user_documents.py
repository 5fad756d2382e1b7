"""A person of the roster as a document: phone and name sealed together, blind keys beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from services.domain.cipher import Cipher
from services.domain.people.users import User
from services.domain.text import beginnings
from services.store.collection import Document

# What a document has beside the person: what signing in and importing need.
PRINCIPAL = (
    *("role", "home_area", "areas", "locale", "state", "suspended_at", "token_version", "kept_session"),
    *("paused_at", "daily_capacity"),
)
UNSHOWN = (
    "password_hash",
    "token_version",
    "kept_session",
    "firebase_uid",
    "invitation",
    "ended_sessions",
    "proofs_after",
    "import_mark",
)
_OPEN = ("role", "home_area", "areas", "languages", "channels", "daily_capacity", "locale", "state", "version")
# Longer names than that of ten long words are found by less of them.
_BEGINNINGS_KEPT = 200
_TAGS = ("prioritised_tags", "excluded_tags")


class UserDocuments:
    """Writes and reads the documents of `users`."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def of(self, user: User) -> Document:
        """Return the fields that tell of a person; `_id` and `created_at` never change and are not among them."""
        personal = json.dumps({"phone": user.phone, "name": user.name}).encode()
        return {
            "phone_key": self.phone_key(user.phone),
            "name_keys": self.word_keys(beginnings(user.name)[:_BEGINNINGS_KEPT]),
            "sealed": self._cipher.seal(personal, bound_to=f"user:{user.id}"),
            **{name: _plain(getattr(user, name)) for name in _OPEN},
            "suspended_at": user.suspended_at,
            **{name: list(getattr(user, name)) for name in _TAGS},
            "merged_into": user.merged_into,
        }

    def user(self, document: Document) -> User:
        """Return the person that a document tells of."""
        personal = json.loads(self._cipher.open(document["sealed"], bound_to=f"user:{document['_id']}"))
        return User(
            id=document["_id"],
            phone=personal["phone"],
            name=personal["name"],
            role=document["role"],
            home_area=document["home_area"],
            areas=tuple(document["areas"]),
            languages=tuple(document["languages"]),
            channels=tuple(document["channels"]),
            daily_capacity=document["daily_capacity"],
            locale=document["locale"],
            state=document["state"],
            version=document["version"],
            created_at=document["created_at"],
            suspended_at=document["suspended_at"],
            paused_at=document.get("paused_at"),
            **{name: tuple(document.get(name) or ()) for name in _TAGS},
            merged_into=document.get("merged_into"),
        )

    def phone_key(self, phone: str) -> str:
        """Return the blind index of a phone."""
        return self._cipher.index("user phone", phone)

    def word_keys(self, words: Iterable[str]) -> list[str]:
        """Return the blind indexes of folded words of a name, or of beginnings of words."""
        return [self._cipher.index("user name", word) for word in words]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
