"""One row as a sheet has it, before anybody asks what its cells mean."""

from __future__ import annotations

from typing import NamedTuple


class SheetRow(NamedTuple):
    """`line` as a spreadsheet program counts rows; `problem` is the code of a row that the reader could not take."""

    line: int
    cells: list[str]
    problem: str | None = None
