"""The XML parts of an XLSX workbook, read as they stream by: shared texts, number formats, and a worksheet's rows."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Generic, TypeVar
from xml.parsers import expat

from services.gateways.sheet_bytes import refusal
from services.gateways.sheet_row import SheetRow

MAX_CELLS = 1_000
MAX_ROW = 1_048_576

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_EXACT = 1e15  # up to here every whole number is itself in a float
_LAST_SERIAL = 2_958_465  # 9999-12-31
_LETTERS = 26

_T = TypeVar("_T")


class PartReader(Generic[_T]):
    """One pass over a part; what has been read waits in `found`. Prefixes of names are dropped."""

    def __init__(self) -> None:
        self.found: list[_T] = []
        self.text: list[str] = []
        self.collects = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self.start
        self._parser.EndElementHandler = self.end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._entity

    def read(self, chunks: Iterable[bytes]) -> Iterator[_T]:
        """Yield what the chunks hold as they come; `not_a_sheet` for what is no XML or declares entities."""
        try:
            for chunk in chunks:
                self._parser.Parse(chunk, False)
                found, self.found = self.found, []
                yield from found
            self._parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as broken:
            raise refusal("not_a_sheet") from broken
        yield from self.found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element opens."""

    def end(self, name: str) -> None:
        """An element closes."""

    def _characters(self, text: str) -> None:
        if self.collects:
            self.text.append(text)

    def _entity(self, *_declaration: object) -> None:
        raise refusal("not_a_sheet")


class ElementReader(PartReader[tuple[str, dict[str, str]]]):
    """Every element's name and attributes in their order."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Keep the element."""
        self.found.append((_local(name), attributes))


class SharedTexts(PartReader[str]):
    """The texts that cells name by number, each of all its runs, without its reading aids (`rPh`)."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Collect inside `t`, but not below `rPh`."""
        name = _local(name)
        if name == "si":
            self.text.clear()
        elif name == "rPh":
            self._parser.StartElementHandler = None
        elif name == "t":
            self.collects = True

    def end(self, name: str) -> None:
        """Finish a text."""
        name = _local(name)
        if name == "t":
            self.collects = False
        elif name == "rPh":
            self._parser.StartElementHandler = self.start
        elif name == "si":
            self.found.append(unescape("".join(self.text)))


class WorksheetRows(PartReader[SheetRow]):
    """A worksheet's rows as text, blank ones too; a formula without a result and an error say `formula_cell`."""

    def __init__(self, texts: Sequence[str], date_styles: Container[str], first_day: date) -> None:
        super().__init__()
        self._texts = texts
        self._date_styles = date_styles
        self._first_day = first_day
        self._columns: dict[str, int] = {}
        self._row = 0
        self._at = -1
        self._cells: list[str] = []
        self._attributes: dict[str, str] = {}
        self._formula = False
        self._problem: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Open a row, a cell, or the text in it."""
        name = _local(name)
        if name == "c":
            self._attributes = attributes
            self._at = self._column(attributes["r"]) if "r" in attributes else self._at + 1
            self._formula = False
            self.text.clear()
        elif name in {"v", "t"}:
            self.collects = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            above = self._row
            self._row = int(attributes.get("r", above + 1))
            self._at, self._cells, self._problem = -1, [], None
            # An import goes on after the last row that it counted: rows that went back would be lost or count twice.
            if not above < self._row <= MAX_ROW:
                raise refusal("not_a_sheet")

    def end(self, name: str) -> None:
        """Finish a cell's text, a cell or a row."""
        name = _local(name)
        if name in {"v", "t"}:
            self.collects = False
        elif name == "c":
            if value := self._value():
                self._place(value)
        elif name == "row":
            self.found.append(SheetRow(self._row, self._cells, self._problem))

    def _place(self, value: str) -> None:
        if self._at >= MAX_CELLS:
            raise refusal("too_many_columns")
        if self._at < len(self._cells):
            raise refusal("not_a_sheet")
        self._cells.extend([""] * (self._at - len(self._cells)))
        self._cells.append(value)

    def _value(self) -> str:
        kind, text = self._attributes.get("t", "n"), "".join(self.text)
        if kind == "e" or (self._formula and not text and kind != "str"):
            self._problem = "formula_cell"
            return text
        if not text:
            return ""
        if kind == "s":
            if not text.isdecimal() or int(text) >= len(self._texts):
                raise refusal("not_a_sheet")
            return self._texts[int(text)]
        if kind == "b":
            return "FALSE" if text == "0" else "TRUE"
        if kind == "n":
            return self._number(text)
        return unescape(text)

    def _number(self, text: str) -> str:
        """A number as a person would write it: whole ones without a point, dates as YYYY-MM-DD."""
        value = float(text)
        if self._attributes.get("s") in self._date_styles and 0 <= value <= _LAST_SERIAL:
            return (self._first_day + timedelta(days=int(value))).isoformat()
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = 0
            for letter in letters[:4]:
                column = column * _LETTERS + (ord(letter) - ord("A") + 1)
            column = self._columns[letters] = column - 1
        return column


def unescape(text: str) -> str:
    """Return the text with `_x000D_` and the like as the characters they stand for."""
    return _ESCAPE.sub(_stands_for, text) if "_x" in text else text


def _stands_for(code: re.Match[str]) -> str:
    letter = chr(int(code[1], 16))
    return "\ufffd" if "\ud800" <= letter <= "\udfff" else letter


def _local(name: str) -> str:
    return name[name.find(":") + 1 :]
