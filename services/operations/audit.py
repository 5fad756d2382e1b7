"""The audit trail: who did what to whom, from where; no secret and no personal data of a contact is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from services.domain.audit.chain import SIGNATURE, signature
from services.domain.audit.entries import Subjects, scrubbed
from services.domain.errors import Invalid
from services.domain.ids import derived_id, new_id
from services.domain.paging import Page, PageRequest, page_of
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.store.audit import KEPT, AuditStore
from services.store.collection import Document


class Audit:
    """Records what must be answered for later, and finds it again."""

    def __init__(self, store: AuditStore, clock: Clock, subjects: Subjects, *, mac: Callable[[str], str]) -> None:
        self._store = store
        self._mac = mac
        self._clock = clock
        self._subjects = subjects

    def record(
        self, actor: Actor | None, action: str, *, subject: str, address: str | None = None, **facts: Any
    ) -> None:
        """Append an entry about `subject` (`user:…`); `facts` are codes, ids and counts only.

        `address` says from where when there is no actor who would.
        """
        now = self._clock.now()
        entry = self._entry(actor, action, subject, facts, address=address)
        self._store.append(self._signed({"_id": new_id(now), "at": now, **entry}))

    def record_once(self, actor: Actor, action: str, *, subject: str, once: str, since: datetime, **facts: Any) -> None:
        """Append an entry that `once` names among those of its subject and session: asked again it is the same.

        `since` is when it could first have happened; it stands for the time, so that the entry has one place.
        """
        self.append_once([self.once(actor, action, subject=subject, once=once, since=since, **facts)])

    def once(
        self,
        actor: Actor,
        action: str,
        *,
        subject: str,
        once: str,
        since: datetime,
        in_session: bool = True,
        **facts: Any,
    ) -> Document:
        """Return the entry that `record_once` appends, for many to be appended together.

        Not `in_session`, it is one of its subject from whatever session it came, or from the worker.
        """
        key = derived_id(since, action, subject, *([actor.session_id] if in_session else []), once)
        entry = self._entry(actor, action, subject, facts)
        return self._signed({"_id": key, "at": self._clock.now(), **entry})

    def append_once(self, entries: Sequence[Document]) -> None:
        """Append those entries made by `once` that were not noted before."""
        self._store.append_once(entries)

    def _signed(self, entry: Document) -> Document:
        return {**entry, SIGNATURE: signature(entry, self._mac)}

    def _entry(
        self, actor: Actor | None, action: str, subject: str, facts: Mapping[str, Any], *, address: str | None = None
    ) -> Document:
        return {
            "actor": actor.user_id if actor else None,
            "role": actor.kind if actor else None,
            "session_id": actor.session_id if actor else None,
            "address": actor.address if actor else address,
            # What the log has of the same request; the worker and the command line have none.
            "request_id": structlog.contextvars.get_contextvars().get("request_id"),
            "action": action,
            "subject": self._subjects.qualified(action, subject),
            "facts": scrubbed(facts),
            "recorded_at": datetime.now(UTC),
            "chunk": None,
        }

    def list_page(
        self, page: PageRequest, *, filters: Mapping[str, str | None], since: datetime | None, until: datetime | None
    ) -> Page[dict[str, Any]]:
        """Return entries by actor, subject and action within [since, until), the newest first."""
        latest = self._clock.now() + timedelta(milliseconds=1)
        end = min(until or latest, latest)
        start = max(since or latest - KEPT, latest - KEPT)
        if since is not None and until is not None and since >= until:
            raise Invalid(to="before_from")
        given: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
        if "subject" in given:
            given["subject"] = self._subjects.named(given["subject"])
        before = page.after_text()
        found = self._store.list_page(filters=given, since=start, until=end, before=before, limit=page.limit + 1)
        return page_of([_wire(entry) for entry in found], page, lambda entry: (entry["id"],))


def _wire(entry: Document) -> dict[str, Any]:
    shown = ("actor", "role", "session_id", "address", "request_id", "action", "subject", "facts", "at", "chunk")
    return {"id": entry["_id"], **{name: entry.get(name) for name in shown}}
