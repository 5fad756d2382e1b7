"""What people may ask for about their own data, and until when it is due (DPDP 2023 s.11-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

STOP, ERASE, COMPLAIN = "stop", "erase", "complain"
KINDS = (STOP, "access", "correct", ERASE, COMPLAIN)
RESULTS = ("done", "refused", "not_proven")
# How somebody showed that the number is theirs.
PROOFS = ("callback", "in_person", "document")


@dataclass(frozen=True, kw_only=True)
class RightsRequest:
    """One request; `contact_ids` are the people whom the number reaches, `districts` theirs.

    `phone` is None once the time for keeping it is over: that and when it was answered is the proof that stays.
    """

    id: str
    kind: str
    phone: str | None
    note: str | None
    received_at: datetime
    due_on: date
    state: str
    contact_ids: tuple[str, ...]
    districts: tuple[str, ...]
    proof: str | None = None
    proven_by: str | None = None
    proven_at: datetime | None = None
    result: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None
    version: int = 1
