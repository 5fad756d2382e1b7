"""The double's two RSA keys: the service account's, whose assertions it checks, and the one that signs ID tokens."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

Fault = Literal[
    "expired",
    "future",
    "future_sign_in",
    "wrong_audience",
    "wrong_issuer",
    "tampered",
    "unknown_key",
    "unsigned",
    "not_by_phone",
    "no_provider",
    "provider_a_word",
    "provider_a_list",
    "sign_in_beyond_time",
    "sign_in_before_time",
    "sign_in_no_number",
    "phone_no_word",
]
FAULTS: frozenset[str] = frozenset(get_args(Fault))
_HOUR_S = 3600
# google-auth always names Google here, whatever token endpoint the service-account file has.
_ASSERTION_AUDIENCE = "https://oauth2.googleapis.com/token"


class ServiceAccount:
    """An account of the project that may ask for access tokens."""

    def __init__(self, project_id: str) -> None:
        self.project_id = project_id
        self._email = f"firebase-adminsdk@{project_id}.iam.gserviceaccount.com"
        self._key = _new_key()

    def credentials(self, token_uri: str) -> dict[str, str]:
        """Return the service-account file that Google's console would give, with our token endpoint in it."""
        private_key = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": self.project_id,
            "private_key_id": hashlib.sha256(private_key).hexdigest()[:40],
            "private_key": private_key.decode(),
            "client_email": self._email,
            "client_id": "100000000000000000000",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }

    def signed(self, assertion: str) -> bool:
        """Whether the assertion (RFC 7523) is this account's, for Google's endpoint, current, and names a scope."""
        try:
            claims = jwt.decode(
                assertion,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=_ASSERTION_AUDIENCE,
                issuer=self._email,
                options={"require": ["iat", "exp", "iss", "aud"]},
            )
        except jwt.InvalidTokenError:
            return False
        return bool(claims.get("scope"))


class PhoneSignIn:
    """Firebase's side of a phone sign-in: mints ID tokens and publishes the certificate that checks them."""

    def __init__(self, project_id: str) -> None:
        self._project_id = project_id
        self._key = _new_key()
        self._certificate = _certificate(self._key)
        self._kid = hashlib.sha1(self._certificate.encode(), usedforsecurity=False).hexdigest()

    def certificates(self) -> dict[str, str]:
        """Return the x509 certificates as PEM by key id, as Google's securetoken endpoint does."""
        return {self._kid: self._certificate}

    def mint(
        self, phone: str, *, uid: str | None = None, fault: Fault | None = None, signed_in_s_ago: int = 0
    ) -> tuple[str, str]:
        """Return (ID token, uid) of the phone's owner, who signed in that long ago; a fault spoils the token."""
        uid = uid or hashlib.sha256(phone.encode()).hexdigest()[:28]
        claims = _claims(self._project_id, phone, uid, int(time.time()) - signed_in_s_ago)
        claims |= _SPOILED_CLAIMS.get(fault or "", lambda _: {})(claims)
        kid = "0" * 40 if fault == "unknown_key" else self._kid
        if fault == "unsigned":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": kid}), uid
        token = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": kid})
        return (_with_another_phone(token, claims) if fault == "tampered" else token), uid


def _claims(project_id: str, phone: str, uid: str, auth_time: int) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": f"https://securetoken.google.com/{project_id}",
        "aud": project_id,
        "auth_time": auth_time,
        "user_id": uid,
        "sub": uid,
        "iat": now,
        "exp": now + _HOUR_S,
        "phone_number": phone,
        "firebase": {"identities": {"phone": [phone]}, "sign_in_provider": "phone"},
    }


_SPOILED_CLAIMS: dict[str, Any] = {
    "expired": lambda claims: {"iat": claims["iat"] - 2 * _HOUR_S, "exp": claims["iat"] - _HOUR_S},
    "future": lambda claims: {"iat": claims["iat"] + _HOUR_S, "exp": claims["iat"] + 2 * _HOUR_S},
    "future_sign_in": lambda claims: {"auth_time": claims["iat"] + _HOUR_S},
    "wrong_audience": lambda _: {"aud": "another-project"},
    "wrong_issuer": lambda _: {"iss": "https://securetoken.google.com/another-project"},
    "not_by_phone": lambda claims: {"firebase": {**claims["firebase"], "sign_in_provider": "password"}},
    "no_provider": lambda _: {"firebase": None},
    "provider_a_word": lambda _: {"firebase": "x"},
    "provider_a_list": lambda _: {"firebase": [{"sign_in_provider": "phone"}]},
    "sign_in_beyond_time": lambda _: {"auth_time": 10**20},
    "sign_in_before_time": lambda _: {"auth_time": -(10**20)},
    "sign_in_no_number": lambda _: {"auth_time": True},
    "phone_no_word": lambda _: {"phone_number": {"number": "+919999999999"}},
}


def _with_another_phone(token: str, claims: dict[str, Any]) -> str:
    """Put another phone into the token and keep the signature, which no longer fits."""
    head, _, signature = token.split(".")
    _, payload, _ = jwt.encode({**claims, "phone_number": "+919999999999"}, "any" * 11).split(".")
    return f"{head}.{payload}.{signature}"


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(key: rsa.RSAPrivateKey) -> str:
    """Return a self-signed certificate of the key, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "securetoken.system.gserviceaccount.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=14))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
