"""The refused rows of a sheet, kept in a file beside it until their people have corrected them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.domain.identifiers.aadhaar import holds_aadhaar
from services.domain.sheets.rejects import BLANKED, RowMessages, rejects_heading, rejects_line
from services.domain.sheets.row_cells import MAX_CELL, RowProblem
from services.store.files import FileStore


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken: why, and its cells as they came."""

    line: int
    problem: RowProblem
    cells: Sequence[str]


class RefusedRows:
    """Grows with the job that refuses; each step says how many chunks of the file are valid, for its checkpoint."""

    def __init__(self, files: FileStore) -> None:
        self._files = files

    def begin(self, job_id: str, headers: Sequence[str]) -> int:
        """Keep the sheet's own headings; return how many chunks there are."""
        return self._write(job_id, 0, [list(headers)])

    def add(self, job_id: str, chunks: int, refused: Sequence[Refused]) -> int:
        """Keep some rows after the first `chunks` chunks; return how many there are then."""
        return self._write(job_id, chunks, [_plain(row) for row in refused]) if refused else chunks

    def finish(self, job_id: str, chunks: int) -> None:
        """Let the rows be read; done again after a kill it comes to the same."""
        self._files.finish(_file_id(job_id), chunks=chunks)

    def lines(self, job_id: str, *, messages: RowMessages, locale: str) -> Iterator[str]:
        """Return the lines of rejects.csv; raises NotFound at once when there is none, or not any more."""
        return _shown(_lines(self._files.read(_file_id(job_id))), messages, locale)

    def _write(self, job_id: str, number: int, lines: Sequence[Any]) -> int:
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        return self._files.write_part(_file_id(job_id), number, content.encode())


def _file_id(job_id: str) -> str:
    return f"{job_id}-rejects"


def _plain(refused: Refused) -> list[Any]:
    """A refused row as it is kept; what Sampark may not keep is not kept to be given back either."""
    if refused.problem.code in BLANKED:
        cells = ["" for _ in refused.cells]
    else:
        cells = ["" if holds_aadhaar(cell) else cell[: MAX_CELL + 1] for cell in refused.cells]
    return [refused.line, refused.problem.column, refused.problem.code, cells]


def _shown(lines: Iterator[str], messages: RowMessages, locale: str) -> Iterator[str]:
    yield rejects_heading(json.loads(next(lines)))
    for text in lines:
        line, column, code, cells = json.loads(text)
        yield rejects_line(line, RowProblem(column, code), cells, messages=messages, locale=locale)


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Yield the lines of content whose chunks end anywhere."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode()
