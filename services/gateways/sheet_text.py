"""Sheets that are text: their encoding, their delimiter, and their rows one at a time in flat memory."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from services.gateways.sheet_bytes import SAMPLE, TextStream, refusal
from services.gateways.sheet_row import SheetRow

HeadingScore: TypeAlias = Callable[[Sequence[str]], float]

DELIMITERS = (",", "\t", ";", "|")
MAX_LINE = 120_000
MAX_RECORD_LINES = 200

_BLOCK = 1 << 16
_SAMPLE_LINES = 20
_SAMPLE_WIDTH = 20_000
_FEW_DELIMITERS = 4
_FEW_BINARY = 10
_DECLARED = re.compile(r'"?sep=([,;|\t])"?', re.IGNORECASE)
_BINARY = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_NOT_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"GIF8", b"SQLite", b"Rar!", b"7z\xbc\xaf", b"\x7fELF")
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|body|head|meta)\b", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ASCII = bytes(range(128))
_OPENING = 200
_ALMOST_ALL = 0.9
_FAMILIAR = re.compile("[\t\n\r -~\u00a0-\u024f\u0900-\u097f\u200b-\u200f\u2013-\u2022]")
_HARDLY = 0.02


class TextSheet:
    """A delimited text; `blank_lines` and the end are known once its rows have been read."""

    def __init__(self, stream: TextStream, heading_score: HeadingScore) -> None:
        sample = stream.peek(SAMPLE)[:SAMPLE]
        self.encoding = detect_encoding(sample)
        text = sample.decode(self.encoding, errors="replace")
        self.delimiter = detect_delimiter(text, heading_score)
        self.blank_lines = 0
        self.open_end = 0
        """The number of a last row that no line end closes; 0 while there is none."""
        self._lines = _Lines(io.TextIOWrapper(stream, encoding=self.encoding, errors="replace", newline=None))

    def rows(self) -> Iterator[SheetRow]:
        """Yield every row that is not blank, numbered as a spreadsheet program numbers it; a broken one says so."""
        delimiter, lines = self.delimiter, self._lines
        emptiness = delimiter + " \t\u00a0"
        for number, line in enumerate(lines, start=1):
            if not line.strip(emptiness) or (number == 1 and _DECLARED.fullmatch(line)):
                self.blank_lines += 1
            elif len(line) >= MAX_LINE:
                yield SheetRow(number, _split_loosely(line, delimiter), "cell_too_long")
            elif '"' in line:
                row = self._quoted(number, line)
                if row.problem or any(row.cells):
                    yield row
                else:
                    self.blank_lines += 1
            else:
                self._note_end(number)
                yield SheetRow(number, line.split(delimiter))

    def _quoted(self, number: int, first: str) -> SheetRow:
        """Read a row with quotes, over as many lines as it takes; one that never closes costs its first line alone."""
        taken = [first]
        try:
            cells = next(csv.reader(self._following(taken), delimiter=self.delimiter, strict=True))
        except csv.Error:
            cells = None
        if cells is None or (len(taken) > 1 and self._holds_rows(cells)):
            self._lines.give_back(taken[1:])
            return SheetRow(number, _split_loosely(first, self.delimiter), "unclosed_quote")
        self._note_end(number)
        return SheetRow(number, cells)

    def _holds_rows(self, cells: list[str]) -> bool:
        """Whether a cell swallowed rows: a quote forgotten in one was closed by the next quote anywhere below."""
        most = max(_FEW_DELIMITERS, len(cells) - 1)
        return any("\n" in cell and cell.count(self.delimiter) >= most for cell in cells)

    def _following(self, taken: list[str]) -> Iterator[str]:
        yield taken[0] + "\n"
        while len(taken) < MAX_RECORD_LINES:
            line = next(self._lines, None)
            if line is None:
                return
            taken.append(line)
            yield line + "\n"

    def _note_end(self, number: int) -> None:
        if self._lines.broke_off():
            self.open_end = number


class _Lines:
    """Lines without their ends, each at most `MAX_LINE` long (the rest is dropped), that can be given back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._waiting: list[str] = []
        self._last_is_open = False
        self._iterator = self._read()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return self._waiting.pop() if self._waiting else next(self._iterator)

    def give_back(self, lines: list[str]) -> None:
        """Put lines in front again, in their order."""
        self._waiting.extend(reversed(lines))

    def broke_off(self) -> bool:
        """Whether the line just given was the last and had no line end."""
        return self._last_is_open and not self._waiting

    def _read(self) -> Iterator[str]:
        carry = ""
        while block := self._text.read(_BLOCK):
            *whole, rest = block.split("\n")
            if whole:
                whole[0] = carry + whole[0]
                carry = rest
                for line in whole:
                    yield line[:MAX_LINE]
            else:
                carry = (carry + rest)[:MAX_LINE]
        if carry:
            self._last_is_open = True
            yield carry


def detect_encoding(sample: bytes) -> str:
    """Return `utf-8-sig`, `utf-8`, `utf-16`, `utf-16-le`, `utf-16-be` or `cp1252`; `Invalid` `not_a_sheet` for others.

    What the sample promised and a later row breaks is decoded to U+FFFD there, and that row is rejected for it.
    """
    if sample.startswith(_NOT_TEXT) or _MARKUP.match(sample):
        raise refusal("not_a_sheet")
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return encoding
    if encoding_16 := _without_bom_16(sample):
        return encoding_16
    if len(_BINARY.findall(sample)) > max(_FEW_BINARY, _HARDLY * len(sample)):
        raise refusal("not_a_sheet")
    text = codecs.getincrementaldecoder("utf-8")(errors="replace").decode(sample)
    foreign = len(sample.translate(None, _ASCII))
    broken = text.count("\ufffd")
    return "utf-8" if broken == 0 or broken < _HARDLY * foreign else "cp1252"


def _without_bom_16(sample: bytes) -> str | None:
    """Of UTF-16 the first letters are such as sheets have; other bytes read so give mostly Chinese ones."""
    for encoding in ("utf-16-le", "utf-16-be"):
        letters = sample[:_OPENING].decode(encoding, errors="ignore")
        if len(_FAMILIAR.findall(letters)) > _ALMOST_ALL * len(letters):
            return encoding
    return None


def detect_delimiter(text: str, heading_score: HeadingScore) -> str:
    """Return the delimiter by which a first line reads as a heading; else the one that gives most lines equal cells."""
    lines = [line[:_SAMPLE_WIDTH] for line in text.splitlines() if line.strip()][:_SAMPLE_LINES]
    if lines and (declared := _DECLARED.fullmatch(lines[0].strip("\ufeff"))):
        return declared[1]

    def fitness(delimiter: str) -> tuple[float, int]:
        rows = [_split_loosely(line, delimiter) for line in lines]
        widths = Counter(len(cells) for cells in rows if len(cells) > 1)
        evenness = max((width * count for width, count in widths.items()), default=0)
        return max(map(heading_score, rows), default=0.0), evenness

    return max(DELIMITERS, key=fitness)


def _split_loosely(line: str, delimiter: str) -> list[str]:
    """The cells of a row that could not be read, for showing it to a person."""
    return [cell.strip('"') for cell in line.split(delimiter)]
