"""Who is asking: access tokens to actors, the keys that sign them, and what a bad token is answered."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, current_app, g, request
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, get_jwt, verify_jwt_in_request

from api.context import services
from api.problems import problem
from config.settings import Settings
from config.signing import SigningKeys, VerifyingKeys, load_signing_keys
from services.domain.errors import Unauthenticated
from services.domain.people.actor import Actor
from services.domain.people.service_accounts import PREFIX
from services.domain.people.sessions import ACCESS_LIFETIME, REFRESH_LIFETIME, SessionGrant

KEY_HEADER = "X-API-Key"
_SCHEME = "Bearer"
# By the digest of the header that shows them.
_TOKENS_KEPT = 10_000


def register(app: Flask, settings: Settings) -> None:
    """Make flask-jwt-extended sign with the newest key, verify with all, and answer problems."""
    keys = load_signing_keys(settings)
    known = VerifyingKeys(keys, partial(load_signing_keys, settings))
    app.config.update(
        JWT_ALGORITHM=keys.algorithm,
        JWT_DECODE_ALGORITHMS=list(keys.algorithms),
        JWT_ACCESS_TOKEN_EXPIRES=ACCESS_LIFETIME,
        JWT_REFRESH_TOKEN_EXPIRES=REFRESH_LIFETIME,
        JWT_ENCODE_ISSUER="sampark",
        JWT_DECODE_ISSUER="sampark",
        JWT_DECODE_LEEWAY=5,
        JWT_TOKEN_LOCATION=["headers"],
        JWT_COOKIE_CSRF_PROTECT=False,  # it would put a random claim into each token, and there are no cookies
    )
    manager = JWTManager(app)
    manager.encode_key_loader(lambda _identity: keys.signing)
    manager.decode_key_loader(lambda header, _payload: _verifying_key(known, header))
    manager.expired_token_loader(lambda _header, _payload: problem("token_expired"))
    manager.invalid_token_loader(lambda _reason: problem("token_invalid"))
    manager.unauthorized_loader(lambda _reason: problem("unauthenticated"))
    manager.revoked_token_loader(lambda _header, _payload: problem("session_revoked"))
    app.extensions["signing_keys"] = keys
    app.extensions["verified_tokens"] = {}
    app.before_request(_spell_scheme)


@dataclass(frozen=True)
class Proof:
    """What a request proves who it is from by: asked `again`, later too, and good until `expires` (Unix time)."""

    again: Callable[[], Actor]
    expires: float


def _spell_scheme() -> None:
    """Let the scheme be written as one likes (RFC 9110 §11.1): whatever reads the header finds one spelling."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme != _SCHEME and scheme.lower() == _SCHEME.lower():
        request.environ["HTTP_AUTHORIZATION"] = f"{_SCHEME} {rest.strip()}"


def require(verb: str) -> Actor:
    """Return who holds the request's access token or key, or raise unless they may `verb`."""
    actor = proof().again()
    g.actor = actor
    services().policy.require(actor, verb)
    return actor


def proof() -> Proof:
    """Return the request's proof: a program's key in `X-API-Key` or as bearer token, else a person's access token."""
    found, address = services(), request.remote_addr
    key = _key()
    if key is not None:
        # How long it lives is asked each time; whoever keeps a line open comes back as often as a person does.
        expires = time.time() + ACCESS_LIFETIME.total_seconds()
        return Proof(lambda: found.service_accounts.authenticate(key, address=address), expires)
    claims = _access_claims()
    return Proof(lambda: found.sessions.authenticate(claims, address=address), float(claims["exp"]))


def _key() -> str | None:
    given = request.headers.get(KEY_HEADER)
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if given is not None:
        if bearer:
            # Two proofs may be of two callers: neither is taken.
            raise Unauthenticated("token_invalid")
        return given
    return bearer if bearer.startswith(PREFIX) else None


def _access_claims() -> dict[str, Any]:
    """Return the claims of the request's access token.

    Whoever holds a token shows it with every request: its signature is checked the first time, its end each time.
    """
    shown = hashlib.blake2b(request.headers.get("Authorization", "").encode(), digest_size=20).digest()
    verified: dict[bytes, dict[str, Any]] = current_app.extensions["verified_tokens"]
    claims = verified.get(shown)
    if claims is None or claims["exp"] <= time.time():
        verify_jwt_in_request()
        claims = get_jwt()
        if len(verified) >= _TOKENS_KEPT:
            verified.clear()
        verified[shown] = claims
    return claims


def refresh_claims() -> dict[str, Any]:
    """Return the claims of the request's refresh token."""
    verify_jwt_in_request(refresh=True)
    return dict(get_jwt())


def token_answer(grant: SessionGrant) -> dict[str, Any]:
    """Return the body that every kind of sign-in answers."""
    keys: SigningKeys = current_app.extensions["signing_keys"]
    header = {"kid": keys.key_id}
    claims = {"sid": grant.session_id, "tv": grant.token_version, "lim": grant.limited}
    access = create_access_token(grant.user_id, additional_claims=claims, additional_headers=header)
    # The refresh token is made from stored facts alone, so that a repeated request gets the very same successor.
    issued_at = grant.successor_issued_at
    refresh = create_refresh_token(
        grant.user_id,
        additional_claims={
            "sid": grant.session_id,
            "gen": grant.generation,
            "jti": f"{grant.session_id}.{grant.generation}",
            "iat": int(issued_at.timestamp()),
            "nbf": int(issued_at.timestamp()),
            "exp": int((issued_at + REFRESH_LIFETIME).timestamp()),
        },
        additional_headers=header,
    )
    return {
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
        "user": grant.user,
    }


def _verifying_key(known: VerifyingKeys, header: dict[str, Any]) -> Any:
    """Return the key that the token names, unless it says another algorithm than that key's."""
    found = known.find(header.get("kid"), header.get("alg"))
    if found is None:
        raise Unauthenticated("token_invalid")
    return found
