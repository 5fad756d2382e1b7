"""Opaque identifiers that sort by the time they were made."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """Return 24 characters: ten of milliseconds since 1970, fourteen random (70 bits)."""
    number = (int(time.time() * 1000) << 70) | secrets.randbits(70)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(115, -5, -5))
