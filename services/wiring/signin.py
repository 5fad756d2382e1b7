"""Puts together signing in: passwords, phone sign-in, and the throttle before both."""

from __future__ import annotations

from config.settings import Settings
from services.domain.cipher import Cipher
from services.gateways.clock import Clock, MachineClock
from services.gateways.identity import FirebaseIdentity
from services.operations.audit import Audit
from services.people.passwords import Passwords
from services.people.sessions import Sessions
from services.people.signin import SignIn
from services.people.throttling import SignInThrottle
from services.store.stores import Stores


def wire_sign_in(
    settings: Settings,
    stores: Stores,
    cipher: Cipher,
    *,
    passwords: Passwords,
    sessions: Sessions,
    clock: Clock,
    audit: Audit,
) -> SignIn:
    """Return the use case of sign-in."""
    return SignIn(
        stores.users,
        stores.sessions,
        sessions,
        passwords=passwords,
        throttle=SignInThrottle(stores.throttle, cipher, MachineClock(), per_minute=settings.signin_limit),
        identity=FirebaseIdentity(
            settings.firebase_credentials, certs_url=settings.firebase_certs_url, production=settings.production
        ),
        clock=clock,
        machine=MachineClock(),
        audit=audit,
    )
