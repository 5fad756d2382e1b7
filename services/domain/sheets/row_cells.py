"""The cells of one row by import field, after what no cell may hold has been refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.domain.identifiers.aadhaar import holds_aadhaar
from services.domain.sheets.cells import CellRefused, CellWords
from services.domain.sheets.sheets import SheetMapping

MAX_CELL = 10_000

_PHONE_FIELDS = ("phone", "phone_2", "whatsapp")
_LONGEST_BLANK = 16
_REPEATED_HEADINGS = 2
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ESCAPED = re.compile(r"'(?=[=+\-@\t\r])")  # as rejects.csv writes such cells, and it may come back corrected


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was refused: the sheet's own heading of the column (None: the whole row) and a code."""

    column: str | None
    code: str


class RowCells:
    """The mapped cells of a row that say something; `field` is the one asked last, for the problem's column."""

    __slots__ = ("field", "values")

    def __init__(self, cells: Sequence[str], mapping: SheetMapping, words: CellWords) -> None:
        self.field: str | None = None
        self.values: dict[str, str] = {}
        values, width, blank, headers, repeats = self.values, len(cells), words.blank, mapping.headers, 0
        for name, at in mapping.fields.items():
            if at < width and (cell := cells[at].strip()) and (len(cell) > _LONGEST_BLANK or cell.lower() not in blank):
                values[name] = unescaped(cell) if cell[0] == "'" else cell
                repeats += cell == headers[at]
        if repeats and repeats >= min(_REPEATED_HEADINGS, len(mapping.fields)):
            raise CellRefused("repeated_header")

    def take(self, name: str) -> str | None:
        """Return the field's cell, None where there is nothing."""
        self.field = name
        return self.values.get(name)


def unescaped(cell: str) -> str:
    """Return a cell as it was before rejects.csv made it safe."""
    return _ESCAPED.sub("", cell, count=1) if cell.startswith("'") else cell


def unfit(cells: Sequence[str], mapping: SheetMapping) -> RowProblem | None:
    """Return what no column of a row may hold, mapped or not; Aadhaar first, since its code blanks the whole row."""
    row = "|".join(cells)
    if holds_aadhaar(row) and (at := _first_aadhaar(cells, mapping)) is not None:
        return _problem_at(at, mapping, "aadhaar_like")
    if len(row) > MAX_CELL and (at := _first(cells, lambda cell: len(cell) > MAX_CELL)) is not None:
        return _problem_at(at, mapping, "cell_too_long")
    if not row.isprintable() and (at := _first(cells, _CONTROL.search)) is not None:
        return _problem_at(at, mapping, "control_character")
    if "\ufffd" in row and (at := _first(cells, lambda cell: "\ufffd" in cell)) is not None:
        return _problem_at(at, mapping, "unreadable_characters")
    if any(cell and not cell.isspace() for cell in cells[len(mapping.headers) :]):
        return RowProblem(None, "too_many_cells")
    return None


def _first_aadhaar(cells: Sequence[str], mapping: SheetMapping) -> int | None:
    phones = {mapping.fields[name] for name in _PHONE_FIELDS if name in mapping.fields}
    found = (at for at, cell in enumerate(cells) if holds_aadhaar(cell, of_phones=at in phones))
    return next(found, None)


def _first(cells: Sequence[str], test: Callable[[str], object]) -> int | None:
    return next((at for at, cell in enumerate(cells) if test(cell)), None)


def _problem_at(at: int, mapping: SheetMapping, code: str) -> RowProblem:
    return RowProblem(mapping.headers[at] if at < len(mapping.headers) else None, code)
