"""Whether a request comes from our own app: not asked, told to the log, or a condition of being let in."""

from __future__ import annotations

from services.domain.errors import Unauthenticated, Unavailable
from services.gateways.app_check import FirebaseAppCheck

OFF, LOG, ENFORCE = "off", "log", "enforce"
MODES = (OFF, LOG, ENFORCE)


class AppCheck:
    """Judges the App Check token that came with a request."""

    def __init__(self, gateway: FirebaseAppCheck, *, mode: str) -> None:
        self._gateway = gateway
        self.enforced = mode == ENFORCE
        # Without a Firebase project there is nothing to judge by; enforcing it then refuses everything.
        self.asked = mode == ENFORCE or (mode == LOG and gateway.available)

    def judge(self, token: str | None) -> str:
        """Return `valid`, `missing`, `invalid`, or `unavailable` when nobody can tell."""
        if not token:
            return "missing"
        try:
            self._gateway.verify(token)
        except Unauthenticated:
            return "invalid"
        except Unavailable:
            return "unavailable"
        return "valid"
