"""Whether this process can serve: the database answers, and what happens to pushes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Readiness:
    """Asks each dependency once."""

    def __init__(self, ping: Callable[[], None], *, messaging_configured: bool) -> None:
        self._ping = ping
        self._messaging_configured = messaging_configured

    def check(self) -> dict[str, Any]:
        """Return the state of each dependency, or raise Unavailable when the database does not answer."""
        self._ping()
        # Without credentials pushes wait in the outbox: the service is ready, and says what it lacks.
        messaging = "ok" if self._messaging_configured else "not_configured"
        return {"status": "ready", "checks": {"database": "ok", "messaging": messaging}}
