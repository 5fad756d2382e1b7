"""Encryption of personal data at rest, and the keyed blind indexes by which it is found again."""

from __future__ import annotations

import hashlib
import os
from binascii import b2a_base64
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_HEADER_BYTES = 1 + _KEY_ID_BYTES + _NONCE_BYTES
_INDEX_BYTES = 15
_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class UnreadableError(Exception):
    """A sealed value was altered, moved to another record, or sealed with a key that is not in the ring."""


class KeyRing:
    """Field keys by id: the first seals, any of them opens (AES-256-GCM, NIST SP 800-38D)."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        derived = [hashlib.sha256(b"sampark field key" + key).digest() for key in keys]
        self._ciphers = {self._identify(key): AESGCM(key) for key in derived}
        self._sealing_id = self._identify(derived[0])
        self._sealing = self._ciphers[self._sealing_id]

    @staticmethod
    def _identify(key: bytes) -> bytes:
        return hashlib.sha256(b"id" + key).digest()[:_KEY_ID_BYTES]

    def seal(self, plain: bytes, *, bound_to: str) -> bytes:
        """Return `plain` encrypted; it opens only with the same `bound_to` (the record it belongs to)."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + self._sealing_id + nonce + self._sealing.encrypt(nonce, plain, bound_to.encode())

    def open(self, sealed: bytes, *, bound_to: str) -> bytes:
        """Return what `seal` was given, or raise UnreadableError."""
        cipher = self._ciphers.get(sealed[1 : 1 + _KEY_ID_BYTES])
        if cipher is None:
            raise UnreadableError
        nonce = sealed[1 + _KEY_ID_BYTES : _HEADER_BYTES]
        try:
            return cipher.decrypt(nonce, sealed[_HEADER_BYTES:], bound_to.encode())
        except InvalidTag as error:
            raise UnreadableError from error

    def is_newest(self, sealed: bytes) -> bool:
        """Tell whether this was sealed with the key that seals now."""
        return sealed[1 : 1 + _KEY_ID_BYTES] == self._sealing_id


class Cipher:
    """A key ring together with the index key, which outlives every rotation of the ring."""

    def __init__(self, ring: KeyRing, index_key: bytes) -> None:
        self._ring = ring
        # HMAC (RFC 2104) with its two keyed halves begun once: an import makes four of them a row.
        key = hashlib.sha256(index_key).digest() if len(index_key) > _BLOCK_BYTES else index_key
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER))
        self._outer = hashlib.sha256(block.translate(_OUTER))

    def seal(self, plain: bytes, *, bound_to: str) -> bytes:
        """See KeyRing.seal."""
        return self._ring.seal(plain, bound_to=bound_to)

    def open(self, sealed: bytes, *, bound_to: str) -> bytes:
        """See KeyRing.open."""
        return self._ring.open(sealed, bound_to=bound_to)

    def renewed(self, sealed: bytes, *, bound_to: str) -> bytes | None:
        """Return the same sealed with the key that seals now; None when it already is."""
        if self._ring.is_newest(sealed):
            return None
        return self.seal(self.open(sealed, bound_to=bound_to), bound_to=bound_to)

    def seal_text(self, text: str | None, *, bound_to: str) -> bytes | None:
        """Seal a text, or pass None through."""
        return None if text is None else self.seal(text.encode(), bound_to=bound_to)

    def open_text(self, sealed: bytes | None, *, bound_to: str) -> str | None:
        """Open a text, or pass None through."""
        return None if sealed is None else self.open(sealed, bound_to=bound_to).decode()

    def index(self, kind: str, value: str) -> str:
        """Return the blind index of `value`: 20 characters, equal for equal input, useless without the key."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{kind}:{value}".encode())
        outer.update(inner.digest())
        return b2a_base64(outer.digest()[:_INDEX_BYTES], newline=False).translate(_URL_SAFE).decode("ascii")
