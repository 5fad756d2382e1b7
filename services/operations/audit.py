"""The audit trail: who did what to whom, from where; no secret and no personal data of a contact is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.domain.errors import Invalid
from services.domain.ids import new_id
from services.domain.paging import Page, PageRequest, page_of
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.store.audit import KEPT, AuditStore
from services.store.collection import Document


class Audit:
    """Records what must be answered for later, and finds it again."""

    def __init__(self, store: AuditStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def record(
        self, actor: Actor | None, action: str, *, subject: str, address: str | None = None, **facts: Any
    ) -> None:
        """Append an entry about `subject` (`user:…`); `facts` are codes, ids and counts only.

        `address` says from where when there is no actor who would.
        """
        now = self._clock.now()
        self._store.append(
            {
                "_id": new_id(now),
                "actor": actor.user_id if actor else None,
                "role": actor.role if actor else None,
                "session_id": actor.session_id if actor else None,
                "address": actor.address if actor else address,
                "action": action,
                "subject": subject,
                "facts": facts,
                "at": now,
                "recorded_at": datetime.now(UTC),
            }
        )

    def list_page(
        self, page: PageRequest, *, filters: Mapping[str, str | None], since: datetime | None, until: datetime | None
    ) -> Page[dict[str, Any]]:
        """Return entries by actor, subject and action within [since, until), the newest first."""
        latest = self._clock.now() + timedelta(milliseconds=1)
        end = min(until or latest, latest)
        start = max(since or latest - KEPT, latest - KEPT)
        if since is not None and until is not None and since >= until:
            raise Invalid(to="before_from")
        given = {name: value for name, value in filters.items() if value is not None}
        before = page.after_text()
        found = self._store.list_page(filters=given, since=start, until=end, before=before, limit=page.limit + 1)
        return page_of([_wire(entry) for entry in found], page, lambda entry: (entry["id"],))


def _wire(entry: Document) -> dict[str, Any]:
    shown = ("actor", "role", "session_id", "address", "action", "subject", "facts", "at")
    return {"id": entry["_id"], **{name: entry[name] for name in shown}}
