"""Workbooks (XLSX, and what else calamine reads): one worksheet's rows as text, formulas never silently empty."""

from __future__ import annotations

import datetime as dt
import html
import re
import zipfile
from collections.abc import Iterator
from typing import IO, BinaryIO

import python_calamine
from python_calamine import CalamineError, CalamineSheet, PasswordError, SheetVisibleEnum

from services.gateways.sheet_bytes import CHUNK, refusal
from services.gateways.sheet_row import SheetRow

_EXACT = 1e15  # up to here every whole number is itself in a float
_CELL_TAIL = 1 << 14  # longer than the longest formula: a cell may lie across two chunks
# A cell whose value is an error, or a formula that was saved without its result: calamine shows both as empty.
# `t="str"` with an empty value is a formula whose result is an empty text, and fine.
_EMPTY_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\b [^>]* \br="[A-Z]+(\d+)" (?:
        [^>]* \bt="e" [^>]* >
      | (?![^>]*\bt="str") [^>]* > <(?:\w+:)?f\b (?: [^>]*/> | [^>]*>[^<]*</(?:\w+:)?f> )
        (?: <(?:\w+:)?v\s*/> | <(?:\w+:)?v></(?:\w+:)?v> )? </(?:\w+:)?c>
    )""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


class WorkbookSheet:
    """The first visible worksheet that has cells; the names of others with cells are in `skipped_sheets`."""

    encoding = ""
    delimiter = ""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            workbook = python_calamine.load_workbook(stream)
            chosen, self.skipped_sheets = _choose(workbook)
        except PasswordError as locked:
            raise refusal("encrypted_workbook") from locked
        except CalamineError as broken:
            raise refusal("not_a_sheet") from broken
        self.blank_lines = 0
        self.width = 0
        self._sheet = chosen
        self._empty_formulas = _rows_with_empty_formulas(stream, chosen.name)

    def rows(self) -> Iterator[SheetRow]:
        """Yield every row that is not blank by its own number; one with an unreadable formula says `formula_cell`."""
        for number, values in enumerate(self._sheet.iter_rows(), start=1):
            cells = [value if isinstance(value, str) else as_text(value) for value in values]
            problem = "formula_cell" if number in self._empty_formulas else None
            if problem or any(cell and not cell.isspace() for cell in cells):
                yield SheetRow(number, cells, problem)
            else:
                self.blank_lines += 1


def as_text(value: _Value) -> str:
    """Write a cell's value as a person would: whole numbers without a point, dates as YYYY-MM-DD."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value)


def _choose(workbook: python_calamine.CalamineWorkbook) -> tuple[CalamineSheet, tuple[str, ...]]:
    filled: list[CalamineSheet] = []
    for metadata in workbook.sheets_metadata:
        if metadata.visible == SheetVisibleEnum.Visible and "Sheet" in str(metadata.typ):
            sheet = workbook.get_sheet_by_name(metadata.name)
            if sheet.end is not None:
                filled.append(sheet)
    if not filled:
        raise refusal("sheet_empty")
    return filled[0], tuple(sheet.name for sheet in filled[1:])


def _rows_with_empty_formulas(stream: BinaryIO, sheet_name: str) -> frozenset[int]:
    stream.seek(0)
    if not zipfile.is_zipfile(stream):
        return frozenset()
    with zipfile.ZipFile(stream) as archive:
        path = _part_of_sheet(archive, sheet_name)
        if path is None:
            return frozenset()
        with archive.open(path) as part:
            return frozenset(_scan(part))


def _scan(part: IO[bytes]) -> Iterator[int]:
    carry = b""
    while chunk := part.read(CHUNK):
        carry += chunk
        for cell in _EMPTY_FORMULA.finditer(carry):
            yield int(cell[1])
        carry = carry[-_CELL_TAIL:]


def _part_of_sheet(archive: zipfile.ZipFile, sheet_name: str) -> str | None:
    """The archive's path of a worksheet by its name; None for other formats than XLSX."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    sheets = _elements(archive.read("xl/workbook.xml"), "sheet")
    relations = _elements(archive.read("xl/_rels/workbook.xml.rels"), "Relationship")
    wanted = next(
        (
            value
            for sheet in sheets
            if sheet.get("name") == sheet_name
            for name, value in sheet.items()
            if name.endswith(":id")
        ),
        "",
    )
    target = next((relation.get("Target", "") for relation in relations if relation.get("Id") == wanted), "")
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return path if path in names else None


def _elements(xml: bytes, tag: str) -> list[dict[str, str]]:
    """The attributes of every element with a name; no XML parser, so nothing in the file can be expanded."""
    openings = re.findall(rf"<(?:\w+:)?{tag}\b([^>]*)>", xml.decode("utf-8", errors="replace"))
    return [{name: html.unescape(value) for name, value in _ATTRIBUTE.findall(opening)} for opening in openings]
