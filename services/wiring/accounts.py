"""Puts together people's accounts: signing in and out, sessions, invitations, devices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from services.domain.cipher import Cipher
from services.gateways.app_check import FirebaseAppCheck
from services.gateways.clock import Clock, MachineClock
from services.gateways.identity import FirebaseIdentity
from services.operations.audit import Audit
from services.people.app_check import AppCheck
from services.people.devices import Devices
from services.people.invitations import Invitations
from services.people.lost_phones import LostPhones
from services.people.passwords import Passwords
from services.people.roster import Roster
from services.people.sessions import Sessions
from services.people.signin import SignIn
from services.people.signouts import SignOuts
from services.people.throttling import SignInThrottle
from services.store.stores import Stores


@dataclass(frozen=True)
class Accounts:
    """The use cases of this subject."""

    app_check: AppCheck
    devices: Devices
    invitations: Invitations
    lost_phones: LostPhones
    sessions: Sessions
    signin: SignIn
    signouts: SignOuts


def wire_accounts(
    settings: Settings,
    stores: Stores,
    cipher: Cipher,
    *,
    passwords: Passwords,
    roster: Roster,
    revoked: Callable[[str, str, str | None], None],
    clock: Clock,
    audit: Audit,
) -> Accounts:
    """Return the use cases; `revoked` tells the phone of a person's sign-in that it may work no more."""
    machine = MachineClock()
    throttle = SignInThrottle(stores.throttle, cipher, machine, per_minute=settings.signin_limit)
    signouts = SignOuts(stores.users, stores.sessions, clock=clock, machine=machine, audit=audit, revoked=revoked)
    sessions = Sessions(stores.users, stores.sessions, clock=clock, machine=machine, audit=audit, signouts=signouts)
    identity = FirebaseIdentity(
        settings.firebase_credentials, certs_url=settings.firebase_certs_url, production=settings.production
    )
    signin = SignIn(
        stores.users,
        stores.sessions,
        sessions,
        passwords=passwords,
        throttle=throttle,
        identity=identity,
        clock=clock,
        machine=machine,
        audit=audit,
    )
    attestation = FirebaseAppCheck(
        settings.firebase_credentials, jwks_url=settings.app_check_jwks_url, production=settings.production
    )
    return Accounts(
        app_check=AppCheck(attestation, mode=settings.app_check),
        devices=Devices(stores.devices, clock),
        invitations=Invitations(stores.users, link=settings.invitation_link, clock=clock, audit=audit),
        lost_phones=LostPhones(roster, signouts),
        sessions=sessions,
        signin=signin,
        signouts=signouts,
    )
