"""XLSX workbooks: the first visible worksheet that has cells, streamed, so that a large one costs no memory."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from typing import BinaryIO

from services.gateways.sheet_bytes import SheetLimits, member_chunks, refusal
from services.gateways.sheet_row import SheetRow
from services.gateways.sheet_xml import ElementReader, SharedTexts, WorksheetRows

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_BUILT_IN_DATES = frozenset(map(str, [*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)]))
_NOT_FORMAT = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.|general', re.IGNORECASE)
_DATE_LETTER = re.compile(r"[ymdhs]", re.IGNORECASE)
# Serial numbers count from here (1900 is no leap year, Excel believes it is), in old Macintosh files from 1904.
_FIRST_DAY = date(1899, 12, 30)
_FIRST_DAY_1904 = date(1904, 1, 1)


class WorkbookSheet:
    """One worksheet; the names of further visible ones with cells are in `skipped_sheets`."""

    encoding = "utf-8"
    delimiter = ""
    open_end = 0

    def __init__(self, stream: BinaryIO, limits: SheetLimits) -> None:
        self._archive = zipfile.ZipFile(stream)
        self._limits = limits
        self._parts = frozenset(self._archive.namelist())
        self.blank_lines = 0
        if not {_WORKBOOK, _RELATIONS} <= self._parts:
            raise refusal("not_a_sheet")
        self._first_day = _FIRST_DAY
        paths = self._visible_sheets()
        self._texts = self._shared_texts()
        self._date_styles = self._read_date_styles()
        filled = [name for name, path in paths.items() if any(True for _ in self._filled_rows(path))]
        if not filled:
            raise refusal("sheet_empty")
        self._path, self.skipped_sheets = paths[filled[0]], tuple(filled[1:])

    def rows(self) -> Iterator[SheetRow]:
        """Yield every row that is not blank by its own number; one with an unreadable formula says `formula_cell`."""
        above = 0
        for row in self._filled_rows(self._path):
            self.blank_lines += row.line - above - 1
            above = row.line
            yield row

    def _filled_rows(self, path: str) -> Iterator[SheetRow]:
        rows = WorksheetRows(self._texts, self._date_styles, self._first_day).read(self._chunks(path))
        return (row for row in rows if row.problem or any(cell and not cell.isspace() for cell in row.cells))

    def _visible_sheets(self) -> Mapping[str, str]:
        """The archive's path of each visible worksheet by its name, in the order of the tabs."""
        elements = list(self._elements(_WORKBOOK))
        if any(name == "workbookPr" and found.get("date1904") in {"1", "true"} for name, found in elements):
            self._first_day = _FIRST_DAY_1904
        targets = {found.get("Id"): found.get("Target", "") for _, found in self._elements(_RELATIONS)}
        paths: dict[str, str] = {}
        for name, found in elements:
            relation = next((value for key, value in found.items() if key.endswith(":id")), None)
            if name == "sheet" and found.get("state", "visible") == "visible":
                target = targets.get(relation, "")
                path = target[1:] if target.startswith("/") else f"xl/{target}"
                if path in self._parts and path.startswith("xl/worksheets/"):
                    paths[found.get("name", "")] = path
        return paths

    def _shared_texts(self) -> list[str]:
        path, texts, size = "xl/sharedStrings.xml", list[str](), 0
        for text in SharedTexts().read(self._chunks(path)) if path in self._parts else ():
            texts.append(text)
            size += len(text)
            if size > self._limits.shared_texts:
                raise refusal("workbook_too_large")
        return texts

    def _read_date_styles(self) -> frozenset[str]:
        """The numbers of the cell styles that show a number as a date."""
        path = "xl/styles.xml"
        elements = self._elements(path) if path in self._parts else iter(())
        formats = set(_BUILT_IN_DATES)
        styles: list[str] = []
        inside = ""
        for name, found in elements:
            inside = name if name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"} else inside
            if name == "numFmt" and _DATE_LETTER.search(_NOT_FORMAT.sub("", found.get("formatCode", ""))):
                formats.add(found.get("numFmtId", ""))
            elif name == "xf" and inside == "cellXfs":
                styles.append(found.get("numFmtId", "0"))
        return frozenset(str(number) for number, of_style in enumerate(styles) if of_style in formats)

    def _elements(self, path: str) -> Iterator[tuple[str, dict[str, str]]]:
        return ElementReader().read(self._chunks(path))

    def _chunks(self, path: str) -> Iterator[bytes]:
        return member_chunks(self._archive, self._archive.getinfo(path), self._limits)
