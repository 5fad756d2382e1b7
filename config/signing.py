"""The keys that sign tokens: the newest PEM file of a directory signs, all of them verify, each known by its `kid`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from config.settings import Settings, SettingsError


@dataclass(frozen=True)
class SigningKeys:
    """What signs (`signing` under `algorithm`, named `key_id`), and what verifies: key and algorithm by key id."""

    key_id: str
    algorithm: str
    signing: Any
    verifying_keys: Mapping[str, tuple[str, Any]]

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Return the algorithms of all keys."""
        return tuple(dict.fromkeys(algorithm for algorithm, _ in self.verifying_keys.values()))

    def verifying(self, key_id: object, algorithm: object) -> Any | None:
        """Return the key named `key_id` if `algorithm` is its own, else None: a key never checks another's kind."""
        for name, (own_algorithm, key) in self.verifying_keys.items():
            if name == key_id and own_algorithm == algorithm:
                return key
        return None


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
