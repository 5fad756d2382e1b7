"""Refused rows as a sheet that a person can read, correct and upload again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from services.domain.identifiers.aadhaar import holds_aadhaar
from services.domain.sheets.row_cells import MAX_CELL, RowProblem

COLUMNS = ("line", "column", "code", "message")
# Rows that Sampark may not keep, not even to give them back.
BLANKED = frozenset({"under_18", "aadhaar_like"})

_SHOWN = 1_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class RowMessages:
    """The texts of `row_problems.json`."""

    def __init__(self, data: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = data

    def text(self, code: str, locale: str) -> str:
        """Return what a person understands, in Hindi for `hi`, else in English; the code if it has no text."""
        texts = self._texts.get(code)
        return texts["hi" if locale == "hi" else "en"] if texts else code


def rejects_heading(headers: Sequence[str]) -> str:
    """Return the first line of rejects.csv, with the mark by which spreadsheet programs know UTF-8."""
    return "\ufeff" + _csv_line([*COLUMNS, *headers])


def rejects_line(line: int, problem: RowProblem, cells: Sequence[str], *, messages: RowMessages, locale: str) -> str:
    """Return one line of rejects.csv: where and why, then the row's own cells as far as they may be given back."""
    why = [str(line), problem.column or "", problem.code, messages.text(problem.code, locale)]
    own = ["" for _ in cells] if problem.code in BLANKED else [_returnable(cell) for cell in cells]
    return _csv_line([*why, *own])


def report_width(headers: Sequence[str]) -> int:
    """Return how many columns on the left tell why rows were refused: the sheet is a rejects.csv come back."""
    ours = tuple(header.strip().lower() for header in headers[: len(COLUMNS)]) == COLUMNS
    return len(COLUMNS) if ours else 0


def as_written(header: str) -> str:
    """Return a heading of a rejects.csv as it was before it was made safe."""
    return header[1:] if header.startswith("'") and formula_safe(header[1:]) != header[1:] else header


def formula_safe(cell: str) -> str:
    """Return the cell so that no spreadsheet program runs it as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _returnable(cell: str) -> str:
    if holds_aadhaar(cell):
        return ""
    shown = cell if len(cell) <= MAX_CELL else f"{cell[:_SHOWN]}…"
    return _CONTROL.sub("\ufffd", shown)


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([formula_safe(cell) for cell in cells])
    return line.getvalue()
