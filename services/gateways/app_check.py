"""Checks Firebase App Check tokens: whether a request comes from our own app, or why nobody knows."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import firebase_admin
from firebase_admin import app_check
from jwt import PyJWKClient, PyJWKSet
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError, PyJWKSetError

from config.settings import GOOGLE_JWKS_URL
from services.domain.errors import Unauthenticated, Unavailable

from .firebase import TIMEOUTS, SdkChangedError, Timeouts, open_app

_KEYS_KEPT_S = 21_600
# While the source is down, no request waits for it.
_AFTER_A_FAILED_FETCH_S = 30.0


class _Keys(PyJWKClient):
    """The keys as published, fetched anew when they are old, or at times for a key that is not among them."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        super().__init__(url, lifespan=_KEYS_KEPT_S, timeout=timeout_s)
        self._fetched_at = float("-inf")

    def get_jwk_set(self, refresh: bool = False) -> PyJWKSet:  # noqa: FBT001 (the library's signature)
        """Return the keys; tokens with made-up key ids do not make us ask each time."""
        lately = time.monotonic() < self._fetched_at + _AFTER_A_FAILED_FETCH_S
        return super().get_jwk_set(refresh=refresh and not lately)

    def fetch_data(self) -> Any:
        """Fetch the keys; a source that answers something else is down."""
        try:
            found = super().fetch_data()
            PyJWKSet.from_dict(found)
        except (ValueError, AttributeError, TypeError, PyJWKSetError) as error:
            raise PyJWKClientConnectionError("keys: not a key set") from error
        self._fetched_at = time.monotonic()
        return found


class FirebaseAppCheck:
    """App Check of one Firebase project; may be used from any number of threads."""

    def __init__(
        self,
        credentials: Path | None,
        *,
        jwks_url: str = GOOGLE_JWKS_URL,
        project: str | None = None,
        production: bool = False,
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        if production and jwks_url != GOOGLE_JWKS_URL:
            raise ValueError(f"production takes App Check keys from {GOOGLE_JWKS_URL} only, not from {jwks_url}")
        self._app: firebase_admin.App | None = None
        self._lock = threading.Lock()
        self._failed_until = 0.0
        if credentials is not None:
            self._app = open_app(credentials, project=project, timeouts=timeouts)
            service = app_check._get_app_check_service(self._app)  # noqa: SLF001 (a seam, see firebase.py)
            if not isinstance(getattr(service, "_jwks_client", None), PyJWKClient):
                raise SdkChangedError("firebase-admin: App Check's key client has moved")
            # The SDK's own asks Google's address alone, and waits half a minute for it.
            service._jwks_client = _Keys(jwks_url, timeout_s=sum(timeouts))  # noqa: SLF001

    @property
    def available(self) -> bool:
        """Whether a Firebase project is configured."""
        return self._app is not None

    def verify(self, token: str) -> str:
        """Return the id of the app that the token attests.

        Raises Unauthenticated (`app_check_failed`) for a token that is not a current one of our project, Unavailable
        (`identity_unavailable`) when that cannot be told.
        """
        if self._app is None or time.monotonic() < self._failed_until:
            raise Unavailable("identity_unavailable")
        try:
            claims = app_check.verify_token(token, self._app)
        except PyJWKClientConnectionError as error:
            with self._lock:
                self._failed_until = time.monotonic() + _AFTER_A_FAILED_FETCH_S
            raise Unavailable("identity_unavailable") from error
        # AttributeError and TypeError: the SDK trusts claims and key sets to have the form that they should have.
        except (PyJWKClientError, ValueError, AttributeError, TypeError, RecursionError) as error:
            raise Unauthenticated("app_check_failed") from error
        return str(claims["app_id"])

    def close(self) -> None:
        """Forget the project."""
        if self._app is not None:
            firebase_admin.delete_app(self._app)
            self._app = None
