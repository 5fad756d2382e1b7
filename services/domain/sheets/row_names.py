"""A row's name and relative, from one column or from several, in one script or in two."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from services.domain.sheets.cells import CellRefused, CellWords, read_relation, read_text
from services.domain.sheets.row_cells import RowCells
from services.domain.text import clean

MAX_NAME = 120

_DEVANAGARI = re.compile("[\u0900-\u097f]")
_LETTER = re.compile(r"[^\W\d_]")


class RowNames(NamedTuple):
    """`name_hi` is there only beside a name in another writing."""

    name: str | None
    name_hi: str | None
    relative_name: str | None
    relation: str | None


def read_names(row: RowCells, words: CellWords) -> RowNames:
    """Return the names; `Ram S/o Shyam` in the name's column tells the relative where no column does."""
    name = _read_name(row, "name", words)
    if not name and "first_name" in row.values:
        name = f"{_read_name(row, 'first_name', words)} {_read_name(row, 'last_name', words)}".strip()
    name_hi, relative = _read_name(row, "name_hi", words), _read_name(row, "relative_name", words)
    relation = None
    if not relative:
        name, relation, relative = words.split_relation(name)
    elif (split := words.split_relation(relative))[0] == "":
        _, relation, relative = split
    if cell := row.take("relation"):
        relation = read_relation(cell, words)
    if name_hi and (not name or (_is_hindi(name) and not _is_hindi(name_hi))):
        name, name_hi = name_hi, name
    return RowNames(name or None, name_hi if name_hi and name_hi != name else None, relative or None, relation)


def is_total(row: RowCells, words: CellWords) -> bool:
    """Tell whether the row's name is the word that begins a line of totals."""
    return _begins_total(clean(row.values.get("name", "")), words)


def _begins_total(text: str, words: CellWords) -> bool:
    return text.lower().rstrip(" :.") in words.total


def _read_name(row: RowCells, field: str, words: CellWords) -> str:
    """One column's name; the word that begins a line of totals is none."""
    cell = row.take(field)
    if cell is None:
        return ""
    # Sheets repeat names, so most are read once; what is mostly gaps is not worth keeping.
    return _name(cell, words) if len(cell) <= MAX_NAME else _name.__wrapped__(cell, words)


@lru_cache(maxsize=1 << 14)
def _name(cell: str, words: CellWords) -> str:
    text = read_text(cell, MAX_NAME)
    if _begins_total(text, words):
        return ""
    if not _LETTER.search(text):
        raise CellRefused("name_invalid")
    return text


def _is_hindi(text: str) -> bool:
    return bool(_DEVANAGARI.search(text))
