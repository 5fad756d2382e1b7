"""Signing in: by password, phone or invitation; refreshing, signing out, changing the password."""

from __future__ import annotations

from typing import Any

from flask import request

from api import auth
from api.context import services
from api.limits import PUBLIC
from api.operations import Resource
from schemas.signin import AcceptIn, FirebaseIn, LoginIn, LogoutIn, PasswordIn, RefreshIn, SignedInOut
from services.domain.people.actor import Actor
from services.people.origin import Origin

resource = Resource("sign-in", __name__, description="Tokens: how they are got, refreshed and given up")

_FAILURES = ("credentials_invalid", "signin_throttled", "session_revoked")


@resource.operation("POST", "/auth/login", verb=PUBLIC, body=LoginIn, answer=SignedInOut, problems=_FAILURES)
def login(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in with phone and password."""
    grant = services().signin.by_password(phone=body["phone"], password=body["password"], origin=_origin(body))
    return auth.token_answer(grant)


@resource.operation(
    "POST",
    "/auth/firebase",
    verb=PUBLIC,
    body=FirebaseIn,
    answer=SignedInOut,
    problems=(
        "id_token_invalid",
        "id_token_revoked",
        "not_enrolled",
        "identity_changed",
        "signin_throttled",
        "session_revoked",
        "identity_unavailable",
        "firebase_not_configured",
    ),
)
def login_by_phone(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in with the ID token of Firebase's phone sign-in."""
    return auth.token_answer(services().signin.by_firebase(id_token=body["id_token"], origin=_origin(body)))


@resource.operation(
    "POST",
    "/auth/invitations/accept",
    verb=PUBLIC,
    body=AcceptIn,
    answer=SignedInOut,
    problems=("invitation_invalid", "signin_throttled"),
)
def accept_invitation(body: dict[str, Any]) -> dict[str, Any]:
    """Choose a password by a one-time invitation, and be signed in."""
    grant = services().signin.by_invitation(token=body["token"], password=body["password"], origin=_origin(body))
    return auth.token_answer(grant)


@resource.operation(
    "POST",
    "/auth/refresh",
    verb=PUBLIC,
    token="refresh_token",  # noqa: S106 - the name of a security scheme
    body=RefreshIn,
    body_optional=True,
    answer=SignedInOut,
    problems=("token_reused",),
)
def refresh(body: dict[str, Any]) -> dict[str, Any]:
    """Exchange the refresh token, sent as Bearer, for its successor; sent twice it gets the same one."""
    claims = auth.refresh_claims()
    origin = Origin(address=request.remote_addr, installation_id=body["installation_id"])
    return auth.token_answer(services().sessions.refresh(claims, origin))


@resource.operation("POST", "/auth/logout", verb="me.sessions", body=LogoutIn, body_optional=True, status=204)
def logout(actor: Actor, body: dict[str, Any]) -> None:
    """End this session, or all of one's own, and unbind this device."""
    installation_id = services().signouts.logout(actor)
    if body["everywhere"]:
        services().signouts.end_all(actor)
    services().devices.forget(actor, installation_id)


@resource.operation(
    "POST", "/auth/password", verb="me.sessions", body=PasswordIn, status=204, problems=("signin_throttled", "conflict")
)
def change_password(actor: Actor, body: dict[str, Any]) -> None:
    """Change the own password; the other sessions end."""
    services().signin.change_password(actor, old=body["old"], new=body["new"])


def _origin(body: dict[str, Any]) -> Origin:
    return Origin(address=request.remote_addr, installation_id=body["installation_id"])
