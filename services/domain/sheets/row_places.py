"""The places that rows of a sheet may name, by number or by name in either script."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Protocol

from services.domain.sheets.cells import CellRefused, read_number
from services.domain.sheets.row_cells import RowCells
from services.domain.text import fold


class Places(Protocol):
    """What a row's place is checked against."""

    def find_constituency(self, text: str) -> int | None:
        """Return the number of a constituency by number or name."""

    def has_part(self, ac_no: int, part_no: int) -> bool:
        """Whether the constituency has the part."""


class PlaceIndex:
    """Places from names by constituency number (both scripts, any spelling) and the parts of each."""

    def __init__(self, names: Mapping[int, Iterable[str]], parts: Mapping[int, Container[int]]) -> None:
        self._by_name = {fold(name): ac_no for ac_no, of_it in names.items() for name in of_it}
        self._parts = parts

    def find_constituency(self, text: str) -> int | None:
        """Return the number of a constituency by number or name, None for one that is not ours."""
        try:
            number = read_number(text)
        except CellRefused:
            return self._by_name.get(fold(text))
        return number if number in self._parts else None

    def has_part(self, ac_no: int, part_no: int) -> bool:
        """Whether the constituency has the part."""
        return part_no in self._parts.get(ac_no, ())


def read_place(row: RowCells, places: Places | None) -> tuple[int | None, int | None]:
    """Return constituency and part number as far as the row tells; `unknown_constituency`, `unknown_part`."""
    ac_no = part_no = None
    if cell := row.take("ac_no"):
        ac_no = places.find_constituency(cell) if places else read_number(cell)
        if ac_no is None:
            raise CellRefused("unknown_constituency")
    if cell := row.take("part_no"):
        part_no = read_number(cell)
    return ac_no, part_no
