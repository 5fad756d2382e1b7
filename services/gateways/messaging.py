"""Sends one push through Firebase Cloud Messaging and says what became of it; decides nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import firebase_admin
import google.auth.exceptions
import requests
from firebase_admin import messaging
from firebase_admin.exceptions import FirebaseError
from urllib3.exceptions import NewConnectionError

from config.settings import GOOGLE_FCM_URL
from services.domain.errors import Unavailable
from services.domain.push.push import Action, PushMessage, PushTarget, SendResult, refused, retry_after_s

from .firebase import TIMEOUTS, AccessToken, Timeouts, UnreadableAnswerError, install_messaging, open_app

_FCM_CODES: tuple[tuple[type[FirebaseError], str], ...] = (
    (messaging.UnregisteredError, "unregistered"),
    (messaging.SenderIdMismatchError, "sender_id_mismatch"),
    (messaging.ThirdPartyAuthError, "third_party_auth"),
    (messaging.QuotaExceededError, "quota_exceeded"),
)
_PROBE_TTL_S = 60


class FirebaseMessaging:
    """Firebase Cloud Messaging of one project; `send` may be called from any number of threads.

    Without credentials it is not `available`, and pushes stay in the outbox.
    """

    def __init__(
        self,
        credentials: Path | None,
        *,
        base_url: str = GOOGLE_FCM_URL,
        project: str | None = None,
        production: bool = False,
        timeouts: Timeouts = TIMEOUTS,
        connections: int = 64,
    ) -> None:
        if production and base_url != GOOGLE_FCM_URL:
            raise ValueError(f"production sends to {GOOGLE_FCM_URL} only, not to {base_url}")
        self._app: firebase_admin.App | None = None
        if credentials is None:
            return
        self._app = open_app(credentials, project=project, timeouts=timeouts)
        self._token = AccessToken(self._app, timeouts)
        install_messaging(self._app, base_url=base_url, token=self._token, timeouts=timeouts, connections=connections)

    @property
    def available(self) -> bool:
        """Whether there are credentials to send with."""
        return self._app is not None

    def refresh_credential(self) -> None:
        """Have an access token ready before a drain; raises Unavailable if none is to be had."""
        if self._app is None:
            raise Unavailable("messaging_not_configured")
        try:
            self._token.refresh()
        except google.auth.exceptions.GoogleAuthError as error:
            raise Unavailable("messaging_unavailable") from error

    def send(self, push: PushMessage) -> SendResult:
        """Send one push and return what became of it; raises Unavailable without credentials, else nothing."""
        return self._send(push, dry_run=False)

    def probe(self, target: PushTarget) -> SendResult:
        """Ask with the smallest message whether the target as such is valid; nothing reaches the phone."""
        push = PushMessage(push_id="probe", kind="sync", target=target, ttl_s=_PROBE_TTL_S)
        return self._send(push, dry_run=True)

    def close(self) -> None:
        """Close all connections."""
        if self._app is not None:
            firebase_admin.delete_app(self._app)
            self._token.close()
            self._app = None

    def _send(self, push: PushMessage, *, dry_run: bool) -> SendResult:
        if self._app is None:
            raise Unavailable("messaging_not_configured")
        try:
            message_id = messaging.send(_message(push, now=time.time()), dry_run=dry_run, app=self._app)
        except google.auth.exceptions.GoogleAuthError:
            return refused("token_refresh_failed")
        except FirebaseError as error:
            result = _result(error)
            if result.code == "unauthenticated":
                self._token.drop(error.http_response.request)
            return result
        except ValueError:
            return refused("unsendable")  # the SDK itself refuses to encode it
        return SendResult(action=Action.ACCEPTED, message_id=message_id)


def _message(push: PushMessage, *, now: float) -> messaging.Message:
    """Return the push for Android, iOS and the web: its lifetime, urgency and collapsing mean the same on each."""
    high = push.priority == "high"
    shown = push.title is not None
    collapse = {"apns-collapse-id": push.collapse_key} if push.collapse_key else {}
    return messaging.Message(
        **{push.target.kind: push.target.value},
        data=push.payload,
        notification=messaging.Notification(title=push.title, body=push.body) if shown else None,
        android=messaging.AndroidConfig(
            priority=push.priority,
            ttl=push.ttl_s,
            collapse_key=push.collapse_key,
            notification=messaging.AndroidNotification(tag=push.collapse_key) if shown and push.collapse_key else None,
        ),
        apns=messaging.APNSConfig(
            headers={
                # Apple takes priority 10 only for what is shown.
                "apns-priority": "10" if high and shown else "5",
                "apns-expiration": str(int(now) + push.ttl_s),
                **collapse,
            },
            payload=messaging.APNSPayload(messaging.Aps(content_available=not shown)),
        ),
        webpush=messaging.WebpushConfig(headers={"TTL": str(push.ttl_s), "Urgency": "high" if high else "normal"}),
    )


def _result(error: FirebaseError) -> SendResult:
    response = error.http_response
    if response is None:
        return refused(_transport_code(error.cause))
    code = next((code for kind, code in _FCM_CODES if isinstance(error, kind)), error.code.lower())
    if code == "unknown":
        code = f"http_{response.status_code}"
    wait = retry_after_s(response.headers.get("Retry-After"), datetime.now(UTC))
    return refused(code, http_status=response.status_code, retry_after_s=wait)


def _transport_code(cause: BaseException | None) -> str:
    """Say how a request failed that has no answer: what was never sent is told from what may have arrived."""
    if isinstance(cause, requests.ConnectTimeout | requests.exceptions.ProxyError) or _never_connected(cause):
        return "not_connected"
    if isinstance(cause, requests.Timeout):
        return "deadline_exceeded"
    if isinstance(cause, UnreadableAnswerError):
        return "unreadable_answer"
    if isinstance(cause, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return "connection_lost"
    return "request_failed"


def _never_connected(cause: BaseException | None) -> bool:
    failure = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    return isinstance(getattr(failure, "reason", None), NewConnectionError)
