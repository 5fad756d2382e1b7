"""A spoilt sheet: how much of it, in which ways, and that everything else stays as it was."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import config
from services.domain.identifiers.phones import parse_phones
from services.domain.roll.mess import Mess
from services.domain.roll.sheet import FIELDS, HEADINGS
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.sheets import guess_mapping
from services.imports.roll_sheets import RollSheet, SheetOrder

HEADING_TABLE = HeadingTable(json.loads((Path(config.__file__).parent / "data/sheet_headers.json").read_text("utf-8")))
KINDS = {
    *("aadhaar_like", "bad_part", "blank_line", "devanagari_digits", "nobody", "scientific_phone"),
    *("spaced_phone", "told_twice", "total_line", "two_phones", "under_age", "zero_phone"),
}


def row_with(**fields):
    return [fields.get(field, "") for field in FIELDS]


SITA = row_with(
    ac_no="24", part_no="17", serial_no="3", name="Sita Devi", name_hi="सीता देवी", age="41", phone="6401234567"
)


def spoilt(kind):
    lines = getattr(Mess(rows=1, share=1, seed=1), kind)(SITA)
    return [dict(zip(FIELDS, line, strict=True)) for line in lines]


@pytest.mark.parametrize(
    ("rows", "share", "spoils"), [(1000, 0, 0), (1000, 0.1, 100), (2000, 0.033, 66), (1000, 1, 1000)]
)
def test_exactly_the_share_ordered_is_spoilt(rows, share, spoils):
    sheet = RollSheet(SheetOrder(rows=rows, mess=share))
    lines = list(sheet.lines())
    summary = sheet.summary()
    kinds = Counter(summary["spoilt_by_kind"])
    assert (summary["rows"], summary["spoilt"], kinds.total()) == (rows, spoils, spoils)
    extra = kinds["told_twice"] + kinds["blank_line"] + kinds["total_line"]
    assert summary["lines"] == len(lines) == 1 + rows + extra


def test_every_way_to_spoil_occurs():
    sheet = RollSheet(SheetOrder(rows=2000, mess=0.2))
    list(sheet.lines())
    assert set(sheet.summary()["spoilt_by_kind"]) == KINDS


def test_rows_that_are_not_spoilt_stay_as_in_the_clean_sheet():
    clean = Counter(map(tuple, RollSheet(SheetOrder(rows=2000)).lines()))
    messy = Counter(map(tuple, RollSheet(SheetOrder(rows=2000, mess=0.05)).lines()))
    assert (clean - messy).total() <= 100


def test_the_same_order_gives_the_same_sheet():
    order = SheetOrder(rows=1000, mess=0.3)
    assert list(RollSheet(order).lines()) == list(RollSheet(order).lines())


def test_devanagari_digits_stand_for_the_same_numbers():
    (line,) = spoilt("devanagari_digits")
    assert (line["part_no"], line["age"], line["phone"]) == ("१७", "४१", "६४०१२३४५६७")


@pytest.mark.parametrize("kind", ["spaced_phone", "zero_phone"])
def test_a_phone_written_otherwise_is_still_the_same(kind):
    (line,) = spoilt(kind)
    assert [number.e164 for number in parse_phones(line["phone"]).numbers] == ["+916401234567"]


def test_two_phones_are_the_own_one_and_another():
    (line,) = spoilt("two_phones")
    first, second = parse_phones(line["phone"]).numbers
    assert first.e164 == "+916401234567" != second.e164


def test_a_number_in_scientific_notation_has_lost_digits():
    (line,) = spoilt("scientific_phone")
    assert line["phone"] == "6.401235E+09"
    assert parse_phones(line["phone"]).problems == ("phone_lost_digits",)


def test_an_aadhaar_like_number_is_one_that_the_import_refuses():
    (line,) = spoilt("aadhaar_like")
    assert parse_phones(line["phone"]).problems == ("aadhaar_like",)


def test_somebody_told_twice_and_a_blank_line_after_a_row():
    assert spoilt("told_twice") == [dict(zip(FIELDS, SITA, strict=True))] * 2
    assert [any(line.values()) for line in spoilt("blank_line")] == [True, False]


def test_a_child_a_nobody_and_a_part_that_is_none():
    assert int(spoilt("under_age")[0]["age"]) < 18
    (nobody,) = spoilt("nobody")
    assert not any(nobody[field] for field in ("name", "name_hi", "phone", "facebook", "instagram", "x"))
    assert spoilt("bad_part")[0]["part_no"] in {"0", "9999", "-", "बूथ"}


@pytest.mark.parametrize("headings", list(HEADINGS))
def test_the_import_knows_every_heading(headings):
    mapping = guess_mapping(HEADINGS[headings], HEADING_TABLE)
    assert mapping.fields == {field: place for place, field in enumerate(FIELDS)}


def test_headings_may_stand_further_down():
    lines = list(RollSheet(SheetOrder(rows=1000, header_row=3)).lines())
    assert tuple(lines[2]) == HEADINGS["hi"]
    assert "काल्पनिक" in lines[0][0]
    assert len(lines) == 1003
