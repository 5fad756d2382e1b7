"""How files become rows: every encoding and wrapping, clear refusals, and no row lost."""

from __future__ import annotations

import contextlib
import csv
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import data_files
from services.domain.errors import Invalid
from services.domain.sheets.headings import HeadingTable
from services.gateways.spreadsheets import SheetLimits, SheetTable, open_table
from tests.unit.sheet_files import HEADINGS, csv_bytes, gzipped, workbook, workbook_rows, zipped

TABLE = HeadingTable(data_files.sheet_headers())
SITA = ["24", "17", "सीता", "9876543210", "45"]
GITA = ["24", "18", "Gita", "9123456780", "50"]
TWO = csv_bytes(",".join(SITA), ",".join(GITA))


def table(content: bytes, **options) -> SheetTable:
    return open_table(io.BytesIO(content), TABLE, **options)


def zip_of(content: bytes) -> bytes:
    return zipped({"lists/sheet.csv": content, "__MACOSX/sheet.csv": b"litter"})


def rows(content: bytes) -> list[tuple[int, list[str], str | None]]:
    return [tuple(row) for row in table(content).rows]


def refusal(content: bytes, **options) -> str:
    with pytest.raises(Invalid) as refused:
        list(table(content, **options).rows)
    return refused.value.code


def test_rows_come_with_their_line_in_the_sheet():
    assert rows(TWO) == [(2, SITA, None), (3, GITA, None)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_are_recognised(encoding):
    assert rows(TWO.decode().encode(encoding)) == [(2, SITA, None), (3, GITA, None)]


def test_utf_16_with_the_big_endian_mark():
    assert rows(b"\xfe\xff" + TWO.decode().encode("utf-16-be"))[0] == (2, SITA, None)


def test_what_is_not_utf_8_is_read_as_windows_text():
    assert rows(csv_bytes("24,17,José,9876543210,45", encoding="cp1252"))[0][1][2] == "José"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_recognised(delimiter, end):
    content = TWO.decode().replace(",", delimiter).replace("\n", end).encode()
    assert rows(content) == [(2, SITA, None), (3, GITA, None)]


def test_commas_inside_cells_do_not_hide_the_semicolon():
    content = b"name;phone;address\nSita;9876543210;Ward 5, Near Temple, Sujangarh\nGita;9123456780;A, B\n"
    assert rows(content)[0][1][2] == "Ward 5, Near Temple, Sujangarh"


def test_the_delimiter_that_excel_declares():
    assert rows(b"sep=;\nname;phone\nSita;9876543210\n") == [(3, ["Sita", "9876543210"], None)]


@pytest.mark.parametrize("wrap", [gzipped, zip_of, lambda content: gzipped(zip_of(content))])
def test_packed_sheets_are_unpacked(wrap):
    assert rows(wrap(TWO)) == [(2, SITA, None), (3, GITA, None)]


def test_a_sheet_that_comes_in_chunks():
    content = gzipped(TWO)
    chunks = (content[at : at + 7] for at in range(0, len(content), 7))
    assert [row.line for row in open_table(chunks, TABLE).rows] == [2, 3]


def test_titles_above_the_heading_are_not_rows():
    content = "मतदाता सूची\n\n" + TWO.decode()
    opened = table(content.encode())
    assert opened.header_line == 3
    assert [row.line for row in opened.rows] == [4, 5]


def test_blank_lines_are_counted_and_not_rows():
    opened = table(csv_bytes("", ",,,,", ",".join(SITA), '"","",,,', "   ", ",".join(GITA)))
    assert [row.line for row in opened.rows] == [4, 7]
    assert opened.sheet.blank_lines == 4


def test_a_quoted_cell_over_two_lines_is_one_row_as_in_a_spreadsheet_program():
    assert [row[0] for row in rows(csv_bytes('24,17,"Sita\nDevi",9876543210,45', ",".join(GITA)))] == [2, 3]


def test_an_address_of_several_lines_and_commas_is_one_cell():
    content = b'name,phone,address\nSita,9876543210,"H 5, Gali 2,\nNear Temple, Churu"\nGita,9123456780,Churu\n'
    assert [len(row.cells) for row in table(content).rows] == [3, 3]


def test_an_unclosed_quote_costs_its_own_line_alone():
    found = rows(csv_bytes('24,17,"Sita,9876543210,45', ",".join(GITA), ",".join(SITA)))
    assert found[0] == (2, ["24", "17", "Sita", "9876543210", "45"], "unclosed_quote")
    assert found[1:] == [(3, GITA, None), (4, SITA, None)]


def test_an_unclosed_quote_that_a_later_quote_seems_to_close_swallows_no_row():
    found = rows(csv_bytes('24,17,"Sita,9876543210,45', ",".join(GITA), '24,17,Sita",9876543210,45', ",".join(SITA)))
    assert [(line, problem) for line, _, problem in found] == [(2, "unclosed_quote"), (3, None), (4, None), (5, None)]


def test_an_unclosed_quote_at_the_top_of_a_long_sheet_is_found_without_reading_it_all():
    found = rows(csv_bytes('24,17,"Sita,9876543210,45', *[",".join(GITA)] * 5000))
    assert len(found) == 5001
    assert [problem for _, _, problem in found if problem] == ["unclosed_quote"]


def test_a_last_row_that_breaks_off_is_reported():
    found = rows(TWO[: TWO.rindex(b",9123")])
    assert found[-1] == (3, ["24", "18", "Gita"], "row_cut_off")


def test_a_whole_last_row_needs_no_line_end():
    assert rows(TWO.rstrip(b"\n"))[-1] == (3, GITA, None)


def test_a_line_longer_than_any_is_one_reported_row():
    found = rows(csv_bytes("24,17," + "x" * 3_000_000 + ",9876543210,45", ",".join(GITA)))
    assert [(line, problem) for line, _, problem in found] == [(2, "cell_too_long"), (3, None)]


def test_a_quoted_cell_of_100000_characters_is_a_row():
    found = rows(csv_bytes('24,17,"' + "x" * 100_000 + '",9876543210,45', ",".join(GITA)))
    assert [line for line, _, _ in found] == [2, 3]


def test_nul_bytes_stay_in_their_row():
    assert rows(csv_bytes("24,17,Si\0ta,9876543210,45"))[0][1][2] == "Si\0ta"


def test_a_later_byte_that_is_not_utf_8_spoils_its_row_alone():
    content = csv_bytes(*[",".join(SITA)] * 100) + b"24,17,Ren\xe9,9876543210,45\n"
    assert rows(content)[-1][1][2] == "Ren\ufffd"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet_empty"),
        (b"\n\n\n", "header_not_found"),
        (b"%PDF-1.7 made up", "not_a_sheet"),
        (b"<html><table><tr><td>name</td></tr></table></html>", "not_a_sheet"),
        (b"\x89PNG\r\n\x1a\n", "not_a_sheet"),
        (bytes(range(1, 32)) * 50, "not_a_sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "old_workbook"),
        (gzipped(b"\n".join([HEADINGS.encode(), *[",".join(SITA).encode()] * 500]))[:-20], "file_truncated"),
        (zip_of(TWO)[:-30], "file_truncated"),
        (workbook(workbook_rows(["name"], ["Sita"]))[:-40], "file_truncated"),
        (zipped({"a.csv": TWO, "b.csv": TWO}), "zip_of_many"),
        (zipped({}), "sheet_empty"),
        (gzipped(gzipped(gzipped(gzipped(TWO)))), "not_a_sheet"),
        (zipped({"word/document.xml": b"x", "[Content_Types].xml": b"x"}), "not_a_sheet"),
        (csv_bytes(headings="name," + ",".join(f"c{n}" for n in range(300))), "too_many_columns"),
    ],
)
def test_files_that_are_no_sheet_are_refused(content, code):
    assert refusal(content) == code


