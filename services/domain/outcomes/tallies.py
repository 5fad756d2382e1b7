"""Counting attempts: the cells that counters are kept in, and what each attempt adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from services.domain.content.answer_tally import PREFIXES, once_each
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.standing import VOID, Mark, attempts_of, standing_marks

Counters = Mapping[str, int]
_SUPPORT = "support:"
# The counters of what people said: they stay when it is forgotten who said it.
_SAID = (_SUPPORT, *PREFIXES)
# Spoken with: AAPOR's interviews, whole (I) and partial (P).
SPOKEN = frozenset({"I", "P"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One volunteer's day in one part on one channel of a campaign."""

    campaign_id: str
    day: str
    user_id: str
    district_id: str | None
    channel: str
    part_id: str
    constituency_id: str

    @staticmethod
    def of(outcome: Mapping[str, Any]) -> Cell:
        """Return the cell that an outcome belongs to: its holder's day, in the contact's part."""
        return Cell(**{name: outcome[name] for name in Cell.__slots__})

    @property
    def id(self) -> str:
        """Return the id by which the cell is written."""
        return f"{self.campaign_id}|{self.day}|{self.user_id}|{self.channel}|{self.part_id}"

    def labels(self) -> dict[str, Any]:
        """Return the fields by which cells are summed."""
        return {"kind": "cell", **asdict(self)}


class Attempt(NamedTuple):
    """One attempt as it is counted: outcome, furthest disposition, support, lateness, and what its answers count."""

    outcome_id: str
    disposition: str
    support: int | None
    late: bool
    answers: Mapping[str, int] | None = None


def attempts_by_cell(
    outcomes: Iterable[Mapping[str, Any]], said: Mapping[str, Mapping[str, Any]], catalogue: Catalogue
) -> dict[Cell, list[Attempt]]:
    """Return what an item's outcomes amount to, by cell; one that lost its attempt to a correction is empty.

    `said` is what was said, by outcome.
    """
    by_id = {outcome["_id"]: outcome for outcome in outcomes}
    cells: dict[Cell, list[Attempt]] = {Cell.of(outcome): [] for outcome in by_id.values()}
    marks = attempts_of(standing_marks(mark_of(outcome) for outcome in by_id.values()), catalogue)
    answers = once_each(
        (mark.id, ",".join(by_id[mark.id]["contact_ids"]), tally["script"], tally["questions"])
        for mark in sorted(marks, key=lambda mark: (mark.at, mark.id))
        if by_id[mark.id]["status"] != "late" and (tally := said.get(mark.id, {}).get("tally"))
    )
    for mark in marks:
        outcome = by_id[mark.id]
        late, support = outcome["status"] == "late", said.get(mark.id, {}).get("support")
        cells[Cell.of(outcome)].append(Attempt(mark.id, mark.disposition, support, late, answers.get(mark.id)))
    return cells


def marks_of_item(outcomes: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mark]]:
    """Return `(contact id, mark)` for everyone an item's outcomes name.

    A correction that names somebody else leaves a void with the one it no longer names.
    """
    named = {contact for outcome in outcomes for contact in outcome["contact_ids"]}
    marks = []
    for outcome in outcomes:
        mark = mark_of(outcome)
        marks += [(contact, mark) for contact in outcome["contact_ids"]]
        if outcome["corrects"] is not None:
            others = named.difference(outcome["contact_ids"])
            marks += [(contact, mark._replace(disposition=VOID)) for contact in others]
    return marks


def mark_of(outcome: Mapping[str, Any]) -> Mark:
    """Return what of an outcome a standing needs."""
    return Mark(
        id=outcome["_id"],
        at=outcome["occurred_at"],
        channel=outcome["channel"],
        disposition=outcome["disposition"],
        item_id=outcome["item_id"],
        callback_at=outcome["callback_at"],
        corrects=outcome["corrects"],
    )


def count_cell(attempts: Sequence[Attempt], frozen: Mapping[str, int] | None, catalogue: Catalogue) -> dict[str, int]:
    """Return the counters of a cell; of one that is `frozen` what was said stays as it was counted then.

    Who said what is forgotten after the poll, how many did is not.
    """
    counted = count(attempts, catalogue)
    if frozen is None:
        return counted
    return {**{name: number for name, number in counted.items() if not name.startswith(_SAID)}, **frozen}


def counts_of_said(attempts: Iterable[Attempt]) -> dict[str, int]:
    """Return the counters of support and answers alone."""
    counters: Counter[str] = Counter()
    for one in attempts:
        if not one.late:
            counters.update(one.answers or {})
            if one.support is not None:
                counters[f"{_SUPPORT}{one.support}"] += 1
    return dict(counters)


def count(attempts: Iterable[Attempt], catalogue: Catalogue) -> dict[str, int]:
    """Return the counters of some attempts; late ones are counted apart, outside the holder's attempts."""
    counters: Counter[str] = Counter()
    for attempt in attempts:
        row = catalogue.by_name[attempt.disposition]
        if "suppress" in row.effects:
            counters["opt_outs"] += 1
        if attempt.late:
            counters["late"] += 1
            continue
        counters["attempts"] += 1
        counters[f"outcome:{attempt.disposition}"] += 1
        counters["contacted"] += row.aapor_class in SPOKEN
        if attempt.support is not None:
            counters[f"{_SUPPORT}{attempt.support}"] += 1
        counters.update(attempt.answers or {})
    return dict(counters)
