"""Rows of exports that are read whole or page by page: progress, volunteers, the audit trail, suppressions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.domain.exports.exports import Id, Portion, text_of
from services.domain.ist import IST
from services.domain.outcomes.dispositions import Catalogue
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.reports.reports import ProgressQuery, Reports
from services.reports.volunteers import Days, VolunteerReports
from services.store.audit import KEPT, AuditStore
from services.store.collection import Document
from services.store.contacts.suppressions import SuppressionStore
from services.store.people.users import UserStore

_PAGE = 200
_FIGURES = ("attempts", "contacted", "contact_rate", "opt_outs", "late")


class ProgressRows:
    """The report of progress as whoever asked sees it."""

    def __init__(self, reports: Reports, catalogue: Catalogue) -> None:
        self._reports = reports
        self._catalogue = catalogue

    def columns(self, export: Document) -> Sequence[str]:
        """Return the names of the columns."""
        return (export["filter"].get("by", "constituency"), "label", "targets", *_FIGURES, *self._catalogue.by_name)

    def steps(self, export: Document) -> Sequence[str]:
        """Return the one step."""
        return ["all"]

    def portion(self, export: Document, actor: Actor, step: str) -> Portion:
        """Return all rows."""
        wanted = export["filter"]
        query = ProgressQuery(
            campaign_id=wanted["campaign_id"],
            by=wanted.get("by", "constituency"),
            from_on=_day(wanted.get("from")),
            to_on=_day(wanted.get("to")),
        )
        rows = self._reports.progress(actor, query, locale=export["locale"])["rows"]
        shown = [
            [
                *(row[name] for name in ("key", "label", "targets", *_FIGURES)),
                *(row["outcomes"].get(name, 0) for name in self._catalogue.by_name),
            ]
            for row in rows
        ]
        return Portion(shown)


class VolunteerRows:
    """Volunteers with what each has done in a campaign; names and numbers are personal."""

    _OPEN = ("user_id", "home_area", "state", "days_worked", "last_worked_on")

    def __init__(self, reports: VolunteerReports, users: UserStore) -> None:
        self._reports = reports
        self._users = users

    def columns(self, export: Document) -> Sequence[str]:
        """Return the names of the columns."""
        more = [*(["name"] if export["personal"] else []), *(["phone"] if export["numbers"] else [])]
        return (*self._OPEN, *_FIGURES, *more)

    def steps(self, export: Document) -> Sequence[str]:
        """Return the one step."""
        return ["all"]

    def portion(self, export: Document, actor: Actor, step: str) -> Portion:
        """Return everybody, page by page."""
        wanted = export["filter"]
        days = Days(from_on=_day(wanted.get("from")), to_on=_day(wanted.get("to")))

        def page(request: PageRequest) -> Page[Document]:
            return self._reports.list_page(
                actor, request, campaign_id=wanted["campaign_id"], area=wanted.get("area"), days=days
            )

        rows = []
        for some in _pages(page):
            phones = self._users.by_ids([one["user_id"] for one in some]) if export["numbers"] else {}
            for one in some:
                row = [one[name] for name in (*self._OPEN, *_FIGURES)]
                row += [one["name"]] if export["personal"] else []
                row += [phones[one["user_id"]].phone] if export["numbers"] else []
                rows.append(row)
        return Portion(rows)


class AuditRows:
    """Entries of the audit trail, day by day; the network addresses of people are personal."""

    _OPEN = ("id", "at", "action", "subject", "actor", "role", "facts")

    def __init__(self, entries: AuditStore) -> None:
        self._entries = entries

    def columns(self, export: Document) -> Sequence[str]:
        """Return the names of the columns."""
        return (*self._OPEN, *(("session_id", "address") if export["personal"] else ()))

    def steps(self, export: Document) -> Sequence[str]:
        """Return the days, in Indian time."""
        last = _day(export["filter"].get("to")) or export["asked_at"].astimezone(IST).date()
        first = max(_day(export["filter"].get("from")) or date.min, (export["asked_at"] - KEPT).astimezone(IST).date())
        return [(first + timedelta(days=at)).isoformat() for at in range(max(0, (last - first).days + 1))]

    def portion(self, export: Document, actor: Actor, step: str) -> Portion:
        """Return the entries of one day."""
        start = datetime.combine(date.fromisoformat(step), time(), tzinfo=IST).astimezone(UTC)
        wanted = export["filter"]
        filters = {name: wanted[name] for name in ("actor", "action") if name in wanted}
        found = self._entries.walk(filters=filters, since=start, until=start + timedelta(days=1))
        return Portion([self._row(entry, personal=export["personal"]) for entry in found])

    def _row(self, entry: Document, *, personal: bool) -> list[Any]:
        facts = json.dumps(entry["facts"], ensure_ascii=False, sort_keys=True, default=text_of)
        shown = {**entry, "id": entry["_id"], "facts": facts}
        return [shown.get(name) for name in (*self._OPEN, *(("session_id", "address") if personal else ()))]


class SuppressionRows:
    """Who must not be contacted, by key; the masked address and whose it is are personal."""

    _OPEN = ("id", "kind", "reason", "origin", "at", "by")

    def __init__(self, store: SuppressionStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def columns(self, export: Document) -> Sequence[str]:
        """Return the names of the columns."""
        return (*self._OPEN, *(("address_masked", "contact_ids") if export["personal"] else ()))

    def steps(self, export: Document) -> Sequence[str]:
        """Return the one step."""
        return ["all"]

    def portion(self, export: Document, actor: Actor, step: str) -> Portion:
        """Return all of them, the latest first."""
        wanted, now = export["filter"], self._clock.now()
        rows = []
        contacts: list[str] = []
        for some in _pages(lambda request: self._store.list_page(request, now=now)):
            for one in some:
                day = one.at.astimezone(IST).date().isoformat()
                if wanted.get("from", day) <= day <= wanted.get("to", day):
                    personal = [one.shown, list(one.persons)] if export["personal"] else []
                    rows.append([Id(one.id), *(getattr(one, name) for name in self._OPEN[1:]), *personal])
                    contacts += one.persons
        return Portion(rows, contacts)


def _pages(read: Callable[[PageRequest], Page[Any]]) -> Iterator[Sequence[Any]]:
    cursor: str | None = None
    while True:
        page = read(PageRequest.parse(limit=_PAGE, cursor=cursor))
        yield page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
