"""Puts together people's accounts: signing in and out, sessions, invitations, devices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from services.batches.assigning import Assigning
from services.batches.handing_over import HandingOver
from services.campaigns.places import Places
from services.domain.cipher import Cipher
from services.gateways.app_check import FirebaseAppCheck
from services.gateways.clock import Clock, MachineClock
from services.gateways.identity import FirebaseIdentity
from services.operations.audit import Audit
from services.operations.references import References
from services.people.app_check import AppCheck
from services.people.devices import Devices
from services.people.invitations import Invitations
from services.people.joining import Joining
from services.people.lost_phones import LostPhones
from services.people.moving import Moving
from services.people.outsiders import Outsiders
from services.people.passwords import Passwords
from services.people.roster import Roster
from services.people.sessions import Sessions
from services.people.signin import SignIn
from services.people.signouts import SignOuts
from services.people.throttling import SignInThrottle
from services.store.stores import Stores


@dataclass(frozen=True)
class Accounts:
    """The use cases of this subject, each under its name in the facade."""

    app_check: AppCheck
    devices: Devices
    invitations: Invitations
    joining: Joining
    lost_phones: LostPhones
    moving: Moving
    outsiders: Outsiders
    references: References
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
    places: Places,
    outsiders: Outsiders,
    assigning: Assigning,
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
    invitations = Invitations(stores.users, link=settings.invitation_link, clock=clock, audit=audit)
    handing_over = HandingOver(stores.batches, assigning)
    attestation = FirebaseAppCheck(
        settings.firebase_credentials, jwks_url=settings.app_check_jwks_url, production=settings.production
    )
    return Accounts(
        app_check=AppCheck(attestation, mode=settings.app_check),
        devices=Devices(stores.devices, clock),
        invitations=invitations,
        joining=Joining(
            stores.joins,
            roster=roster,
            users=stores.users,
            invitations=invitations,
            throttle=throttle,
            places=places,
            audit=audit,
            clock=clock,
        ),
        lost_phones=LostPhones(roster, signouts),
        moving=Moving(
            stores.users,
            roster,
            places=places,
            hand_over=lambda actor, user_id, to: handing_over.hand_over(actor, user_id, to=to),
            take_back=lambda user_id, reason: assigning.take_back(user_id, reason=reason),
            clock=clock,
            audit=audit,
        ),
        outsiders=outsiders,
        references=References(places=places, campaigns=stores.campaigns, users=stores.users, scripts=stores.scripts),
        sessions=sessions,
        signin=signin,
        signouts=signouts,
    )
