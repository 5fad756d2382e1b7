"""How a row becomes a person, and each reason why it does not."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import data_files
from services.domain.sheets.cells import CellWords
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.people import PersonRow, RowAddress, RowDefaults, RowProblem, parse_row
from services.domain.sheets.row_places import PlaceIndex
from services.domain.sheets.sheets import FIELDS, guess_mapping

TABLE = HeadingTable(data_files.sheet_headers())
PLACES = PlaceIndex({24: ["Sujangarh", "सुजानगढ़"], 175: ["Rajsamand"]}, {24: range(1, 419), 175: range(1, 341)})
DEFAULTS = RowDefaults(
    words=CellWords(data_files.cell_words()), headings=TABLE, today=date(2026, 11, 22), places=PLACES
)
AADHAAR_LIKE = "2345 6789 0124"


def read(defaults: RowDefaults = DEFAULTS, **cells: str) -> PersonRow | RowProblem:
    mapping = guess_mapping(list(cells), TABLE)
    return parse_row(list(cells.values()), mapping, defaults=defaults)


def person(**cells: str) -> PersonRow:
    found = read(**cells)
    assert isinstance(found, PersonRow), found
    return found


def problem(**cells: str) -> tuple[str | None, str]:
    found = read(**cells)
    assert isinstance(found, RowProblem), found
    return found.column, found.code


def test_a_whole_roll_row():
    assert read(
        ac_no="२४", part_no="17", section="1", serial_no="001", epic="rja1234567", name="सीता  देवी",
        relative_name="राम लाल", relation="पति", house_no="12-क", age="४५ वर्ष", gender="महिला",
        phone="9876543210 / 01562-250123", whatsapp="9123456780",
        facebook="https://facebook.com/Sita.Devi", language="Hindi", tags="Booth Agent; farmer", address="Ward 5",
    ) == PersonRow(
        ac_no=24, part_no=17, section="1", serial_no=1, epic="RJA1234567", name="सीता देवी", relative_name="राम लाल",
        relation="husband", house_no="12-क", age=45, gender="female",
        addresses=(
            RowAddress("mobile", "+919876543210", "phone"),
            RowAddress("landline", "+911562250123", "phone"),
            RowAddress("whatsapp", "+919123456780", "whatsapp"),
            RowAddress("facebook", "sita.devi", "facebook"),
        ),
        language="hi", tags=("booth agent", "farmer"), home_address="Ward 5",
    )  # fmt: skip


def test_a_name_alone_or_a_phone_alone_is_a_person():
    assert person(name="Sita", phone="").name == "Sita"
    assert person(name="", phone="9876543210").name is None


@pytest.mark.parametrize(
    "cells",
    [
        {"name": "", "phone": "", "age": "45"},
        {"name": "कुल", "phone": "", "age": "4521"},
        {"name": "Grand Total :", "phone": "-", "age": "12"},
        {"name": "Total", "phone": "1200", "age": "54000"},
        {"name": "N/A", "phone": "0000000000", "age": ""},
    ],
)
def test_a_total_or_a_row_without_anybody(cells):
    assert problem(**cells) == (None, "no_person")


def test_a_heading_repeated_amid_the_rows():
    assert problem(name="name", phone="phone") == (None, "repeated_header")


@pytest.mark.parametrize(
    ("written", "age"),
    [
        ("45", 45), ("45.0", 45), ("४५", 45), ("45 yrs", 45), ("आयु 45 वर्ष", 45), ("1980-05-12", 46), ("12/05/1980", 46),
        ("12.05.80", 46), ("1980-12-12 00:00:00", 45), ("12-May-1980", 46), ("१२ मई १९८०", 46), ("May 12, 1980", 46),
        ("05/13/1980", 46), ("1980", 45), ("22/11/2008", 18), ("29353", 46),
    ],
)  # fmt: skip
def test_ages_and_birth_dates(written, age):
    assert person(name="Sita", age=written).age == age


@pytest.mark.parametrize("written", ["17", "१७ वर्ष", "0", "23/11/2008", "2008", "2020-01-01"])
def test_minors_are_refused(written):
    assert problem(name="Sita", age=written) == ("age", "under_18")


def test_a_minor_is_known_for_one_even_when_the_phone_is_wrong_too():
    assert problem(name="Sita", phone="12", age="17") == ("age", "under_18")


@pytest.mark.parametrize("written", ["old", "1a" + "-" * 9000, "450", "-45", "18-25", "31/02/1980", "12 Foo 1980"])
def test_ages_that_nobody_has(written):
    assert problem(name="Sita", age=written) == ("age", "age_invalid")


@pytest.mark.parametrize(
    ("written", "gender"),
    [
        ("M", "male"),
        ("पुरुष", "male"),
        ("Female", "female"),
        ("स्त्री", "female"),
        ("Third Gender", "third"),
        ("", "unknown"),
    ],
)
def test_genders(written, gender):
    assert person(name="Sita", gender=written).gender == gender


def test_a_gender_that_is_none():
    assert problem(name="Sita", gender="45") == ("gender", "gender_unknown")


@pytest.mark.parametrize(
    ("written", "relation"),
    [("F", "father"), ("S/o", "father"), ("पिता", "father"), ("W/O", "husband"), ("पति", "husband"),
     ("Mother", "mother"), ("brother", "other")],
)  # fmt: skip
def test_relations(written, relation):
    assert person(name="Sita", relation=written).relation == relation


@pytest.mark.parametrize(
    ("written", "name", "relation", "relative"),
    [
        ("Ram Lal S/o Shyam Lal", "Ram Lal", "father", "Shyam Lal"),
        ("Sita, W/o. Ram", "Sita", "husband", "Ram"),
        ("राम लाल पुत्र श्याम लाल", "राम लाल", "father", "श्याम लाल"),
        ("Soham Doshi", "Soham Doshi", None, None),
    ],
)
def test_name_and_relative_in_one_cell(written, name, relation, relative):
    found = person(name=written)
    assert (found.name, found.relation, found.relative_name) == (name, relation, relative)


def test_a_relatives_cell_that_begins_with_the_relation():
    found = person(name="Sita", relative_name="W/o Ram Lal")
    assert (found.relation, found.relative_name) == ("husband", "Ram Lal")


def test_a_name_of_two_columns_and_one_in_two_scripts():
    assert person(firstName="Sita", lastName="Devi").name == "Sita Devi"
    found = person(name="सीता", name_hi="Sita")
    assert (found.name, found.name_hi) == ("Sita", "सीता")
    assert person(name="", name_hi="सीता").name == "सीता"


@pytest.mark.parametrize(
    ("written", "epic"),
    [("rja 1234567", "RJA1234567"), ("RJ/20/135/123456", "RJ/20/135/123456"), ("RJA१२३४५६७", "RJA1234567")],
)
def test_epic_numbers(written, epic):
    assert person(name="Sita", epic=written).epic == epic


def test_an_epic_number_that_is_none():
    assert problem(name="Sita", epic="1234567") == ("epic", "epic_invalid")


@pytest.mark.parametrize(
    ("ac_no", "part_no", "place"),
    [("24", "17", (24, 17)), ("AC-24", "Part 17", (24, 17)), ("24 - Sujangarh (SC)", "17.0", (24, 17)),
     ("सुजानगढ", "१७", (24, 17)), ("", "17", (None, 17)), ("24", "", (24, None))],
)  # fmt: skip
def test_places(ac_no, part_no, place):
    found = person(name="Sita", ac_no=ac_no, part_no=part_no)
    assert (found.ac_no, found.part_no) == place


def test_places_that_there_are_not():
    assert problem(name="Sita", ac_no="23", part_no="1") == ("ac_no", "unknown_constituency")
    assert problem(name="Sita", ac_no="Jaipur", part_no="1") == ("ac_no", "unknown_constituency")
    assert problem(name="Sita", ac_no="24", part_no="419") == ("part_no", "unknown_part")
    assert problem(name="Sita", ac_no="24", part_no="abc") == ("part_no", "number_invalid")


def test_a_sheets_own_place_stands_in_where_the_row_has_none():
    defaults = RowDefaults(
        words=DEFAULTS.words, headings=TABLE, today=DEFAULTS.today, places=PLACES, ac_no=24, part_no=5
    )
    assert read(defaults, name="Sita").part_no == 5
    assert read(defaults, name="Sita", part_no="7").ac_no == 24
    assert read(defaults, name="Sita", ac_no="175").part_no is None


def test_a_number_that_is_phone_and_whatsapp_is_one_address():
    assert len(person(phone="9876543210", whatsapp="+91 98765 43210").addresses) == 1
    assert len(person(phone="9876543210", whatsapp="हाँ").addresses) == 1


@pytest.mark.parametrize(
    ("cells", "refused"),
    [
        ({"name": "Sita", "phone": "9.876543E+09"}, ("phone", "phone_lost_digits")),
        ({"name": "Sita", "phone": "12345"}, ("phone", "phone_invalid")),
        ({"name": "Sita", "phone": "9876543210", "phone_2": "1"}, ("phone_2", "phone_invalid")),
        ({"name": "Sita", "whatsapp": "0141-2345678"}, ("whatsapp", "whatsapp_not_mobile")),
        ({"name": "Sita", "x": "not a handle"}, ("x", "handle_invalid")),
        ({"name": "Sita", "language": "Klingon"}, ("language", "language_unknown")),
        ({"name": "Sita", "tags": "farmer; जाट"}, ("tags", "tag_forbidden")),
        ({"name": "Sita", "tags": "caste:any"}, ("tags", "tag_forbidden")),
        ({"name": "Sita", "tags": ";".join(map(str, range(21)))}, ("tags", "tags_too_many")),
        ({"name": "12345"}, ("name", "name_invalid")),
        ({"name": "S" * 121}, ("name", "cell_too_long")),
        ({"name": "=HYPERLINK(1)"}, ("name", "formula_cell")),
        ({"name": "Sita", "serial_no": "first"}, ("serial_no", "number_invalid")),
        ({"name": "Sita", "serial_no": " " * 9000 + "1x"}, ("serial_no", "number_invalid")),
        ({"name": "Si\0ta"}, ("name", "control_character")),
        ({"name": "Sita", "note": "x" * 100_000}, ("note", "cell_too_long")),
        ({"name": "Ren\ufffd"}, ("name", "unreadable_characters")),
    ],
)
def test_each_refusal_names_its_column(cells, refused):
    assert problem(**cells) == refused


@pytest.mark.parametrize("written", [AADHAAR_LIKE, "234567890124", "ID 2345-6789-0124", "२३४५६७८९०१२४"])
@pytest.mark.parametrize("column", ["name", "phone", "house_no", "note"])
def test_what_looks_like_aadhaar_is_refused_in_any_column(column, written):
    assert problem(**{"name": "Sita", "epic": "", column: written}) == (column, "aadhaar_like")


def test_a_cell_too_many_is_refused_and_an_empty_one_is_not():
    mapping = guess_mapping(["name", "address"], TABLE)
    assert parse_row(["Sita", "Ward 5", "Sujangarh"], mapping, defaults=DEFAULTS) == RowProblem(None, "too_many_cells")
    assert isinstance(parse_row(["Sita", "Ward 5", "", " "], mapping, defaults=DEFAULTS), PersonRow)


def test_a_short_row_has_no_more_cells():
    mapping = guess_mapping(["name", "phone", "age"], TABLE)
    assert isinstance(parse_row(["Sita"], mapping, defaults=DEFAULTS), PersonRow)


def test_cells_that_our_rejects_sheet_escaped_are_read_as_they_were():
    assert person(name="Sita", phone="'+919876543210", x="'@sita").addresses == (
        RowAddress("mobile", "+919876543210", "phone"),
        RowAddress("x", "sita", "x"),
    )


CELL = st.one_of(
    st.text(max_size=30), st.sampled_from(["9876543210", "45", "17", AADHAAR_LIKE, "24", "M", "Sita", "-", "0"])
)


@given(st.lists(CELL, max_size=24))
def test_any_row_is_a_person_or_a_problem_with_a_text(cells):
    mapping = guess_mapping(sorted(FIELDS - {"first_name", "last_name"}), TABLE)
    found = parse_row(cells, mapping, defaults=DEFAULTS)
    if isinstance(found, RowProblem):
        assert found.code in data_files.row_problems()
        assert found.column is None or found.column in mapping.headers
    else:
        assert found.name or found.addresses
        assert found.age is None or found.age >= 18


def test_every_code_has_its_texts_and_every_text_its_code():
    services = Path(__file__).parents[2] / "services"
    source = "".join(path.read_text() for path in services.rglob("*.py"))
    raised = set(re.findall(r'(?:CellRefused\(|RowProblem\(None, |_problem_at\(.*, )"(\w+)"', source))
    texts = data_files.row_problems()
    assert raised <= texts.keys()
    assert all(f'"{code}"' in source for code in texts)
    assert all(text.keys() == {"en", "hi"} and all(text.values()) for text in texts.values())