def test_an_encrypted_archive_is_refused():
    content = bytearray(zip_of(TWO))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.index(mark) + (6 if mark.endswith(b"\x04") else 8)
        content[at] |= 1
    assert refusal(bytes(content)) == "encrypted_workbook"


@pytest.mark.parametrize("wrap", [gzipped, zip_of])
def test_a_bomb_is_refused_before_it_unfolds(wrap):
    bomb = wrap(csv_bytes() + b"0" * 40_000_000)
    assert refusal(bomb, limits=SheetLimits(ratio_from=1 << 20)) == "zip_bomb"


def test_a_bomb_inside_a_workbook_is_refused():
    assert refusal(workbook(" " * 40_000_000), limits=SheetLimits(ratio_from=1 << 20)) == "zip_bomb"


def test_a_file_over_the_limit_is_refused():
    assert refusal(TWO * 100, limits=SheetLimits(unpacked=1000)) == "file_too_large"
    assert refusal(gzipped(TWO * 100), limits=SheetLimits(unpacked=1000)) == "file_too_large"


def test_text_is_read_in_flat_memory():
    def chunks() -> Iterator[bytes]:
        yield csv_bytes()
        for _ in range(300):
            yield (",".join(SITA) + "\n").encode() * 1000

    tracemalloc.start()
    count = sum(1 for _ in open_table(chunks(), TABLE).rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 300_000
    assert peak < 12_000_000


def test_a_workbook_keeps_its_row_numbers_and_writes_values_as_people_do():
    content = workbook(workbook_rows(["ac_no", "name", "phone"], [24, "सीता", 9876543210], [24.5, "", 1e-7], first=3))
    opened = table(content)
    assert opened.header_line == 3
    assert [tuple(row) for row in opened.rows] == [
        (4, ["24", "सीता", "9876543210"], None),
        (5, ["24.5", "", "1e-07"], None),
    ]


def test_a_workbooks_formulas_dates_and_kinds():
    cells = (
        workbook_rows(["name", "age"])
        + '<row r="2"><c r="A2" t="str"><f>A9</f><v>Sita</v></c><c r="B2"><f>40+5</f><v>45</v></c></row>'
        '<row r="3"><c r="A3" t="str"><f>A9</f><v>Gita</v></c><c r="B3"><f>40+5</f></c></row>'
        '<row r="4"><c r="A4" t="str"><f>A9</f><v>Rita</v></c><c r="B4" t="e"><v>#REF!</v></c></row>'
        '<row r="5"><c r="A5" t="b"><v>1</v></c><c r="C5" t="d"><v>1980-05-12</v></c></row>'
        '<row r="7"><c r="A7" t="inlineStr"><is><r><t>Ri</t></r><r><t>ta_x0009_</t></r></is></c></row>'
    )
    assert rows(workbook(cells)) == [
        (2, ["Sita", "45"], None),
        (3, ["Gita"], "formula_cell"),
        (4, ["Rita", "#REF!"], "formula_cell"),
        (5, ["TRUE", "", "1980-05-12"], None),
        (7, ["Rita\t"], None),
    ]


def test_only_the_first_filled_worksheet_is_read_and_the_others_are_named():
    filled = workbook_rows(["name"], ["Sita"])
    opened = table(workbook("", filled, "", filled))
    assert [row.cells for row in opened.rows] == [["Sita"]]
    assert opened.skipped_sheets == ("List 4",)


def test_a_sparse_worksheet_costs_nothing():
    far = '<row r="1048576"><c r="A1048576"><v>9876543210</v></c></row>'
    found = rows(workbook(workbook_rows(["name", "phone"], ["Sita", 9876543210]) + far))
    assert [line for line, _, _ in found] == [2, 1048576]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "too_many_columns"),
        ('<row r="99999999"><c r="A1"><v>1</v></c></row>', "not_a_sheet"),
        ('<row r="x"><c r="A1"><v>1</v></c></row>', "not_a_sheet"),
        ('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "not_a_sheet"),
        ('<row r="1"><c r="A1"><v>one</v></c></row>', "not_a_sheet"),
        ('<row r="1"><c r="A1"><v>1</v></row>', "not_a_sheet"),
        ('<row r="5"><c r="A5"><v>1</v></c></row><row r="3"><c r="A3"><v>1</v></c></row>', "not_a_sheet"),
        ("", "sheet_empty"),
    ],
)
def test_broken_workbooks_are_refused(cells, code):
    assert refusal(workbook(cells)) == code


