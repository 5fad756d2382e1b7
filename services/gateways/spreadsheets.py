"""Any sheet that an office sends, opened as one table: its heading found, its columns mapped, its rows streamed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.rejects import as_written, report_width
from services.domain.sheets.sheets import HEADER_LINES, SheetMapping, find_header, guess_mapping, heading_score
from services.gateways.sheet_bytes import SheetLimits, open_bytes
from services.gateways.sheet_row import SheetRow
from services.gateways.sheet_text import HeadingScore, TextSheet
from services.gateways.sheet_workbook import WorkbookSheet

__all__ = ["SheetLimits", "SheetRow", "SheetTable", "open_sheet", "open_table"]

DEFAULT_LIMITS = SheetLimits()


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet whose heading is known; `rows` can be walked once."""

    sheet: TextSheet | WorkbookSheet
    mapping: SheetMapping
    header_line: int
    rows: Iterator[SheetRow]

    @property
    def skipped_sheets(self) -> tuple[str, ...]:
        """Names of further worksheets with cells, which are not read."""
        return self.sheet.skipped_sheets if isinstance(self.sheet, WorkbookSheet) else ()


def open_sheet(
    source: BinaryIO | Iterable[bytes], *, heading_score: HeadingScore, limits: SheetLimits = DEFAULT_LIMITS
) -> TextSheet | WorkbookSheet:
    """Open a binary file or an iterable of chunks; raises `Invalid` for what is no sheet (see `open_bytes`)."""
    content = open_bytes(source, limits)
    return WorkbookSheet(content, limits) if isinstance(content, io.BytesIO) else TextSheet(content, heading_score)


def open_table(
    source: BinaryIO | Iterable[bytes],
    headings: HeadingTable,
    *,
    explicit: Mapping[str, str | None] | None = None,
    limits: SheetLimits = DEFAULT_LIMITS,
) -> SheetTable:
    """Open a sheet and find its heading within the first 20 rows; titles above it are not rows.

    Raises `Invalid` as `open_sheet`, `find_header` and `guess_mapping` do. A packed file that breaks off raises
    `file_truncated` only when its rows are read to there. Forbidden columns are for the caller to refuse:
    `mapping.refuse_forbidden()`.
    """
    explicit = explicit or {}
    sheet = open_sheet(source, heading_score=lambda row: heading_score(row, headings, explicit), limits=limits)
    rows = sheet.rows()
    first = list(islice(rows, HEADER_LINES))
    at = find_header([row.cells for row in first], headings, explicit)
    # The columns of a rejects.csv that tell why are none of its rows' own; a row that was blanked is a blank line.
    report = report_width(first[at].cells)
    own = [as_written(cell) if report else cell for cell in first[at].cells[report:]]
    mapping = guess_mapping(own, headings, explicit)
    below = _with_open_end(chain(first[at + 1 :], rows), sheet, report + len(mapping.headers))
    return SheetTable(sheet, mapping, first[at].line, _without_report(below, report) if report else below)


def _without_report(rows: Iterator[SheetRow], width: int) -> Iterator[SheetRow]:
    shortened = (row._replace(cells=row.cells[width:]) for row in rows)
    return (row for row in shortened if any(cell.strip() for cell in row.cells))


def _with_open_end(rows: Iterator[SheetRow], sheet: TextSheet | WorkbookSheet, width: int) -> Iterator[SheetRow]:
    """Report a last row that ends before its line does: what is there of it may be half a name or half a number."""
    for row in rows:
        cut_off = row.line == sheet.open_end and len(row.cells) < width and not row.problem
        yield row._replace(problem="row_cut_off") if cut_off else row
