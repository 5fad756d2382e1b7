"""Cells of columns that a campaign added: `custom.<name>`, each read as its field's kind, or the code why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from services.domain.contacts.custom_fields import LONGEST_TEXT, wrong_value
from services.domain.sheets.cells import CellRefused, CellWords, read_date, read_text
from services.domain.text import clean, latin_digits

CUSTOM = "custom."
_NUMBER = re.compile(r"[-+]?\d[\d,]{0,18}(?:\.\d{1,12})?(?:[eE][-+]?\d{1,2})?")


class CustomColumns:
    """The fields of one campaign as its sheets name them; without a campaign none."""

    def __init__(self, fields: Sequence[Mapping[str, Any]] = ()) -> None:
        self._fields = {f"{CUSTOM}{field['name']}": field for field in fields}

    def __bool__(self) -> bool:
        return bool(self._fields)

    def headings(self) -> Mapping[str, Sequence[str]]:
        """Return by column what may stand above it: the column itself, the field's name, its labels."""
        return {column: (column, field["name"], *field["label"].values()) for column, field in self._fields.items()}

    def read(self, column: str, cell: str, words: CellWords, today: date) -> Any:
        """Return the value that a cell tells, None where it tells nothing; raises CellRefused."""
        field, text = self._fields[column], cell.strip()
        # A plain "no" is an answer here and nothing elsewhere.
        answered = field["kind"] == "boolean" and _flag(text, words) is not None
        if not text or (text.lower() in words.blank and not answered):
            return None
        if text.startswith("="):
            raise CellRefused("formula_cell")
        value = _READ[field["kind"]](text, field, words, today)
        if code := wrong_value(field, value):
            raise CellRefused(_CODES.get(code, "custom_invalid"))
        return value


_CODES = {"aadhaar_like": "aadhaar_like", "too_long": "cell_too_long", "out_of_range": "number_invalid"}


def _text(text: str, field: Mapping[str, Any], words: CellWords, today: date) -> str:  # noqa: ARG001
    return read_text(text, LONGEST_TEXT)


def _number(text: str, field: Mapping[str, Any], words: CellWords, today: date) -> int | float:  # noqa: ARG001
    """`२४`, `1,200`, `12.5`, `9.876543E+09`; a whole one has no point."""
    plain = latin_digits(text)
    if not _NUMBER.fullmatch(plain):
        raise CellRefused("number_invalid")
    value = float(plain.replace(",", ""))
    return int(value) if value.is_integer() else value


def _date(text: str, field: Mapping[str, Any], words: CellWords, today: date) -> str:  # noqa: ARG001
    return read_date(text, words, today, code="date_invalid").isoformat()


def _choice(text: str, field: Mapping[str, Any], words: CellWords, today: date) -> str:  # noqa: ARG001
    wanted = clean(text).casefold()
    found = next((option for option in field["options"] if clean(option).casefold() == wanted), None)
    if found is None:
        raise CellRefused("choice_unknown")
    return str(found)


def _boolean(text: str, field: Mapping[str, Any], words: CellWords, today: date) -> bool:  # noqa: ARG001
    flag = _flag(text, words)
    if flag is None:
        raise CellRefused("yes_or_no")
    return flag


def _flag(text: str, words: CellWords) -> bool | None:
    word = clean(text).lower()
    return True if word in words.yes else False if word in words.no else None


_READ: Mapping[str, Callable[[str, Mapping[str, Any], CellWords, date], Any]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "boolean": _boolean,
}
