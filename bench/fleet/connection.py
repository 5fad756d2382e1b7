"""One keep-alive connection to the API, as a phone or a browser has it; it asks again when line or server fail."""

from __future__ import annotations

import gzip
import http.client
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

Json = dict[str, Any]
_TRIES = 5
_BUSY = (429, 503)
_TIMEOUT_S = 60
_FIRST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `wire_bytes` is the body's size before it was unpacked."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    wire_bytes: int = 0

    @property
    def ok(self) -> bool:
        """Whether it was not an error."""
        return self.status < _FIRST_ERROR

    @property
    def code(self) -> str | None:
        """The problem's code, if it is a problem."""
        return self.body.get("code") if not self.ok and isinstance(self.body, dict) else None


class Unexpected(Exception):
    """The API answered something that the caller cannot go on with."""

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"{method} {path} was answered {answer.status}: {answer.body!r}"[:2000])


class Connection:
    """Sends one request at a time, below `base`; a proxy would say that the sender's address is `address`."""

    def __init__(self, url: str, *, address: str, language: str = "hi", base: str = "/api/v1") -> None:
        parts = urlsplit(url)
        self._http = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
        self._base = base
        self._headers = {"Accept-Encoding": "gzip", "Accept-Language": language, "X-Forwarded-For": address}

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and return the answer, whatever its status; `body` is JSON, or bytes sent as they are."""
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        url = self._base + (f"{path}?{urlencode(asked)}" if asked else path)
        sent = {**self._headers, **(headers or {})}
        content = body if isinstance(body, bytes | None) else orjson.dumps(body)
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        for tries in range(_TRIES):
            answer = self._once(method, url, content, sent)
            if answer is not None and answer.status not in _BUSY:
                return answer
            time.sleep(_wait_s(answer, tries))
        return answer or self._unreachable(method, url)

    def cut(self, method: str, path: str, content: bytes, *, headers: Mapping[str, str]) -> None:
        """Send half of a request's body, and hang up in the middle of it."""
        sent = {**self._headers, "Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
        lines = [f"{method} {self._base}{path} HTTP/1.1", f"Host: {self._http.host}"]
        head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in sent.items())]) + "\r\n\r\n"
        with socket.create_connection((self._http.host, self._http.port), timeout=_TIMEOUT_S) as line:
            line.sendall(head.encode() + content[: len(content) // 2])

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _once(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> Answer | None:
        """Return the answer, or None when the line broke: every request here may be sent again."""
        try:
            self._http.request(method, url, content, dict(headers))
            response = self._http.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException):
            self._http.close()
            return None
        found = {name.lower(): value for name, value in response.getheaders()}
        plain = gzip.decompress(raw) if found.get("content-encoding") == "gzip" else raw
        is_json = "json" in found.get("content-type", "")
        return Answer(response.status, orjson.loads(plain) if is_json and plain else plain, found, len(raw))

    def _unreachable(self, method: str, url: str) -> Answer:
        raise ConnectionError(f"{method} {url}: no answer after {_TRIES} tries")


def _wait_s(answer: Answer | None, tries: int) -> float:
    """Return how long to wait: what the server asks for, else ever longer."""
    if answer is not None and answer.headers.get("retry-after", "").isdecimal():
        return min(float(answer.headers["retry-after"]), 10.0)
    return 0.05 * 4.0**tries
