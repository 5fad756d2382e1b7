"""What a benchmark found: a table that says which database engine ran, and the goal beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Cell = str | int | float


@dataclass(frozen=True)
class Table:
    """One table; numbers are set to the right."""

    title: str
    goal: str
    engine: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = field(default_factory=tuple)

    def lines(self) -> Iterator[str]:
        """Yield the lines to print."""
        cells = [[_text(cell) for cell in row] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(self.columns, *cells, strict=True)]
        right = [all(not isinstance(row[place], str) for row in self.rows) for place in range(len(self.columns))]
        yield f"{self.title}  ({self.engine})"
        yield f"goal: {self.goal}"
        yield _line(self.columns, widths, right)
        yield "  ".join("-" * width for width in widths)
        yield from (_line(row, widths, right) for row in cells)
        yield from self.notes


def _line(cells: Iterable[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    set_in = zip(cells, widths, right, strict=True)
    return "  ".join(cell.rjust(width) if to_right else cell.ljust(width) for cell, width, to_right in set_in).rstrip()


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.1f}" if cell >= 10 else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
