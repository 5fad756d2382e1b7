"""The seams in firebase-admin: our endpoints, one access token for all threads, and no retries but our own.

The SDK is pinned (7.7). What is touched here is not its public interface, so each seam checks that it is still there
and stops the start with one clear error when it is not.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import firebase_admin
import google.auth.exceptions
import google.auth.transport.requests
import requests
import requests.adapters
import requests.auth
from firebase_admin import App, auth, credentials
from firebase_admin._auth_client import Client
from firebase_admin._http_client import JsonHttpClient
from firebase_admin._token_gen import CertificateFetchRequest
from firebase_admin._utils import get_app_service, handle_requests_error
from firebase_admin.exceptions import FirebaseError
from firebase_admin.messaging import _MESSAGING_ATTRIBUTE, _MessagingService

from config.settings import SettingsError

Timeouts = tuple[float, float]
TIMEOUTS: Timeouts = (3.0, 10.0)
_AFTER_A_FAILED_REFRESH_S = 5.0
_app_numbers = itertools.count(1)


class SdkChangedError(Exception):
    """firebase-admin is not built as the seams expect; pin the tested version or adapt them."""


def open_app(credentials_file: Path, *, project: str | None, timeouts: Timeouts) -> App:
    """Return an SDK app of its own for this service account; SettingsError if the file is none."""
    try:
        certificate = credentials.Certificate(str(credentials_file))
    # AttributeError: the SDK takes any JSON for an object.
    except (OSError, ValueError, AttributeError) as error:
        raise SettingsError(f"SAMPARK_FIREBASE_CREDENTIALS: not a service-account file: {error}") from error
    project = project or certificate.project_id
    if not project:
        raise SettingsError("SAMPARK_FIREBASE_CREDENTIALS: not a service-account file: no project_id")
    options = {"projectId": project, "httpTimeout": timeouts}
    return firebase_admin.initialize_app(certificate, options, name=f"sampark-{next(_app_numbers)}")


class AccessToken(requests.auth.AuthBase):
    """The service account's OAuth token: fetched once for all threads, and dropped when the service refuses it.

    It stands in for google-auth's session, where each thread fetches a token of its own, a 401 fetches two more
    and a background thread asks another Google service where the account may be used from.
    """

    def __init__(self, app: App, timeouts: Timeouts) -> None:
        self._credential = app.credential.get_credential()
        self._session = requests.Session()
        self._timeouts = timeouts
        self._lock = threading.Lock()
        self._failed_until = 0.0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign the request; raises GoogleAuthError if there is no token to be had."""
        with self._lock:
            if not self._credential.valid:
                # Without this pause each of the pool's threads would in turn wait for a token endpoint that is down.
                if time.monotonic() < self._failed_until:
                    raise google.auth.exceptions.RefreshError("the token endpoint failed a moment ago")
                self._fetch()
            request.headers["Authorization"] = f"Bearer {self._credential.token}"
        return request

    def refresh(self) -> None:
        """Fetch a token unless there is one that still holds for minutes; raises GoogleAuthError."""
        with self._lock:
            if not self._credential.valid:
                self._fetch()

    def drop(self, refused: requests.PreparedRequest) -> None:
        """Forget the token that this request was refused with; another thread's newer one stays."""
        with self._lock:
            if refused.headers.get("Authorization") == f"Bearer {self._credential.token}":
                self._credential.token = None

    def close(self) -> None:
        """Close the connection to the token endpoint."""
        self._session.close()

    def _fetch(self) -> None:
        ask = google.auth.transport.requests.Request(self._session)
        try:
            self._credential.refresh(lambda *args, **named: ask(*args, **{"timeout": self._timeouts, **named}))
        except google.auth.exceptions.GoogleAuthError:
            self._failed_until = time.monotonic() + _AFTER_A_FAILED_REFRESH_S
            raise


class UnreadableAnswerError(requests.exceptions.RequestException):
    """The service answered 200 with something that is not its answer."""


