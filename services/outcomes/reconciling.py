"""The recount: everything derived is counted anew from outcomes and compared, part by part; `repair` draws it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from services.campaigns.rulebook import Rulebook, Ruling
from services.contacts.opt_outs import Asked, OptOuts
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.outcomes import count_states
from services.domain.outcomes.standing import VOID
from services.domain.outcomes.tallies import Attempt, attempts_by_cell, count, count_cell, marks_of_item
from services.gateways.clock import Clock
from services.outcomes.projecting import Projecting
from services.outcomes.result_counts import ResultCounts
from services.store.outcomes.marks import standing_fields
from services.store.stores import Stores

Document = dict[str, Any]
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """A derived figure that is not what outcomes say; `item_id` names where to draw the consequences again."""

    kind: str
    subject: str
    stored: Any
    counted: Any
    item_id: str | None = None


class Reconciling:
    """Counts campaign by campaign and part by part, so that memory holds one part's outcomes at a time."""

    def __init__(
        self,
        *,
        stores: Stores,
        projecting: Projecting,
        results: ResultCounts,
        opt_outs: OptOuts,
        rulebook: Rulebook,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._opt_outs = opt_outs
        self._projecting = projecting
        self._results = results
        self._rulebook = rulebook
        self._catalogue = catalogue
        self._clock = clock

    def run(self, *, repair: bool = False) -> list[Difference]:
        """Return every difference; with `repair`, what was different before its consequences were drawn again."""
        while repair and self._projecting.run():
            pass
        found = [*self._batches()]
        lost: list[Asked] = []
        for campaign in self._stores.outcomes.campaigns():
            ruling = self._rulebook.of(campaign, self._clock.now())
            cells: dict[str, list[Attempt]] = defaultdict(list)
            parts = self._stores.outcomes.parts(campaign)
            for part_id in parts:
                found += self._part(campaign, part_id, ruling, cells, lost)
            found += self._cells(campaign, cells)
            found += [
                Difference("result_tally", f"{campaign}|{part_id}", stored, counted)
                for part_id, stored, counted in self._results.differences(campaign, parts)
            ]
        # Opt-outs in conflicts and from lost phones count nowhere, but they bite, settled whichever way.
        lost += [*self._lost(self._stores.outcomes.walk_twins()), *self._lost(self._stores.held_outcomes.walk())]
        found += [_suppression(one) for one in {one.suppression.id: one for one in lost}.values()]
        if repair:
            self._repair(found)
            self._opt_outs.restore(lost)
        return found

    def _part(
        self, campaign: str, part_id: str, ruling: Ruling, cells: dict[str, list[Attempt]], lost: list[Asked]
    ) -> Iterator[Difference]:
        by_item: dict[str, list[Document]] = defaultdict(list)
        for outcome in self._stores.outcomes.walk({"campaign_id": campaign, "part_id": part_id}):
            by_item[outcome["item_id"]].append(outcome)
        for told in by_item.values():
            said = {outcome["_id"]: self._stores.outcomes.said(outcome) for outcome in told}
            for cell, attempts in attempts_by_cell(told, said, self._catalogue).items():
                cells[cell.id] += attempts
        yield from self._standings(campaign, by_item, ruling)
        lost += self._lost(outcome for told in by_item.values() for outcome in told)

    def _standings(self, campaign: str, by_item: dict[str, list[Document]], ruling: Ruling) -> Iterator[Difference]:
        told: dict[str, dict[str, str]] = defaultdict(dict)
        for item_id, outcomes in by_item.items():
            for contact, mark in marks_of_item(outcomes):
                told[f"{campaign}:{contact}"][mark.id] = item_id
        targets = self._stores.marks.read(told)
        for target_id, marks in told.items():
            target = targets.get(target_id)
            known = {mark["id"] for mark in target.get("marks", ())} if target else set()
            for missing in marks.keys() - known:
                yield Difference("standing", target_id, "no mark", missing, marks[missing])
            if target is None or marks.keys() - known:
                continue
            counted = standing_fields(self._projecting.standing(target, {campaign: ruling}))
            if target.get("closed_because"):
                counted["state"] = "done"
            stored = {name: target.get(name) for name in counted}
            if stored != counted:
                yield Difference("standing", target_id, stored, counted, next(iter(marks.values())))

    def _lost(self, told: Iterable[Document]) -> Iterator[Asked]:
        """Yield what is missing of the suppressions that some outcomes asked for."""
        opted_out = (outcome for outcome in told if self._opts_out(outcome))
        while some := list(islice(opted_out, _AT_ONCE)):
            yield from self._opt_outs.missing(some)

    def _opts_out(self, outcome: Document) -> bool:
        row = self._catalogue.find(outcome["disposition"])
        return row is not None and "suppress" in row.effects

    def _cells(self, campaign: str, cells: dict[str, list[Attempt]]) -> Iterator[Difference]:
        for cell in self._stores.cells.walk(campaign):
            counted = count_cell(cells.pop(cell["_id"], ()), cell.get("frozen"), self._catalogue)
            stored = {name: number for name, number in cell.get("counters", {}).items() if number}
            if stored != {name: number for name, number in counted.items() if number}:
                yield Difference("tally", cell["_id"], stored, counted, next(iter(cell["items"]), None))
        for cell_id, attempts in cells.items():
            item = self._stores.outcomes.find_many([attempts[0].outcome_id]) if attempts else {}
            item_id = next((outcome["item_id"] for outcome in item.values()), None)
            yield Difference("tally", cell_id, None, count(attempts, self._catalogue), item_id)

    def _batches(self) -> Iterator[Difference]:
        for batch in self._stores.batch_outcomes.walk():
            counted = count_states(batch["items"])
            if batch["counts"] != counted:
                yield Difference("batch", batch["_id"], batch["counts"], counted)
            items = {
                item["id"]: set(item["outcomes"]) for item in batch["items"] if item["opened_at"] or item["outcomes"]
            }
            for outcome in self._stores.outcomes.of_items(list(items)):
                own = outcome["batch_id"] == batch["_id"]  # a batch that came before had the item under the same id
                if own and _folds(outcome) and outcome["_id"] not in items[outcome["item_id"]]:
                    yield Difference("item", outcome["item_id"], "not folded", outcome["_id"], outcome["item_id"])

    def _repair(self, found: Iterable[Difference]) -> None:
        items = sorted({difference.item_id for difference in found if difference.item_id})
        for item_id in items:
            self._projecting.project(self._stores.outcomes.of_items([item_id]))
        for difference in found:
            if difference.kind == "batch":
                self._stores.batch_outcomes.set_counts(difference.subject, difference.counted)
            elif difference.kind == "result_tally":
                campaign_id, _, part_id = difference.subject.partition("|")
                self._results.again(campaign_id, [part_id])


def _suppression(lost: Asked) -> Difference:
    return Difference("suppression", lost.suppression.id, None, f"{lost.suppression.reason} by {lost.outcome_id}")


def _folds(outcome: Document) -> bool:
    """Tell whether an outcome changes its item: late ones do not, nor does a void that a coordinator put."""
    return bool(outcome["status"] == "stored" and outcome["disposition"] != VOID)
