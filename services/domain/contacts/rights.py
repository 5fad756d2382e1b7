"""What people may ask for about their own data, and until when it is due (DPDP 2023 s.11-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

STOP, ERASE = "stop", "erase"
KINDS = (STOP, "access", "correct", ERASE, "complain")
RESULTS = ("done", "refused", "not_proven")


@dataclass(frozen=True, kw_only=True)
class RightsRequest:
    """One request; `contact_ids` are the people whom the number reaches, `districts` theirs."""

    id: str
    kind: str
    phone: str
    note: str | None
    received_at: datetime
    due_on: date
    state: str
    contact_ids: tuple[str, ...]
    districts: tuple[str, ...]
    result: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None
    version: int = 1
