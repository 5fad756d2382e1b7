"""What came of each person: response rates by AAPOR, and how far down the funnel people have come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.campaigns.places import Places
from services.domain.areas import Area
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.results import ALL
from services.domain.people.actor import CHANNELS, Actor
from services.domain.reports.rates import Cases, eligibility, rates, without_hidden
from services.gateways.clock import Clock
from services.reports.scope import ReportScope, channel_names, natural, rounded_to, told
from services.store.campaigns.campaigns import CampaignStore
from services.store.outcomes.result_tallies import ResultTallyStore
from services.store.outcomes.target_tallies import TargetTallyStore

Document = dict[str, Any]
STANDARD = "AAPOR Standard Definitions, 9th edition (2016)"
_NOT_YET = "unattempted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesQuery:
    """Whose rates: of a campaign or an area of it, on one channel or over all; `by` says what rows are of.

    `e` is given by whoever knows better than proportional allocation; `unattempted` counts who was never tried as UH.
    """

    campaign_id: str
    by: str | None = None
    area: str | None = None
    channel: str | None = None
    e: float | None = None
    unattempted: bool = False


class ResultReports:
    """Reads the tallies of final dispositions: two reads whatever was told."""

    def __init__(
        self,
        *,
        results: ResultTallyStore,
        targets: TargetTallyStore,
        campaigns: CampaignStore,
        places: Places,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._results = results
        self._targets = targets
        self._campaigns = campaigns
        self._scope = ReportScope(places)
        self._catalogue = catalogue
        self._clock = clock

    def rates(self, actor: Actor, query: RatesQuery, *, locale: str) -> Document:
        """Return the rates of all together and, with `by`, of each row.

        Cells of a few people are kept from observers and experts. Raises NotFound for an unknown campaign, Invalid
        for an unknown area.
        """
        parts = self._scope.of_parts(actor, self._campaigns.get(query.campaign_id), area=query.area)
        people = self._people(query.campaign_id, parts)
        channel = query.channel or ALL
        total: Counter[str] = sum((people[part.id].get(channel, Counter()) for part in parts), Counter())
        return {
            **self._rated(actor, total, query),
            "rows": self._rows(actor, query, parts, people, locale),
            "rounded_to": rounded_to(actor),
            "standard": STANDARD,
            "as_of": self._clock.now(),
        }

    def funnel(self, actor: Actor, *, campaign_id: str, area: str | None, channel: str | None) -> Document:
        """Return `{stages, opt_outs, as_of}`; raise NotFound for an unknown campaign, Invalid for an unknown area."""
        found = self.stages(actor, self._campaigns.get(campaign_id), area=area, channel=channel)
        return {**found, "rounded_to": rounded_to(actor), "as_of": self._clock.now()}

    def stages(self, actor: Actor, campaign: Mapping[str, Any], *, area: str | None, channel: str | None) -> Document:
        """Return `{stages, opt_outs}`: people enrolled, tried, reached, spoken with, done with.

        Raises Invalid for an unknown area.
        """
        parts = self._scope.of_parts(actor, campaign, area=area)
        people = self._people(campaign["_id"], parts)
        counts: Counter[str] = sum((people[part.id].get(channel or ALL, Counter()) for part in parts), Counter())
        cases = Cases.of(self._classes(counts))
        stages = [
            ("targets", counts.total()),
            ("attempted", counts.total() - counts[_NOT_YET]),
            ("reached", cases.contacted),
            ("spoken", cases.interviewed),
            ("completed", cases.I),
        ]
        opted_out = sum(n for name, n in counts.items() if name != _NOT_YET and self._stops(name))
        return {
            "stages": [{"key": key, "people": told(actor, number)} for key, number in stages],
            "opt_outs": told(actor, opted_out),
        }

    def _people(self, campaign_id: str, parts: Iterable[Area]) -> dict[str, dict[str, Counter[str]]]:
        """Return by part and channel how many people have which final disposition, and how many none yet."""
        enrolled = self._targets.numbers(campaign_id, by="part_id")
        counted = {one["part_id"]: one["results"] for one in self._results.read(campaign_id)}
        people: dict[str, dict[str, Counter[str]]] = {}
        for part in parts:
            found = counted.get(part.id, {})
            by_channel = {name: Counter(found.get(name, {})) for name in (ALL, *CHANNELS)}
            for counts in by_channel.values():
                counts[_NOT_YET] = max(0, enrolled.get(part.id, 0) - counts.total())
            people[part.id] = by_channel
        return people

    def _rows(
        self,
        actor: Actor,
        query: RatesQuery,
        parts: Iterable[Area],
        people: Mapping[str, Mapping[str, Counter[str]]],
        locale: str,
    ) -> list[Document]:
        if query.by is None:
            return []
        rows: dict[str, Counter[str]] = {}
        for part in parts:
            for channel, counts in people[part.id].items():
                by_channel = query.by == "channel"
                if channel == (query.channel or ALL) or (by_channel and channel != ALL and query.channel is None):
                    key = channel if by_channel else part.id if query.by == "part" else part.parent_id or ""
                    rows.setdefault(key, Counter()).update(counts)
        tried = {key: counts for key, counts in rows.items() if key != ALL and counts.total() > counts[_NOT_YET]}
        names = channel_names(locale) if query.by == "channel" else self._scope.names(list(tried), locale)
        return [
            {"key": key, "label": names.get(key, key), **self._rated(actor, tried[key], query)}
            for key in sorted(tried, key=natural)
        ]

    def _rated(self, actor: Actor, counts: Counter[str], query: RatesQuery) -> Document:
        attempted = told(actor, counts.total() - counts[_NOT_YET])
        classes = self._classes(counts)
        unclassified = classes.pop("", 0)
        if query.unattempted:
            classes["UH"] += counts[_NOT_YET]
        # Rates are made of the cases that are told, and of these alone.
        shown = {name: told(actor, classes[name]) for name in Cases.__slots__}
        cases = Cases.of({name: number or 0 for name, number in shown.items()})
        untold = {name for name, number in shown.items() if number is None}
        e = eligibility(cases) if query.e is None else query.e
        method = "given" if query.e is not None else "none" if e is None else "proportional_allocation"
        found = dict.fromkeys(rates(cases, e)) if attempted is None else without_hidden(rates(cases, e), untold)
        return {
            "people": attempted,
            "unattempted": told(actor, counts[_NOT_YET]),
            "unclassified": told(actor, unclassified),
            "cases": shown,
            "dispositions": self._dispositions(actor, counts),
            "e": {"value": None if e is None or attempted is None else round(e, 4), "method": method},
            "rates": found,
        }

    def _classes(self, counts: Mapping[str, int]) -> Counter[str]:
        """Return people by AAPOR class; those whose code has none stand under the empty one."""
        classes: Counter[str] = Counter()
        for name, number in counts.items():
            if name != _NOT_YET:
                classes[self._catalogue.by_name[name].aapor_class or ""] += number
        return classes

    def _dispositions(self, actor: Actor, counts: Mapping[str, int]) -> list[Document]:
        """Return people by disposition, those that the actor may see."""
        rows = [
            (self._catalogue.by_name[name], told(actor, people)) for name, people in counts.items() if name != _NOT_YET
        ]
        return [
            {"disposition": row.name, "aapor_code": row.aapor_code, "aapor_class": row.aapor_class, "people": people}
            for row, people in sorted(rows, key=lambda pair: (pair[0].aapor_code or "9", pair[0].name))
            if people
        ]

    def _stops(self, name: str) -> bool:
        return "suppress" in self._catalogue.by_name[name].effects
