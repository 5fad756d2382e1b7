"""Writing a sheet to a file, line by line, in the encodings and delimiters that offices send."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_sheet(path: Path, lines: Iterable[Sequence[str]], *, delimiter: str, encoding: str) -> None:
    """Write the lines as they come; `utf-8-sig` and `utf-16` begin with a byte-order mark. Raises OSError."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(lines)
