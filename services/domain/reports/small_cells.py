"""Keeps sums of few people back, and those from which one could be told by taking away what is shown beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.tallies import SPOKEN

Row = Mapping[str, Any]


class Sums(NamedTuple):
    """Which dispositions are summed up beside `attempts`: those that somebody was spoken with by, and opt-outs."""

    spoken: frozenset[str]
    stops: frozenset[str]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Sums:
        """Read them from the catalogue."""
        rows = catalogue.by_name
        spoken = frozenset(name for name, row in rows.items() if row.aapor_class in SPOKEN)
        return cls(spoken, frozenset(name for name, row in rows.items() if "suppress" in row.effects))


def without_small_cells(row: Row, sums: Sums, *, fewest: int) -> dict[str, Any]:
    """Return a row of a report without figures of fewer than `fewest` people, nobody excepted: null, or left out.

    `outcomes` add up to `attempts`, those of `sums.spoken` to `contacted`, those of `sums.stops` to `opt_outs` (late
    ones aside): where one part is kept back, so many others of the same sum are that what is missing is not few.
    """
    outcomes = {name: number for name, number in row["outcomes"].items() if number}
    hidden = {name for name, number in outcomes.items() if number < fewest}
    for group in (*sums, frozenset(outcomes)):
        hidden |= _more(outcomes, hidden, group, fewest)
    # What the second sum hid may be all that the first one lacks; once more, and nothing moves any more.
    for group in (*sums, frozenset(outcomes)):
        hidden |= _more(outcomes, hidden, group, fewest)
    support = {name: number for name, number in row.get("support", {}).items() if number >= fewest}
    kept: dict[str, Any] = {name: _told(row[name], fewest) for name in ("attempts", "contacted", "opt_outs", "late")}
    small = kept["attempts"] is None or kept["contacted"] is None
    return {
        **row,
        **kept,
        **({"targets": _told(row["targets"], fewest)} if "targets" in row else {}),
        **({"support": support} if "support" in row else {}),
        "outcomes": {name: number for name, number in outcomes.items() if name not in hidden},
        "contact_rate": None if small else row["contact_rate"],
    }


def without_few(counts: Mapping[str, int | None], *, fewest: int, whole: bool) -> dict[str, int | None]:
    """Return counts of people, null for those of fewer than `fewest`.

    Where they add up to a `whole` that is told, so many others are null too that what is missing is not few.
    """
    known = {name: number for name, number in counts.items() if number}
    hidden = {name for name, number in known.items() if number < fewest}
    if whole:
        hidden |= _more(known, hidden, frozenset(known), fewest)
    return {name: None if name in hidden else number for name, number in counts.items()}


def without_near(stages: Sequence[tuple[str, int]], *, fewest: int) -> dict[str, int | None]:
    """Return counts each of which is a part of the one before; null where it, or what it lacks of that, is few."""
    shown: dict[str, int | None] = {}
    before: int | None = None
    for name, number in stages:
        few = 0 < number < fewest or (before is not None and 0 < before - number < fewest)
        shown[name] = None if few else number
        before = before if few else number
    return shown


def hidden_cases(cases: Mapping[str, int], *, apart: str, fewest: int) -> set[str]:
    """Return which of some counts of people are kept back; they add up to a sum that is told elsewhere.

    So do all but `apart`, to a sum that is told unless `apart` is kept back, for it would tell that one.
    """
    known = {name: number for name, number in cases.items() if number}
    rest = frozenset(known) - {apart}
    hidden = {name for name, number in known.items() if number < fewest}
    if sum(known[name] for name in rest) < fewest:
        hidden |= set(known) if rest else set()
    hidden |= _more(known, hidden, frozenset(known), fewest)
    if apart not in hidden:
        hidden |= _more(known, hidden, rest, fewest)
    return hidden


def _more(outcomes: Mapping[str, int], hidden: set[str], group: frozenset[str], fewest: int) -> set[str]:
    """Return what of a sum has to be hidden beside what is: the smallest first, until what is missing is no few."""
    members = [name for name in outcomes if name in group]
    missing = sum(outcomes[name] for name in members if name in hidden)
    more: set[str] = set()
    for name in sorted((name for name in members if name not in hidden), key=lambda name: (outcomes[name], name)):
        if missing == 0 or missing >= fewest:
            break
        more.add(name)
        missing += outcomes[name]
    return more


def _told(number: int | None, fewest: int) -> int | None:
    return None if number is not None and 0 < number < fewest else number
