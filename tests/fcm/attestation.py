"""Firebase App Check as the double plays it: tokens that attest an app, and the key that checks them."""

from __future__ import annotations

import json
import time
from typing import Any, Literal, get_args

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

AppFault = Literal["expired", "wrong_audience", "wrong_issuer", "tampered", "unknown_key", "unsigned", "wrong_type"]
APP_FAULTS: frozenset[str] = frozenset(get_args(AppFault))
_PROJECT_NUMBER = "123456789012"
_KID = "app-check-1"
_HOUR_S = 3600


class Attestation:
    """Attests one app of the project."""

    def __init__(self, project_id: str) -> None:
        self._project_id = project_id
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def key_set(self) -> dict[str, Any]:
        """Return the public keys as Google publishes them."""
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": _KID, "alg": "RS256", "use": "sig"}]}

    def mint(self, fault: AppFault | None = None) -> str:
        """Return an App Check token; a fault spoils it."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": f"https://firebaseappcheck.googleapis.com/{_PROJECT_NUMBER}",
            "aud": [f"projects/{_PROJECT_NUMBER}", f"projects/{self._project_id}"],
            "sub": f"1:{_PROJECT_NUMBER}:android:abcdef",
            "iat": now,
            "exp": now + _HOUR_S,
        }
        spoiled: dict[str, dict[str, Any]] = {
            "expired": {"iat": now - 2 * _HOUR_S, "exp": now - _HOUR_S},
            "wrong_audience": {"aud": ["projects/another"]},
            "wrong_issuer": {"iss": "https://example.org/"},
        }
        claims |= spoiled.get(fault or "", {})
        header = {"kid": "another" if fault == "unknown_key" else _KID}
        if fault == "unsigned":
            return jwt.encode(claims, "", algorithm="none", headers=header)
        if fault == "wrong_type":
            header["typ"] = "at+jwt"
        token = jwt.encode(claims, self._key, algorithm="RS256", headers=header)
        return token[:-6] + "AAAAAA" if fault == "tampered" else token
