"""How volunteers fare: a ranking by people spoken with, and each volunteer's own row for whoever manages them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.campaigns.places import Places
from services.domain.errors import Forbidden, Invalid
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.figures import counted
from services.domain.paging import Page, PageRequest, page_of
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.reports.scope import ReportScope, rounded_to, sees_single_people, told_row
from services.store.campaigns.campaigns import CampaignStore
from services.store.outcomes.cells import CellStore
from services.store.people.users import UserStore

Document = dict[str, Any]
_FIELDS = {"volunteer": "user_id", "district": "district_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The first and the last day that count, in Indian time; None is no bound."""

    from_on: date | None = None
    to_on: date | None = None

    def bounds(self) -> dict[str, str]:
        """Return the bounds of a query over days; raise Invalid when the last comes before the first."""
        if self.from_on is not None and self.to_on is not None and self.from_on > self.to_on:
            raise Invalid(to="before_from")
        bounds = {"$gte": self.from_on, "$lte": self.to_on}
        return {name: bound.isoformat() for name, bound in bounds.items() if bound is not None}


class VolunteerReports:
    """Sums of the cells of work by volunteer, or by their home district for those who may not see single people."""

    def __init__(
        self,
        *,
        cells: CellStore,
        campaigns: CampaignStore,
        users: UserStore,
        places: Places,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._cells = cells
        self._campaigns = campaigns
        self._users = users
        self._scope = ReportScope(places)
        self._catalogue = catalogue
        self._clock = clock

    def leaderboard(
        self, actor: Actor, *, campaign_id: str, by: str | None, days: Days, limit: int, locale: str
    ) -> Document:
        """Return `{by, rows, as_of}`, ranked by people spoken with, then by the fewer attempts that it took.

        Ranking by conversations and not by attempts, for whoever is ranked by dialling will dial. Equals share a rank.
        """
        by = by or ("volunteer" if sees_single_people(actor) else "district")
        if by == "volunteer" and not sees_single_people(actor):
            raise Forbidden
        bounds = days.bounds()
        self._campaigns.get(campaign_id)
        sums = self._cells.sums(
            campaign_id, by=_FIELDS[by], names=self._names(), days=bounds, scope=self._scope.of_work(actor)
        )
        # Ranked by what is told, for the order tells as well.
        shown = {key: told_row(actor, counted(row)) for key, row in sums.items() if key is not None}
        found = {key: row for key, row in shown.items() if row["attempts"]}
        ranked = _ranked(found)[:limit]
        keys = [key for _, key in ranked]
        names = self._names_of(by, keys, locale)
        rows = [{"rank": rank, "key": key, "label": names.get(key, key), **found[key]} for rank, key in ranked]
        return {"by": by, "rows": rows, "rounded_to": rounded_to(actor), "as_of": self._clock.now()}

    def list_page(
        self, actor: Actor, page: PageRequest, *, campaign_id: str, area: str | None, days: Days
    ) -> Page[Document]:
        """Return the volunteers of a district, or of all, with their figures; a coordinator sees the own district's."""
        bounds = days.bounds()
        self._campaigns.get(campaign_id)
        home = area if actor.is_headquarters else actor.home_area or ""
        filters = {"role": "volunteer", **({"home_area": home} if home is not None else {})}
        if area not in {None, home}:
            return Page([])
        after = page.after_text()
        people = self._users.list_page(filters=filters, words=(), phone=None, after=after, limit=page.limit + 1)
        shown = page_of(people, page, lambda user: (user.id,))
        by_day = self._cells.sums_of_users(
            campaign_id, [user.id for user in shown.items], names=self._names(), days=bounds
        )
        return shown.map(lambda user: _row(user, by_day.get(user.id, {})))

    def _names(self) -> list[str]:
        return ["attempts", "contacted", "opt_outs", "late", *(f"outcome:{name}" for name in self._catalogue.by_name)]

    def _names_of(self, by: str, keys: Sequence[str], locale: str) -> dict[str, str]:
        if by == "district":
            return self._scope.names(keys, locale)
        return {key: user.name for key, user in self._users.by_ids(keys).items()}


def _ranked(found: Mapping[str, Document]) -> list[tuple[int, str]]:
    """Return `(rank, key)`, the best first; those with the same figures have the same rank."""

    def merit(key: str) -> tuple[int, int]:
        return -(found[key]["contacted"] or 0), found[key]["attempts"]

    rows: list[tuple[int, str]] = []
    for at, key in enumerate(sorted(found, key=lambda key: (*merit(key), key))):
        same = rows and merit(rows[-1][1]) == merit(key)
        rows.append((rows[-1][0] if same else at + 1, key))
    return rows


def _row(user: Any, by_day: Mapping[str, Mapping[str, int]]) -> Document:
    total: Counter[str] = Counter()
    for counters in by_day.values():
        total.update(counters)
    worked = [day for day, counters in by_day.items() if counters.get("attempts")]
    return {
        "user_id": user.id,
        "name": user.name,
        "home_area": user.home_area,
        "state": user.state,
        "days_worked": len(worked),
        "last_worked_on": date.fromisoformat(max(worked)) if worked else None,
        **counted(total),
    }
