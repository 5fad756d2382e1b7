"""What refused rows look like when they are given back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import data_files
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.rejects import RowMessages, rejects_heading, rejects_line
from services.domain.sheets.row_cells import RowProblem
from services.gateways.spreadsheets import open_table

MESSAGES = RowMessages(data_files.row_problems())


def line(cells: list[str], code: str = "phone_invalid", *, locale: str = "en") -> list[str]:
    written = rejects_line(7, RowProblem("मोबाइल", code), cells, messages=MESSAGES, locale=locale)
    (read,) = csv.reader(io.StringIO(written))
    return read


def test_where_and_why_stand_before_the_rows_own_cells():
    found = line(["Sita", "12345"])
    assert found[:3] == ["7", "मोबाइल", "phone_invalid"]
    assert found[3].startswith("This is no phone number.")
    assert found[4:] == ["Sita", "12345"]


def test_the_reason_in_hindi():
    assert line(["Sita"], locale="hi")[3].startswith("यह फ़ोन नंबर नहीं है")


@pytest.mark.parametrize("cell", ["=1+1", "+911", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_is_run_as_a_formula(cell):
    assert line([cell])[4] == f"'{cell}"


@pytest.mark.parametrize("code", ["under_18", "aadhaar_like"])
def test_rows_that_may_not_be_kept_are_blanked(code):
    assert line(["Sita", "9876543210", "17"], code)[4:] == ["", "", ""]


def test_an_aadhaar_like_cell_is_blanked_whatever_the_row_was_refused_for():
    assert line(["Sita", "2345 6789 0124"], "unclosed_quote")[4:] == ["Sita", ""]


def test_control_characters_and_endless_cells_are_not_given_back():
    assert line(["Si\0ta", "x" * 100_000])[4:] == ["Si\ufffdta", "x" * 1000 + "…"]


def test_a_corrected_sheet_can_be_uploaded_again():
    sheet = rejects_heading(["Name", "मोबाइल"]) + rejects_line(
        7, RowProblem("मोबाइल", "phone_foreign"), ["Sita", "+919876543210"], messages=MESSAGES, locale="hi"
    )
    table = open_table(io.BytesIO(sheet.encode()), HeadingTable(data_files.sheet_headers()))
    assert table.mapping.fields == {"name": 0, "phone": 1}
    assert [list(row.cells) for row in table.rows] == [["Sita", "'+919876543210"]]


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=20), min_size=1, max_size=8))
def test_any_cells_make_one_line_without_formulas(cells):
    found = line(cells)
    assert len(found) == 4 + len(cells)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in found)
