"""What the audit trail is told when numbers are shown: whose, in which batch, to which sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.domain.people.actor import Actor
from services.operations.audit import Audit

Document = dict[str, Any]


def note_revealed(audit: Audit, actor: Actor, batch: Document, granted: list[str]) -> None:
    """Log what is about to be revealed: before it is, so that nothing is ever shown that no entry tells of."""
    audit.record(
        actor,
        "batch.open",
        subject=f"batch:{batch['_id']}",
        items=granted,
        contacts=[contact for item in batch["items"] if item["id"] in granted for contact in item["contacts"]],
        revealed=len(granted),
        channel=batch["channel"],
    )


def note_shown(audit: Audit, actor: Actor, batch: Document, *, now: datetime) -> None:
    """Log that an opened batch is shown to another sign-in than the one that opened it, once an hour at most."""
    contacts = [contact for item in batch["items"] if item["opened_at"] is not None for contact in item["contacts"]]
    if batch.get("opened_in") in {None, actor.session_id} or not contacts:
        return
    hour = now.replace(minute=0, second=0, microsecond=0)
    facts = {"contacts": contacts, "channel": batch["channel"]}
    audit.record_once(
        actor, "batch.show", subject=f"batch:{batch['_id']}", once=str(len(contacts)), since=hour, **facts
    )
