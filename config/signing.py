"""The keys that sign tokens: the newest PEM file of a directory signs, all of them verify, each known by its `kid`."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from config.settings import Settings, SettingsError

ASYMMETRIC = ("RS256", "ES256", "EdDSA")
# Tokens with made-up key ids do not make us read the directory each time.
_READ_AGAIN_AFTER_S = 5.0


@dataclass(frozen=True)
class SigningKeys:
    """What signs (`signing` under `algorithm`, named `key_id`), and what verifies: key and algorithm by key id."""

    key_id: str
    algorithm: str
    signing: Any
    verifying_keys: Mapping[str, tuple[str, Any]]

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Return the algorithms that may be met: of a directory all asymmetric ones, as another key may come in."""
        return ASYMMETRIC if self.algorithm in ASYMMETRIC else (self.algorithm,)

    def verifying(self, key_id: object, algorithm: object) -> Any | None:
        """Return the key named `key_id` if `algorithm` is its own, else None: a key never checks another's kind."""
        for name, (own_algorithm, key) in self.verifying_keys.items():
            if name == key_id and own_algorithm == algorithm:
                return key
        return None


class VerifyingKeys:
    """The keys that verify: those that signing began with, and any that came into the directory since.

    Processes restart one after the other: the first signs with a new key while the last has not read it yet.
    """

    def __init__(self, keys: SigningKeys, read_again: Callable[[], SigningKeys]) -> None:
        self._keys = keys
        self._read_again = read_again
        self._read_at = time.monotonic()

    def find(self, key_id: object, algorithm: object) -> Any | None:
        """Return the key named `key_id` if `algorithm` is its own, else None."""
        unknown = isinstance(key_id, str) and key_id not in self._keys.verifying_keys
        if unknown and time.monotonic() > self._read_at + _READ_AGAIN_AFTER_S:
            self._read_at = time.monotonic()
            # A file that is only half written yet is read with the next token that names it.
            with suppress(SettingsError, OSError, IndexError):
                self._keys = self._read_again()
        return self._keys.verifying(key_id, algorithm)


def load_signing_keys(settings: Settings) -> SigningKeys:
    """Read the key directory, or fall back to the shared secret of development and test; raise SettingsError."""
    if settings.signing_keys is None:
        secret = settings.secret_key
        key_id = "secret-" + hashlib.sha256(secret.encode()).hexdigest()[:8]
        return SigningKeys(key_id, "HS256", secret, {key_id: ("HS256", secret)})
    files = sorted(settings.signing_keys.glob("*.pem"), key=lambda path: (path.stat().st_mtime, path.name))
    loaded = [_load(path) for path in files]
    newest = loaded[-1]
    return SigningKeys(
        key_id=newest[0],
        algorithm=newest[1],
        signing=newest[2],
        verifying_keys={key_id: (algorithm, key.public_key()) for key_id, algorithm, key in loaded},
    )


def _load(path: Path) -> tuple[str, str, Any]:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise SettingsError(
            f"wrong settings: SAMPARK_SIGNING_KEYS: {path} is not a PEM private key without password"
        ) from error
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key_id = hashlib.sha256(public).hexdigest()[:16]
    if isinstance(key, rsa.RSAPrivateKey):
        return key_id, "RS256", key
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key_id, "EdDSA", key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp256r1":
        return key_id, "ES256", key
    raise SettingsError(f"wrong settings: SAMPARK_SIGNING_KEYS: {path} is neither RSA, P-256 nor Ed25519")
