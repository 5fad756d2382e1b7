"""Somebody who is signed in: asks in their own name, with their own token, and refreshes it when it has run out."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from .connection import Answer, Connection, Json, Unexpected

_JOB_LOOK_S = 0.2
_JOB_OVER = ("succeeded", "failed", "cancelled")


class Person:
    """One signed-in person; a request that is answered with an error raises Unexpected, unless it is foreseen."""

    def __init__(self, connection: Connection, tokens: Json) -> None:
        self._connection = connection
        self._take(tokens)

    @classmethod
    def sign_in(cls, connection: Connection, *, phone: str, password: str) -> Person:
        """Sign in by phone and password."""
        answer = connection.ask("POST", "/auth/login", body={"phone": phone, "password": password})
        return cls(connection, _expected("POST", "/auth/login", answer, ()).body)

    @classmethod
    def accept(cls, connection: Connection, *, token: str, password: str, installation_id: str | None = None) -> Person:
        """Choose a password by an invitation, and be signed in."""
        path = "/auth/invitations/accept"
        body = {"token": token, "password": password}
        if installation_id:
            body["installation_id"] = installation_id
        return cls(connection, _expected("POST", path, connection.ask("POST", path, body=body), ()).body)

    def get(self, path: str, *, foreseen: tuple[int, ...] = (), language: str | None = None, **query: Any) -> Answer:
        """Read."""
        headers = {"Accept-Language": language} if language else {}
        return self.ask("GET", path, query=query, headers=headers, foreseen=foreseen)

    def put(self, path: str, body: Any, *, foreseen: tuple[int, ...] = ()) -> Answer:
        """Put a resource at its place."""
        return self.ask("PUT", path, body=body, foreseen=foreseen)

    def post(self, path: str, body: Any = None, *, foreseen: tuple[int, ...] = ()) -> Answer:
        """Do something that may be done twice."""
        return self.ask("POST", path, body=body, foreseen=foreseen)

    def create(self, path: str, body: Any, *, content_type: str = "application/json") -> Answer:
        """Make something once, however often the line breaks."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": content_type}
        return self.ask("POST", path, body=body, headers=headers)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Yield every entry of a list."""
        cursor: str | None = None
        while True:
            page = self.get(path, limit=200, cursor=cursor, **query).body
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def job(self, job_id: str) -> Iterator[Json]:
        """Yield a job's states until it is over; raise Unexpected if it failed."""
        while True:
            answer = self.get(f"/jobs/{job_id}")
            if answer.body["state"] in ("failed", "cancelled"):
                raise Unexpected("GET", f"/jobs/{job_id}", answer)
            yield answer.body
            if answer.body["state"] in _JOB_OVER:
                return
            time.sleep(_JOB_LOOK_S)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        foreseen: tuple[int, ...] = (),
    ) -> Answer:
        """Send a request; `foreseen` are the errors that the caller can go on with."""

        def send() -> Answer:
            return self._connection.ask(
                method, path, query=query, body=body, headers={**(headers or {}), "Authorization": self.authorization}
            )

        answer = send()
        if answer.code == "token_expired":
            self._refresh()
            answer = send()
        return _expected(method, path, answer, foreseen)

    def cut(self, method: str, path: str, content: bytes) -> None:
        """Have the line break in the middle of a request."""
        self._connection.cut(method, path, content, headers={"Authorization": self.authorization})

    def _refresh(self) -> None:
        path = "/auth/refresh"
        answer = self._connection.ask("POST", path, headers={"Authorization": f"Bearer {self._refresh_token}"})
        self._take(_expected("POST", path, answer, ()).body)

    def _take(self, tokens: Json) -> None:
        self.user: Json = tokens["user"]
        self.id: str = tokens["user"]["id"]
        self._refresh_token: str = tokens["refresh_token"]
        self.authorization = f"Bearer {tokens['access_token']}"


def _expected(method: str, path: str, answer: Answer, foreseen: tuple[int, ...]) -> Answer:
    if not answer.ok and answer.status not in foreseen:
        raise Unexpected(method, path, answer)
    return answer