class _JsonClient(JsonHttpClient):
    """Reads an answer of the messaging service, or says that it cannot be read."""

    def parse_body(self, resp: requests.Response) -> Any:
        try:
            answer = super().parse_body(resp)
        except ValueError as error:
            raise UnreadableAnswerError("not JSON") from error
        if not isinstance(answer, dict) or not isinstance(answer.get("name"), str):
            raise UnreadableAnswerError("no message name")
        return answer


class _Messaging(_MessagingService):
    """The SDK's messaging service with our endpoint, token, timeouts and connection pool, and without retries."""

    def __init__(self, app: App, *, base_url: str, token: AccessToken, timeouts: Timeouts, connections: int) -> None:
        super().__init__(app)
        _require(isinstance(getattr(self, "_client", None), JsonHttpClient), "the messaging client")
        _require(str(getattr(self, "_fcm_url", "")).endswith(f"/v1/projects/{app.project_id}/messages:send"), "its URL")
        self._fcm_url = f"{base_url}/v1/projects/{app.project_id}/messages:send"
        self._client.close()
        session = requests.Session()
        session.auth = token
        session.mount(base_url, requests.adapters.HTTPAdapter(pool_maxsize=connections, max_retries=0))
        self._client = _JsonClient(session=session, retries=None, timeout=timeouts)

    def close(self) -> None:
        """Close both clients; the SDK closes only one of them."""
        super().close()
        self._client.close()

    def _handle_fcm_error(self, error: requests.RequestException) -> FirebaseError:
        try:
            return super()._handle_fcm_error(error)
        except (AttributeError, TypeError, ValueError):
            # The SDK trusts the error's body to have Google's form; one that has not is judged by its status alone.
            return handle_requests_error(error)


def install_messaging(app: App, *, base_url: str, token: AccessToken, timeouts: Timeouts, connections: int) -> None:
    """Make the app send to our endpoint; call it before the app first sends."""
    service = get_app_service(
        app,
        _MESSAGING_ATTRIBUTE,
        lambda owner: _Messaging(owner, base_url=base_url, token=token, timeouts=timeouts, connections=connections),
    )
    _require(isinstance(service, _Messaging), "the place where services are registered")


class _Certificates(CertificateFetchRequest):
    """Fetches the ID-token certificates, cached as their Cache-Control allows.

    A source that answers something else is down: the SDK would blame the token.
    """

    def __call__(self, *args: Any, **named: Any) -> Any:
        response = super().__call__(*args, **named)
        try:
            certificates = json.loads(response.data)
        except ValueError as error:
            raise google.auth.exceptions.TransportError("certificates: not JSON") from error
        if not (certificates and isinstance(certificates, dict) and all(map(_pem, certificates.values()))):
            raise google.auth.exceptions.TransportError("certificates: not a mapping of PEM certificates")
        return response


def install_certificates(app: App, certs_url: str, *, timeouts: Timeouts) -> requests.Session:
    """Make the app verify ID tokens by the certificates at this URL; returns the session to close in the end."""
    client = get_app_service(app, auth._AUTH_ATTRIBUTE, Client)  # noqa: SLF001 (a seam, see above)
    verifier: Any = getattr(client, "_token_verifier", None)
    _require(hasattr(verifier, "request"), "the verifier's certificate request")
    _require(hasattr(getattr(verifier, "id_token_verifier", None), "cert_url"), "the verifier's certificate URL")
    certificates = _Certificates(timeouts)
    verifier.request = certificates
    verifier.id_token_verifier.cert_url = certs_url
    session: requests.Session = certificates.session
    return session


def _pem(certificate: object) -> bool:
    return isinstance(certificate, str) and certificate.startswith("-----BEGIN CERTIFICATE-----")


def _require(there: bool, what: str) -> None:  # noqa: FBT001 (reads as a sentence)
    if not there:
        raise SdkChangedError(f"firebase-admin {version('firebase-admin')}: {what} has moved")
