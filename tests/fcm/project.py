"""One Firebase project as the double plays it: routes, scripts, tokens and the log, without HTTP."""

from __future__ import annotations

import itertools
import json
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import messages
from .attestation import Attestation
from .keys import FAULTS, PhoneSignIn, ServiceAccount
from .steps import Answer, Scripts, answer_json, google_error

PROJECT_ID = "sampark-double"
_TOKEN_LIFETIME_S = 3600
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_CERTIFICATES_CACHE = {"Cache-Control": "public, max-age=21600, must-revalidate, no-transform"}
_BAD_REQUEST = 400


class Project:
    """Answers each request; safe for any number of threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.account = ServiceAccount(PROJECT_ID)
        self.sign_in = PhoneSignIn(PROJECT_ID)
        self.attestation = Attestation(PROJECT_ID)
        self.scripts = Scripts()
        self.tokens_issued = 0
        self._tokens: dict[str, float] = {}
        self._log: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._message_numbers = itertools.count(int(time.time() * 1e6))
        self._send_path = f"/v1/projects/{PROJECT_ID}/messages:send"
        self._routes: dict[tuple[str, str], Callable[[bytes, str], Answer]] = {
            ("POST", "/token"): self._token,
            ("GET", "/certs"): self._certificates,
            ("GET", "/jwks"): self._key_set,
            ("POST", "/app-check-token"): self._app_check_token,
            ("POST", "/id-token"): self._id_token,
            ("POST", "/_script"): self._load_script,
            ("DELETE", "/_script"): self._clear_scripts,
            ("GET", "/_log"): self._read_log,
            ("DELETE", "/_log"): self._clear_log,
            ("GET", "/_credentials"): self._credentials,
        }

    @property
    def token_uri(self) -> str:
        """Where access tokens are asked for."""
        return f"{self.url}/token"

    def answer(self, *, method: str, path: str, authorization: str, body: bytes) -> Answer:
        """Answer one request, whatever it is."""
        parts = urlsplit(path)
        if method == "POST" and parts.path.endswith("/messages:send"):
            return self._send(parts.path, authorization, body)
        if route := self._routes.get((method, parts.path)):
            return route(body, parts.query)
        return google_error(404, "NOT_FOUND", message=f"no route {method} {parts.path}")

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the messages accepted and refused, in order, from index `since`."""
        with self._lock:
            return self._log[since:]

    def clear_log(self) -> None:
        """Forget the messages; the next one has index 0."""
        with self._lock:
            self._log.clear()

    def _send(self, path: str, authorization: str, body: bytes) -> Answer:
        request = _parsed(body)
        accepted, answer = self._judged(path, authorization, request)
        name = "fake_message_id" if _validate_only(request) else str(next(self._message_numbers))
        self._note(request, accepted=accepted, answer=answer, name=name)
        return answer or answer_json(200, {"name": f"projects/{PROJECT_ID}/messages/{name}"})

    def _judged(self, path: str, authorization: str, request: object) -> tuple[bool, Answer | None]:
        """Ask in FCM's order: who are you, is this your project, is it a message, and then the target's script."""
        if not self._issued(authorization):
            return False, google_error(401, "UNAUTHENTICATED", message="invalid authentication credentials")
        if path != self._send_path:
            return False, google_error(403, "PERMISSION_DENIED", message="not a project of this account")
        if wrong := messages.problem(request):
            return False, google_error(400, "INVALID_ARGUMENT", fcm_code="INVALID_ARGUMENT", message=wrong)
        step = self.scripts.next_for(messages.target_of(request)[1] or "")
        return step.accepted, step.answer

    def _issued(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and self._tokens.get(token, 0) > time.monotonic()

    def _note(self, request: object, *, accepted: bool, answer: Answer | None, name: str) -> None:
        kind, target = messages.target_of(request)
        message = request.get("message") if isinstance(request, dict) else None
        message = message if isinstance(message, dict) else {}
        entry = {
            "target": target,
            "target_kind": kind,
            **{part: message.get(part) for part in ("data", "notification", "android", "apns", "webpush")},
            "validate_only": _validate_only(request),
            "accepted": accepted,
            "status": answer.status if answer else 200,
            "code": answer.code if answer else None,
            "message_id": name if accepted else None,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        with self._lock:
            self._log.append({"index": len(self._log), **entry})

    def _token(self, body: bytes, _query: str) -> Answer:
        if answer := self.scripts.next_for("/token").answer:
            return answer
        form = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        if form.get("grant_type") != _JWT_BEARER:
            return answer_json(_BAD_REQUEST, {"error": "unsupported_grant_type"})
        if not self.account.signed(form.get("assertion", "")):
            return answer_json(_BAD_REQUEST, {"error": "invalid_grant", "error_description": "Invalid JWT"})
        token = f"ya29.{secrets.token_urlsafe(32)}"
        with self._lock:
            self._tokens[token] = time.monotonic() + _TOKEN_LIFETIME_S
            self.tokens_issued += 1
        return answer_json(200, {"access_token": token, "expires_in": _TOKEN_LIFETIME_S - 1, "token_type": "Bearer"})

    def _certificates(self, _body: bytes, _query: str) -> Answer:
        scripted = self.scripts.next_for("/certs").answer
        return scripted or answer_json(200, self.sign_in.certificates(), _CERTIFICATES_CACHE)

    def _key_set(self, _body: bytes, _query: str) -> Answer:
        return self.scripts.next_for("/jwks").answer or answer_json(200, self.attestation.key_set())

    def _app_check_token(self, _body: bytes, _query: str) -> Answer:
        return answer_json(200, {"token": self.attestation.mint()})

    def _id_token(self, body: bytes, _query: str) -> Answer:
        wanted = _parsed(body)
        if not isinstance(wanted, dict) or not isinstance(wanted.get("phone"), str):
            return _bad_request("phone: required")
        if wanted.get("fault") not in {None, *FAULTS}:
            return _bad_request(f"fault: must be one of {', '.join(sorted(FAULTS))}")
        if unknown := set(wanted) - {"phone", "uid", "fault", "signed_in_s_ago"}:
            return _bad_request(f"unknown: {', '.join(sorted(unknown))}")
        uid, signed_in_s_ago = wanted.get("uid"), wanted.get("signed_in_s_ago", 0)
        if not isinstance(uid, str | None) or not isinstance(signed_in_s_ago, int):
            return _bad_request("uid: a string; signed_in_s_ago: whole seconds")
        token, uid = self.sign_in.mint(
            wanted["phone"], uid=uid, fault=wanted.get("fault"), signed_in_s_ago=signed_in_s_ago
        )
        return answer_json(200, {"id_token": token, "uid": uid})

    def _load_script(self, body: bytes, _query: str) -> Answer:
        script = _parsed(body)
        if not isinstance(script, dict):
            return _bad_request("a script is an object {target: [step, …]}")
        try:
            self.scripts.load(script)
        except ValueError as error:
            return _bad_request(str(error))
        return answer_json(200, {"targets": len(script)})

    def _clear_scripts(self, _body: bytes, _query: str) -> Answer:
        self.scripts.clear()
        return Answer(204)

    def _read_log(self, _body: bytes, query: str) -> Answer:
        since = parse_qs(query).get("since", ["0"])[0]
        return answer_json(200, self.log(int(since))) if since.isdecimal() else _bad_request("since: an index")

    def _clear_log(self, _body: bytes, _query: str) -> Answer:
        self.clear_log()
        return Answer(204)

    def _credentials(self, _body: bytes, _query: str) -> Answer:
        return answer_json(200, self.account.credentials(self.token_uri))


def _parsed(body: bytes) -> object:
    """Return the JSON of the body, None if it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _validate_only(request: object) -> bool:
    return isinstance(request, dict) and request.get("validate_only") is True


def _bad_request(message: str) -> Answer:
    return google_error(_BAD_REQUEST, "INVALID_ARGUMENT", message=message)
