"""Progress for those who lead, and each volunteer's own: sums of tallies, no more of single people than one may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.domain.errors import Forbidden, Invalid
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.figures import counted, named, own_figures
from services.domain.people.actor import Actor
from services.domain.reports.small_cells import without_few
from services.domain.rules.calendar import exit_poll_freeze
from services.gateways.clock import Clock
from services.reports.scope import (
    FEWEST_PEOPLE,
    ReportScope,
    channel_names,
    lies_in,
    natural,
    rounded_to,
    sees_single_people,
    told_row,
)
from services.store.campaigns.campaigns import CampaignStore
from services.store.outcomes.cells import CellStore
from services.store.outcomes.target_tallies import TargetTallyStore
from services.store.people.users import UserStore

Document = dict[str, Any]
# What rows may be by → the field of a cell that says so.
FIELDS: Mapping[str, str] = {
    "district": "district_id",
    "constituency": "constituency_id",
    "part": "part_id",
    "volunteer": "user_id",
    "channel": "channel",
    "day": "day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressQuery:
    """Which rows, of which days; `by` is one of FIELDS."""

    campaign_id: str
    by: str
    from_on: date | None = None
    to_on: date | None = None


class Reports:
    """Sums for dashboards."""

    def __init__(
        self,
        *,
        cells: CellStore,
        campaigns: CampaignStore,
        targets: TargetTallyStore,
        users: UserStore,
        places: Places,
        rulebook: Rulebook,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._cells = cells
        self._campaigns = campaigns
        self._targets = targets
        self._users = users
        self._places = places
        self._scope = ReportScope(places)
        self._rulebook = rulebook
        self._catalogue = catalogue
        self._clock = clock

    def progress(self, actor: Actor, query: ProgressQuery, *, locale: str) -> Document:
        """Return progress; rows of single volunteers for headquarters and their own coordinator only."""
        if query.from_on is not None and query.to_on is not None and query.from_on > query.to_on:
            raise Invalid(to="before_from")
        if query.by == "volunteer" and not sees_single_people(actor):
            raise Forbidden
        now = self._clock.now()
        ruling = self._rulebook.of(query.campaign_id, now)
        sums = self._cells.sums(
            query.campaign_id,
            by=FIELDS[query.by],
            names=self._names(),
            days=_days(query),
            scope=self._scope.of_work(actor),
        )
        targets = self._target_numbers(actor, query)
        keys = sorted({*targets, *(key for key in sums if key is not None)}, key=natural)
        labels = self._labels(query.by, keys, locale)
        frozen = exit_poll_freeze(ruling.controls, ruling.rules.exit_poll, now) is not None
        rows = [
            _row(key, label=labels.get(key, key), counters=sums.get(key, {}), targets=targets.get(key)) for key in keys
        ]
        unverified = {row.name: row.labels[locale] for row in self._catalogue.by_name.values() if row.unverified}
        shown = [_shown_to(actor, row, frozen=frozen) for row in rows]
        return {"rows": shown, "rounded_to": rounded_to(actor), "unverified": unverified, "as_of": now}

    def own(self, actor: Actor) -> Document:
        """Return a volunteer's own figures: `{day, week, campaigns, as_of}`."""
        now = self._clock.now()
        figures = own_figures(self._cells.sums_of_user(actor.user_id, names=self._names()), now=now)
        known = self._campaigns.get_many([row["campaign_id"] for row in figures["campaigns"]])
        rows = [{**row, "name": known[row["campaign_id"]]["name"]} for row in figures["campaigns"]]
        return {**figures, "campaigns": rows, "as_of": now}

    def _names(self) -> list[str]:
        return [
            *("attempts", "contacted", "opt_outs", "late"),
            *(f"outcome:{name}" for name in self._catalogue.by_name),
            *(f"support:{number}" for number in range(6)),
        ]

    def _target_numbers(self, actor: Actor, query: ProgressQuery) -> dict[str, int]:
        if query.by not in {"constituency", "part"}:
            return {}
        numbers = self._targets.numbers(query.campaign_id, by=FIELDS[query.by])
        watched = actor.watches
        if not watched:
            return numbers
        tree = self._places.tree()
        return {key: n for key, n in numbers.items() if key in tree and lies_in(tree[key], query.by, watched)}

    def _labels(self, by: str, keys: list[str], locale: str) -> dict[str, str]:
        if by == "volunteer":
            return {key: user.name for key, user in self._users.by_ids(keys).items()}
        if by == "channel":
            return channel_names(locale)
        if by == "day":
            return {}
        return self._scope.names(keys, locale)


def _days(query: ProgressQuery) -> dict[str, str]:
    bounds = {"$gte": query.from_on, "$lte": query.to_on}
    return {name: bound.isoformat() for name, bound in bounds.items() if bound is not None}


def _row(key: str, *, label: str, counters: Mapping[str, int], targets: int | None) -> Document:
    return {
        "key": key,
        "label": label,
        "targets": targets,
        **counted(counters),
        "support": named(counters, "support:"),
    }


def _shown_to(actor: Actor, row: Document, *, frozen: bool) -> Document:
    """Return the row without what the actor must not see: support in the exit-poll window, cells of a few people."""
    if actor.is_headquarters:
        return row
    if frozen or row["attempts"] < FEWEST_PEOPLE:
        row = {**row, "support": {}}
    if sees_single_people(actor):
        # Opinions of a few are nobody's but headquarters', as in the report of answers.
        support = without_few(row["support"], fewest=FEWEST_PEOPLE, whole=True)
        return {**row, "support": {step: people for step, people in support.items() if people is not None}}
    return told_row(actor, row)
