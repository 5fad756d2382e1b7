"""Made-up roll sheets: from an order (how many rows, which seed, how much mess) to lines and a summary of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.places import load_places
from config.roll_names import load_names
from services.domain.areas import build_tree
from services.domain.roll.mess import Mess
from services.domain.roll.roll import people, quotas
from services.domain.roll.sheet import Headings, cells, lines_above


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOrder:
    """What sheet is wanted; shares lie between 0 and 1, `header_row` counts from 1."""

    rows: int
    seed: int = 1
    mess: float = 0.0
    phones: float = 0.4
    headings: Headings = "hi"
    header_row: int = 1


class RollSheet:
    """One made-up sheet, to be read once; raises Invalid for more rows than the roll has electors."""

    def __init__(self, order: SheetOrder) -> None:
        self._order = order
        self._quotas = quotas([area for area in build_tree(load_places()) if area.kind == "part"], order.rows)
        self._mess = Mess(rows=order.rows, share=order.mess, seed=order.seed)
        self._constituencies: Counter[str] = Counter()
        self._with_phone = 0
        self._lines = 0

    def lines(self) -> Iterator[list[str]]:
        """Yield every line of the sheet, titles and headings first."""
        for line in self._uncounted():
            self._lines += 1
            yield line

    def summary(self) -> dict[str, Any]:
        """Return what was written, once all lines were taken.

        People and how many of them have a phone are counted before the mess, lines after it; spoilt rows by kind.
        """
        return {
            "rows": self._constituencies.total(),
            "lines": self._lines,
            "with_phone": self._with_phone,
            "constituencies": dict(self._constituencies),
            "spoilt": self._mess.counts.total(),
            "spoilt_by_kind": dict(sorted(self._mess.counts.items())),
        }

    def _uncounted(self) -> Iterator[list[str]]:
        order = self._order
        yield from lines_above(order.headings, order.header_row)
        for person in people(self._quotas, seed=order.seed, phone_share=order.phones, names=load_names()):
            self._constituencies[str(person.ac_no)] += 1
            self._with_phone += bool(person.phone)
            yield from self._mess.spoil(cells(person, order.headings))
        yield from self._mess.bottom()
