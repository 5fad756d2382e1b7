"""The consequences of outcomes: standings, cooldowns, tallies and effects follow from what phones told.

Every consequence may be drawn again without harm, so a kill between any two of them is healed by the next round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.batches.languages import LanguageHandover
from services.batches.work import BatchWork
from services.campaigns.rulebook import Rulebook, Ruling
from services.domain.batches.batches import target_id
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.standing import VOID, Mark, Standing, recount
from services.domain.outcomes.tallies import Attempt, Cell, attempts_by_cell, count_cell, marks_of_item
from services.gateways.clock import Clock
from services.outcomes.effects import Effects
from services.store.batches.leases import LeaseStore
from services.store.outcomes.cells import CellStore
from services.store.outcomes.marks import MarkStore, to_mark, touch
from services.store.outcomes.outcomes import OutcomeStore
from services.store.outcomes.result_tallies import ResultTallyStore

Document = dict[str, Any]


class Projecting:
    """Draws the consequences of pending outcomes, some at a time."""

    def __init__(
        self,
        *,
        outcomes: OutcomeStore,
        marks: MarkStore,
        leases: LeaseStore,
        cells: CellStore,
        results: ResultTallyStore,
        work: BatchWork,
        effects: Effects,
        languages: LanguageHandover,
        rulebook: Rulebook,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._outcomes = outcomes
        self._marks = marks
        self._leases = leases
        self._cells = cells
        self._results = results
        self._work = work
        self._effects = effects
        self._languages = languages
        self._rulebook = rulebook
        self._catalogue = catalogue
        self._clock = clock

    def run(self) -> int:
        """Project some pending outcomes and return how many; the worker's step."""
        pending = self._outcomes.list_pending()
        if pending:
            self.project(pending)
        return len(pending)

    def project(self, pending: Sequence[Document]) -> None:
        """Draw all consequences of these outcomes, and only then note that they are drawn."""
        pending = self._without_erased(pending)
        now = self._clock.now()
        rulings = self._rulebook.of_many({outcome["campaign_id"] for outcome in pending}, now)
        batches = self._work.find_many([outcome["batch_id"] for outcome in pending])
        stored = [outcome for outcome in pending if outcome["status"] == "stored" and outcome["disposition"] != VOID]
        self._work.apply(stored, rulings, batches, now=now)
        by_item = self._together(pending)
        self._effects.apply([outcome for outcome in pending if outcome["disposition"] != VOID], by_item)
        self._touch(pending)
        self._stand(by_item, rulings)
        self._tally(by_item)
        self._languages.pass_on(stored, rulings)
        self._effects.free(pending)
        self._outcomes.settle([outcome["_id"] for outcome in pending])

    def _without_erased(self, pending: Sequence[Document]) -> list[Document]:
        """Drop what was said of people who were erased before it was told: nothing personal of them comes back."""
        said = [outcome for outcome in pending if outcome.get("sealed") is not None]
        gone = self._marks.erased(contact for outcome in said for contact in outcome["contact_ids"])
        late = {outcome["_id"] for outcome in said if gone.intersection(outcome["contact_ids"])}
        if late:
            self._outcomes.drop_said(sorted(late))
        return [{**outcome, "sealed": None} if outcome["_id"] in late else outcome for outcome in pending]

    def _touch(self, outcomes: Sequence[Document]) -> None:
        by_address: dict[str, list[Document]] = defaultdict(list)
        by_contact: dict[str, list[Document]] = defaultdict(list)
        for outcome in outcomes:
            if outcome["disposition"] != VOID:
                by_address[outcome["address"]].append(touch(outcome))
                for contact in outcome["contact_ids"]:
                    by_contact[contact].append(touch(outcome))
        self._leases.note_attempts(by_address)
        self._marks.touch_contacts(by_contact)

    def _together(self, outcomes: Iterable[Document]) -> dict[str, list[Document]]:
        """Return all that was ever told of the items that these outcomes are about."""
        by_item: dict[str, list[Document]] = defaultdict(list)
        for outcome in self._outcomes.of_items(sorted({outcome["item_id"] for outcome in outcomes})):
            by_item[outcome["item_id"]].append(outcome)
        return by_item

    def _stand(self, by_item: Mapping[str, Sequence[Document]], rulings: Mapping[str, Ruling]) -> None:
        marks: dict[str, list[Mark]] = defaultdict(list)
        for told in by_item.values():
            for contact, mark in marks_of_item(told):
                marks[target_id(told[0]["campaign_id"], contact)].append(mark)
        targets = self._marks.add_marks(marks)
        self._marks.set_standings(
            {key: (target["rev"], self.standing(target, rulings)) for key, target in targets.items()}
        )
        self._results.mark({(target["campaign_id"], target["part_id"]) for target in targets.values()})

    def standing(self, target: Document, rulings: Mapping[str, Ruling]) -> Standing:
        """Return the standing that a target's marks lead to, each by the rules of its time and place."""
        ruling = rulings[target["campaign_id"]]
        place = (target["part_id"], target["constituency_id"])
        return recount(
            [to_mark(mark) for mark in target["marks"]],
            catalogue=self._catalogue,
            rules_at=lambda moment: ruling.rules_at(moment).at(*place),
        )

    def _tally(self, by_item: Mapping[str, Sequence[Document]]) -> None:
        entries: dict[Cell, dict[str, tuple[int, Sequence[Attempt]]]] = defaultdict(dict)
        for item_id, told in by_item.items():
            said = {outcome["_id"]: self._outcomes.said(outcome) for outcome in told}
            for cell, attempts in attempts_by_cell(told, said, self._catalogue).items():
                entries[cell][item_id] = (len(told), attempts)
        self._cells.put(entries)
        read = self._cells.read(cell.id for cell in entries)
        self._cells.set_counters(
            {key: (rev, count_cell(attempts, frozen, self._catalogue)) for key, rev, attempts, frozen in read}
        )
