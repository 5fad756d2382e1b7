"""Passwords: hashed with argon2id, checked in the same time whether there is one or not, refused when weak."""

from __future__ import annotations

from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.domain.errors import Invalid
from services.domain.people.passwords import normal, weakness

# OWASP's second configuration: 19 MiB, two passes, one lane: 20 to 30 ms here, and sixteen threads hold 304 MiB.
MEMORY_KIB, PASSES = 19_456, 2
_CHEAP_MEMORY_KIB, _CHEAP_PASSES = 8, 1


class Passwords:
    """Hashes and checks; `cheap` is for tests."""

    def __init__(self, common: Iterable[str], *, cheap: bool) -> None:
        self._common = frozenset(normal(password) for password in common)
        self._hasher = PasswordHasher(
            memory_cost=_CHEAP_MEMORY_KIB if cheap else MEMORY_KIB,
            time_cost=_CHEAP_PASSES if cheap else PASSES,
            parallelism=1,
        )
        self._nobodys = self._hasher.hash("the password of a person who is not there")

    def hash(self, password: str) -> str:
        """Return the encoded hash."""
        return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Tell whether the password is the stored one; without a stored one it takes as long, and it is not."""
        try:
            self._hasher.verify(stored or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """Tell whether the hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(stored)

    def require_strong(self, password: str, *, phone: str, name: str, field: str) -> None:
        """Raise Invalid that names the field when the password is refused."""
        code = weakness(password, common=self._common, phone=phone, name=name)
        if code is not None:
            raise Invalid(**{field: code})
