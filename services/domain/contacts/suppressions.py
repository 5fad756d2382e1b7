"""Opt-outs: what is kept of one, and under which keys it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# Why somebody must not be contacted; the first three come from people's own words.
REASONS = ("opted_out", "do_not_contact", "rights_request", "complaint", "deceased", "erased", "court_order", "other")


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """One address, or one person with whatever address (`id` is then `person:<contact>`), that is never contacted.

    `shown` is the masked address; it is kept sealed and goes with the person's data, the key stays for ever.
    """

    id: str
    kind: str
    reason: str
    origin: str
    at: datetime
    by: str | None = None
    note: str | None = None
    shown: str | None = None
    persons: tuple[str, ...] = ()
    """The people whose opt-out covers this address: lifted with the last of them, unless it stands for itself."""
    direct: bool = True


def person_key(contact_id: str) -> str:
    """Return under which key the opt-out of a whole person is kept."""
    return f"person:{contact_id}"
