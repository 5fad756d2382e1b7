"""What phones say about themselves when they sync: kept when it changed, and else every few minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.store.sync.health import SyncHealthStore

_NOTED_EVERY = timedelta(minutes=5)
_SKEW_MATTERS_S = 60


@dataclass(frozen=True, kw_only=True)
class PhoneReport:
    """What came with a sync: by the phone's clock sent when, and how much waits there to be uploaded."""

    sent_at: datetime | None = None
    pending: int | None = None
    oldest_pending_at: datetime | None = None
    app_version: str | None = None


class SyncHealth:
    """One read for each sync; a write only when there is something to keep."""

    def __init__(self, store: SyncHealthStore) -> None:
        self._store = store

    def list_page(self, actor: Actor, page: PageRequest, *, area: str | None) -> Page[dict[str, Any]]:
        """Return how the phones of volunteers fare: a coordinator sees the own district's, headquarters any."""
        if not actor.is_headquarters:
            area = actor.home_area or ""
        return self._store.list_page(page, district_id=area)

    def note(self, actor: Actor, report: PhoneReport, now: datetime) -> None:
        """Keep what the phone of this sign-in says; `skew_s` is how far its clock runs ahead."""
        skew_s = round((report.sent_at - now).total_seconds()) if report.sent_at else None
        kept = self._store.find(actor.session_id)
        said = {
            "pending": report.pending,
            "oldest_pending_at": report.oldest_pending_at,
            "app_version": report.app_version,
        }
        if (
            kept is not None
            and now - kept["last_seen_at"] < _NOTED_EVERY
            and all(kept[name] == value for name, value in said.items())
            and abs((kept["skew_s"] or 0) - (skew_s or 0)) < _SKEW_MATTERS_S
        ):
            return
        facts = {"user_id": actor.user_id, "district_id": actor.home_area, "last_seen_at": now, "skew_s": skew_s}
        self._store.keep(actor.session_id, {**facts, **said})
