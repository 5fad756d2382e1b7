"""The audit trail: who did what to whom, from where; no secret and no personal data of a contact is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.domain.actor import Actor
from services.domain.ids import new_id
from services.gateways.clock import Clock
from services.store.audit import AuditStore


class Audit:
    """Records what must be answered for later."""

    def __init__(self, store: AuditStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def record(
        self, actor: Actor | None, action: str, *, subject: str, address: str | None = None, **facts: Any
    ) -> None:
        """Append an entry about `subject` (`user:…`); `facts` are codes, ids and counts only.

        `address` says from where when there is no actor who would.
        """
        self._store.append(
            {
                "_id": new_id(),
                "actor": actor.user_id if actor else None,
                "role": actor.role if actor else None,
                "session_id": actor.session_id if actor else None,
                "address": actor.address if actor else address,
                "action": action,
                "subject": subject,
                "facts": facts,
                "at": self._clock.now(),
                "recorded_at": datetime.now(UTC),
            }
        )