def test_a_workbook_that_declares_entities_is_refused():
    content = zipped(
        {"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "xl/_rels/workbook.xml.rels": b"<x/>"}
    )
    assert refusal(content) == "not_a_sheet"


CELL = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(st.lists(CELL, max_size=6), max_size=20), st.sampled_from(["utf-8", "utf-16"]))
def test_a_well_written_sheet_comes_back_whole(cells, encoding):
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([HEADINGS.split(","), *cells])
    opened = table(written.getvalue().encode(encoding))
    read = {row.line: row.cells for row in opened.rows}
    assert len(read) + opened.sheet.blank_lines == len(cells)
    for line, row in enumerate(cells, start=2):
        if any(cell.strip(" \t\u00a0") for cell in row):
            assert read[line] == row
        else:
            assert line not in read


@given(st.lists(st.text(st.sampled_from('a"," ;\t|€\0'), max_size=12), max_size=40))
def test_no_line_is_lost_however_its_quotes_fall(lines):
    opened = table(csv_bytes(*lines))
    found = list(opened.rows)
    swallowed = sum(cell.count("\n") for row in found for cell in row.cells)
    assert len(found) + opened.sheet.blank_lines + swallowed >= len(lines)
    assert all(row.problem in {None, "unclosed_quote", "row_cut_off"} for row in found)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_sheet_or_refused(content):
    with contextlib.suppress(Invalid):
        rows(content)


@given(st.data())
def test_a_damaged_workbook_is_a_sheet_or_refused(data):
    content = bytearray(workbook(workbook_rows(["name", "phone"], ["Sita", 9876543210])))
    for _ in range(3):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Invalid):
        rows(bytes(content))
