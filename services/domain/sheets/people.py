"""Rows of a sheet turned into people, or refused with the column and the code why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from services.domain.sheets.cells import (
    CellRefused,
    CellWords,
    read_age,
    read_epic,
    read_gender,
    read_language,
    read_number,
    read_tags,
    read_text,
)
from services.domain.sheets.custom_cells import CUSTOM, CustomColumns
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.row_addresses import ADDRESS_FIELDS, RowAddress, read_addresses
from services.domain.sheets.row_cells import RowCells, RowProblem, unescaped, unfit
from services.domain.sheets.row_names import is_total, read_names
from services.domain.sheets.row_places import Places, read_place
from services.domain.sheets.sheets import SheetMapping

__all__ = ["PersonRow", "RowAddress", "RowDefaults", "RowProblem", "parse_row"]

_LONGEST = {"section": 120, "house_no": 60, "address": 400}


@dataclass(frozen=True, slots=True)
class RowDefaults:
    """What every row of a sheet is read with; place and language stand in where a row names none."""

    words: CellWords
    headings: HeadingTable
    today: date
    places: Places | None = None
    ac_no: int | None = None
    part_no: int | None = None
    language: str | None = None
    custom: CustomColumns | None = None


class PersonRow(NamedTuple):
    """One person as a row told of them; `home_address` is the postal one, `custom` what a campaign's fields hold."""

    ac_no: int | None = None
    part_no: int | None = None
    section: str | None = None
    serial_no: int | None = None
    epic: str | None = None
    name: str | None = None
    name_hi: str | None = None
    relative_name: str | None = None
    relation: str | None = None
    house_no: str | None = None
    age: int | None = None
    gender: str = "unknown"
    addresses: tuple[RowAddress, ...] = ()
    language: str | None = None
    tags: tuple[str, ...] = ()
    home_address: str | None = None
    custom: Mapping[str, Any] | None = None


def parse_row(cells: Sequence[str], mapping: SheetMapping, *, defaults: RowDefaults) -> PersonRow | RowProblem:
    """Read one row that is not blank; never raises for what the cells hold."""
    if problem := unfit(cells, mapping):
        return problem
    row: RowCells | None = None
    try:
        row = RowCells(cells, mapping, defaults.words)
        person = _read_person(row, defaults)
        return person._replace(custom=_custom(row, cells, mapping, defaults)) if defaults.custom else person
    except CellRefused as refused:
        at = mapping.fields.get(row.field) if row and row.field else None
        return RowProblem(None if at is None else mapping.headers[at], refused.code)


def _read_person(row: RowCells, defaults: RowDefaults) -> PersonRow:
    """Every field of the row; age before all others, as the row of a minor must be known for one."""
    words = defaults.words
    name, name_hi, relative_name, relation = read_names(row, words)
    # A name that is no name but "Total" stands before sums, which are no ages and no numbers of phones.
    if not name and (is_total(row, words) or row.values.keys().isdisjoint(ADDRESS_FIELDS)):
        raise _nobody(row)
    age = read_age(cell, words, defaults.today) if (cell := row.take("age")) else None
    addresses = read_addresses(row, words)
    if not (name or addresses):
        raise _nobody(row)
    ac_no, part_no = _place(row, defaults)
    return PersonRow(
        ac_no=ac_no,
        part_no=part_no,
        section=_text(row, "section"),
        serial_no=read_number(cell) if (cell := row.take("serial_no")) else None,
        epic=read_epic(cell) if (cell := row.take("epic")) else None,
        name=name,
        name_hi=name_hi,
        relative_name=relative_name,
        relation=relation,
        house_no=_text(row, "house_no"),
        age=age,
        gender=read_gender(cell, words) if (cell := row.take("gender")) else "unknown",
        addresses=addresses,
        language=read_language(cell, words) if (cell := row.take("language")) else defaults.language,
        tags=_tags(row, defaults),
        home_address=_text(row, "address"),
    )


def _custom(
    row: RowCells, cells: Sequence[str], mapping: SheetMapping, defaults: RowDefaults
) -> Mapping[str, Any] | None:
    """The values of a campaign's fields by name; read from the cells as they came, where a plain "no" still stands."""
    found = {}
    for column, at in mapping.fields.items():
        if column.startswith(CUSTOM) and at < len(cells) and defaults.custom:
            row.field = column
            value = defaults.custom.read(column, unescaped(cells[at].strip()), defaults.words, defaults.today)
            if value is not None:
                found[column.removeprefix(CUSTOM)] = value
    return found or None


def _nobody(row: RowCells) -> CellRefused:
    row.field = None
    return CellRefused("no_person")


def _text(row: RowCells, field: str) -> str | None:
    cell = row.take(field)
    return (read_text(cell, _LONGEST[field]) or None) if cell else None


def _tags(row: RowCells, defaults: RowDefaults) -> tuple[str, ...]:
    cell = row.take("tags")
    tags = read_tags(cell, defaults.words) if cell else ()
    if any(defaults.headings.forbidden_kind(tag) for tag in tags):
        raise CellRefused("tag_forbidden")
    return tags


def _place(row: RowCells, defaults: RowDefaults) -> tuple[int | None, int | None]:
    """The row's own constituency and part, else the sheet's, and only such a pair as there is."""
    ac_no, part_no = read_place(row, defaults.places)
    if ac_no is None:
        ac_no = defaults.ac_no
    if part_no is None and ac_no == defaults.ac_no:
        part_no = defaults.part_no
    known = defaults.places is None or ac_no is None or part_no is None or defaults.places.has_part(ac_no, part_no)
    if not known:
        row.field = "part_no"
        raise CellRefused("unknown_part")
    return ac_no, part_no
