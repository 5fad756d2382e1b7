"""Where somebody signs in from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The network address, and the app installation if it says so."""

    address: str | None
    installation_id: str | None = None
