"""The day's digest: what was done, beside the day before, by which districts, and how far a campaign has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from services.campaigns.places import Places
from services.domain.ist import IST
from services.domain.people.actor import Actor
from services.domain.reports.digest import DigestTexts
from services.gateways.clock import Clock
from services.reports.results import ResultReports
from services.reports.scope import ReportScope, rounded_to, told
from services.store.campaigns.campaigns import CampaignStore
from services.store.outcomes.cells import CellStore

Document = dict[str, Any]
# Without a campaign the digest is of the live ones, the newest first; each costs two reads.
_MOST_CAMPAIGNS = 5
_DISTRICTS_NAMED = 3
_NAMES = ("attempts", "contacted", "opt_outs", "late")


class Digests:
    """One digest a campaign."""

    def __init__(
        self,
        *,
        cells: CellStore,
        campaigns: CampaignStore,
        results: ResultReports,
        places: Places,
        texts: DigestTexts,
        clock: Clock,
    ) -> None:
        self._cells = cells
        self._campaigns = campaigns
        self._results = results
        self._scope = ReportScope(places)
        self._texts = texts
        self._clock = clock

    def of_day(self, actor: Actor, *, campaign_id: str | None, on: date | None, locale: str) -> Document:
        """Return `{on, campaigns, as_of}` of a day (None: today, in Indian time); raise NotFound."""
        now = self._clock.now()
        day = on or now.astimezone(IST).date()
        if campaign_id is not None:
            campaigns = [self._campaigns.get(campaign_id)]
        else:
            live = sorted(self._campaigns.list_live(), key=lambda one: str(one["_id"]), reverse=True)
            campaigns = live[:_MOST_CAMPAIGNS]
        days = [(day - timedelta(days=back)).isoformat() for back in (0, 1)]
        sums = self._cells.sums_of_days(
            [one["_id"] for one in campaigns], names=_NAMES, days=days, scope=self._scope.of_work(actor)
        )
        by_campaign: dict[str, list[tuple[str, str | None, str, Mapping[str, int]]]] = {}
        for (campaign, when, district, user), counters in sums.items():
            by_campaign.setdefault(campaign, []).append((when, district, user, counters))
        items = [self._item(actor, one, days, by_campaign.get(one["_id"], []), locale) for one in campaigns]
        return {"on": day, "campaigns": items, "rounded_to": rounded_to(actor), "as_of": now}

    def _item(
        self,
        actor: Actor,
        campaign: Document,
        days: list[str],
        rows: list[tuple[str, str | None, str, Mapping[str, int]]],
        locale: str,
    ) -> Document:
        today, before = (_figures(actor, [row for row in rows if row[0] == day]) for day in days)
        stages = self._results.stages(actor, campaign, area=None, channel=None)["stages"]
        people = {stage["key"]: stage["people"] for stage in stages}
        figures = {
            **{name: today[name] for name in ("volunteers", "attempts", "contacted")},
            "contacted_before": before["contacted"],
            "targets": people["targets"],
            "spoken": people["spoken"],
        }
        return {
            "campaign_id": campaign["_id"],
            "name": campaign["name"],
            "day": today,
            "day_before": before,
            "people": people,
            "districts": self._districts(actor, [row for row in rows if row[0] == days[0]], locale),
            "text": self._texts.text(locale, on=days[0], name=campaign["name"], figures=figures),
        }

    def _districts(self, actor: Actor, rows: list[Any], locale: str) -> list[Document]:
        """Return the districts whose volunteers spoke with most people that day."""
        sums: dict[str, Counter[str]] = {}
        for _, district, _, counters in rows:
            if district is not None:
                sums.setdefault(district, Counter()).update(counters)
        shown = {
            key: {name: told(actor, counts[name]) for name in ("attempts", "contacted")} for key, counts in sums.items()
        }
        some = [key for key, figures in shown.items() if figures["attempts"]]
        merit = {key: (-(shown[key]["contacted"] or 0), shown[key]["attempts"], key) for key in some}
        first = sorted(some, key=lambda key: merit[key])[:_DISTRICTS_NAMED]
        names = self._scope.names(first, locale)
        return [{"key": key, "label": names.get(key, key), **shown[key]} for key in first]


def _figures(actor: Actor, rows: list[tuple[str, str | None, str, Mapping[str, int]]]) -> Document:
    """Return the sums of a day, as the actor may see them."""
    total: Counter[str] = Counter()
    for _, _, _, counters in rows:
        total.update(counters)
    volunteers = len({user for _, _, user, counters in rows if counters.get("attempts")})
    return {"volunteers": told(actor, volunteers), **{name: told(actor, total[name]) for name in _NAMES}}
