"""Opaque identifiers that sort by the time they were made."""

from __future__ import annotations

import hashlib
import secrets
import time
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 70


def new_id(at: datetime | None = None) -> str:
    """Return 24 characters: ten of milliseconds since 1970 (now, or those of `at`), fourteen random (70 bits)."""
    milliseconds = int((time.time() if at is None else at.timestamp()) * 1000)
    return _spelt(milliseconds, secrets.randbits(_RANDOM_BITS))


def first_id(at: datetime) -> str:
    """Return the lowest id that could be made at `at`: the bound of a range of time."""
    return _spelt(int(at.timestamp() * 1000), 0)


def derived_id(at: datetime, *parts: str) -> str:
    """Return the id that the same parts always get, sorted as if it were made at `at`: what is done twice is one."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return _spelt(int(at.timestamp() * 1000), int.from_bytes(digest, "big") & ((1 << _RANDOM_BITS) - 1))


def _spelt(milliseconds: int, rest: int) -> str:
    number = (milliseconds << _RANDOM_BITS) | rest
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(115, -5, -5))
