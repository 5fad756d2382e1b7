"""What a row of a roster sheet says about a person, or the code why it cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.domain.areas import AreaNames
from services.domain.identifiers.phones import parse_phones
from services.domain.sheets.cells import CellRefused, CellWords, read_age, read_number, read_text
from services.domain.sheets.row_cells import RowCells, RowProblem, unfit
from services.domain.sheets.sheets import SheetMapping
from services.domain.text import clean

LONGEST_NAME = 120
HIGHEST_CAPACITY = 1000
AGE_COLUMNS = ("age", "born_on", "birth_year")
_GAP = re.compile(r"[;,|\n]+")
_CONSTITUENCY_MARK = re.compile(r"^(?:ac|विस)[\s.\-]*(?:no\.?)?\s*(?=\d)", re.IGNORECASE)
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")
# राजसमंद is a district and a seat: as a place to work it means the seat.
_KINDS_OF_WORK = ("constituency", "part", "district", "section", "state")


@dataclass(frozen=True, kw_only=True)
class RosterRow:
    """A person by phone, and those facts about them that the row says."""

    phone: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class RosterReader:
    """Reads rows; asks the places and the word lists what cells mean."""

    def __init__(self, areas: AreaNames, words: CellWords, roster_words: Mapping[str, Any], *, today: date) -> None:
        self._areas = areas
        self._words = words
        self._today = today
        self._roles = _by_word(roster_words["role"])
        self._channels = _by_word(roster_words["channel"])

    def read(self, cells: Sequence[str], mapping: SheetMapping) -> RosterRow | RowProblem:
        """Read one row that is not blank; never raises for what the cells hold."""
        if problem := unfit(cells, mapping):
            return problem
        row: RowCells | None = None
        try:
            row = RowCells(cells, mapping, self._words)
            return self._read(row)
        except CellRefused as refused:
            at = mapping.fields.get(row.field) if row and row.field else None
            return RowProblem(None if at is None else mapping.headers[at], refused.code)

    def _read(self, row: RowCells) -> RosterRow:
        name = row.take("name") or row.take("name_hi")
        if not name and "phone" not in row.values:
            row.field = None
            raise CellRefused("no_person")
        read: dict[str, Callable[[str], Any]] = {
            "role": lambda cell: _known(self._roles, cell, "role_unknown"),
            "home_district": self._district,
            "areas": lambda cell: _each(cell, self._area),
            "languages": lambda cell: _each(cell, self._language),
            "channels": lambda cell: _each(cell, lambda one: _known(self._channels, one, "channel_unknown")),
            "daily_capacity": _capacity,
        }
        for column in AGE_COLUMNS:
            if cell := row.take(column):
                # Asked so that no minor comes in, and not kept; of several columns the youngest that one says counts.
                read_age(cell, self._words, self._today)
        phone = _mobile(row.take("phone"))
        facts: dict[str, Any] = {}
        if name:
            row.field = "name" if "name" in row.values else "name_hi"
            facts["name"] = read_text(name, LONGEST_NAME)
        for column, reader in read.items():
            if cell := row.take(column):
                facts["home_area" if column == "home_district" else column] = reader(cell)
        return RosterRow(phone=phone, facts=facts)

    def _district(self, cell: str) -> str:
        found = self._areas.match(cell, kind="district")
        if len(found) != 1:
            raise CellRefused("area_ambiguous" if found else "area_unknown")
        return found[0].id

    def _area(self, cell: str) -> str:
        named = _CONSTITUENCY_MARK.sub("", cell)
        for kind in _KINDS_OF_WORK:
            found = [area for area in self._areas.match(named) if area.kind == kind]
            if len(found) == 1:
                return found[0].id
            if found:
                raise CellRefused("area_ambiguous")
        raise CellRefused("area_unknown")

    def _language(self, cell: str) -> str:
        word = clean(cell).lower()
        known = self._words.language.get(word)
        if known is None and not _LANGUAGE_CODE.fullmatch(word):
            raise CellRefused("language_unknown")
        return known or word


def _mobile(cell: str | None) -> str:
    if cell is None:
        raise CellRefused("phone_required")
    read = parse_phones(cell)
    if read.problems:
        raise CellRefused(read.problems[0])
    if len(read.numbers) > 1:
        raise CellRefused("phone_too_many")
    if not read.numbers or read.numbers[0].kind != "mobile":
        raise CellRefused("phone_invalid")
    return read.numbers[0].e164


def _capacity(cell: str) -> int:
    number = read_number(cell)
    if number > HIGHEST_CAPACITY:
        raise CellRefused("number_invalid")
    return number


def _each(cell: str, read: Callable[[str], str]) -> tuple[str, ...]:
    """Read a list with ; or , between its entries, each once."""
    return tuple(dict.fromkeys(read(entry.strip()) for entry in _GAP.split(cell) if entry.strip()))


def _known(words: Mapping[str, str], cell: str, code: str) -> str:
    meaning = words.get(clean(cell).lower())
    if meaning is None:
        raise CellRefused(code)
    return meaning


def _by_word(lists: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {clean(word).lower(): value for value, words in lists.items() for word in (value, *words)}
