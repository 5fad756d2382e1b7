"""Checks the ID token of a Firebase phone sign-in: whose phone it proves, or why nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import firebase_admin
import requests
from firebase_admin import auth
from firebase_admin._auth_utils import is_emulated

from config.settings import GOOGLE_CERTS_URL
from services.domain.errors import Unauthenticated, Unavailable

from .firebase import TIMEOUTS, Timeouts, install_certificates, open_app

# Our clock and Google's differ a little; without this a token fresh from the phone is "used too early".
_CLOCK_SKEW_S = 10


@dataclass(frozen=True, kw_only=True)
class VerifiedPhone:
    """A phone number (E.164) whose holder signed in at `auth_time` as the Firebase user `uid`."""

    uid: str
    phone: str
    auth_time: datetime


class FirebaseIdentity:
    """Phone sign-in of one Firebase project; may be used from any number of threads."""

    def __init__(
        self,
        credentials: Path | None,
        *,
        certs_url: str = GOOGLE_CERTS_URL,
        project: str | None = None,
        production: bool = False,
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        if production and certs_url != GOOGLE_CERTS_URL:
            raise ValueError(f"production takes certificates from {GOOGLE_CERTS_URL} only, not from {certs_url}")
        if production and is_emulated():
            raise ValueError("production refuses the Auth emulator: it checks neither signature nor expiry")
        self._app: firebase_admin.App | None = None
        self._session: requests.Session | None = None
        if credentials is not None:
            self._app = open_app(credentials, project=project, timeouts=timeouts)
            self._session = install_certificates(self._app, certs_url, timeouts=timeouts)

    @property
    def available(self) -> bool:
        """Whether phone sign-in is configured."""
        return self._app is not None

    def verify_phone(self, id_token: str) -> VerifiedPhone:
        """Return whose phone the token proves.

        Raises Unauthenticated (`id_token_invalid`) for a token that is not a current phone sign-in of our project,
        Unavailable (`identity_unavailable`, `firebase_not_configured`) when that cannot be told.
        """
        if self._app is None:
            raise Unavailable("firebase_not_configured", retry_after=3600)
        try:
            claims = auth.verify_id_token(id_token, app=self._app, clock_skew_seconds=_CLOCK_SKEW_S)
        except auth.CertificateFetchError as error:
            raise Unavailable("identity_unavailable") from error
        # RecursionError: JSON nested too deep, met before any signature is looked at.
        except (auth.InvalidIdTokenError, ValueError, RecursionError) as error:
            raise Unauthenticated("id_token_invalid") from error
        return _phone(claims)

    def close(self) -> None:
        """Close the connection to the certificate source."""
        if self._app is not None and self._session is not None:
            firebase_admin.delete_app(self._app)
            self._session.close()
            self._app = None


def _phone(claims: dict[str, Any]) -> VerifiedPhone:
    """Return the proven phone; one that is merely on the account of somebody who signed in otherwise proves nothing."""
    phone, auth_time = claims.get("phone_number"), claims.get("auth_time")
    about = claims.get("firebase")
    signed_in_by = about.get("sign_in_provider") if isinstance(about, dict) else None
    if signed_in_by != "phone" or not isinstance(phone, str) or type(auth_time) is not int:
        raise Unauthenticated("id_token_invalid")
    try:
        signed_in_at = datetime.fromtimestamp(auth_time, UTC)
    except (ValueError, OverflowError, OSError) as error:
        # No time of the calendar's years 1 to 9999.
        raise Unauthenticated("id_token_invalid") from error
    if signed_in_at > datetime.now(UTC) + timedelta(seconds=_CLOCK_SKEW_S):
        raise Unauthenticated("id_token_invalid")
    return VerifiedPhone(uid=claims["uid"], phone=phone, auth_time=signed_in_at)
