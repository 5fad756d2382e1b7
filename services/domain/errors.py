"""The errors a use case may raise: a stable code and parameters, without status or translated text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


class DomainError(Exception):
    """Something the caller asked for cannot be; `code` is stable and listed in docs/errors.md."""

    def __init__(
        self,
        code: str,
        *,
        params: Mapping[str, Any] | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})
        self.fields = {name: list(codes) for name, codes in (fields or {}).items()}


class NotFound(DomainError):
    """There is no such thing, or it is not the actor's to see."""

    def __init__(self, code: str = "not_found", **params: Any) -> None:
        super().__init__(code, params=params)


class Forbidden(DomainError):
    """The actor's role may never do this."""

    def __init__(self, code: str = "forbidden", **params: Any) -> None:
        super().__init__(code, params=params)


class Unauthenticated(DomainError):
    """Nobody is known to be asking."""


class Conflict(DomainError):
    """The request contradicts what is stored."""


class StaleVersion(DomainError):
    """The caller's `If-Match` names a version that is no longer current."""

    def __init__(self) -> None:
        super().__init__("stale_version")


class Invalid(DomainError):
    """Well-formed but wrong; `fields` names what is wrong with which code."""

    def __init__(self, code: str = "validation_failed", **fields: str | Sequence[str]) -> None:
        named = {name: [codes] if isinstance(codes, str) else list(codes) for name, codes in fields.items()}
        super().__init__(code, fields=named)


class BlockedByRule(DomainError):
    """The rules forbid it now; `reasons` say why and `allowed_from` (UTC) when it ends, if known."""

    def __init__(self, reasons: Sequence[str], *, allowed_from: datetime | None = None) -> None:
        super().__init__("blocked_by_rule", params={"reasons": list(reasons), "allowed_from": allowed_from})
        self.reasons = list(reasons)
        self.allowed_from = allowed_from


class Throttled(DomainError):
    """Too many tries; `retry_after` is in seconds."""

    def __init__(self, code: str, *, retry_after: int) -> None:
        super().__init__(code, params={"retry_after": retry_after})
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something Sampark depends on does not answer; `retry_after` is in seconds."""

    def __init__(self, code: str, *, retry_after: int = 5) -> None:
        super().__init__(code, params={"retry_after": retry_after})
        self.retry_after = retry_after
