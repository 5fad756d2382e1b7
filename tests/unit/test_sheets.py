"""Which column becomes which field: guesses from headings, the uploader's word, and what is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import data_files
from config.paths import read_json
from schemas.people import UserIn
from services.domain.errors import Invalid
from services.domain.people.adults import AGE_FIELDS
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.sheets import FIELDS, IMPORT_FIELDS, find_header, guess_mapping

TABLE = HeadingTable(data_files.sheet_headers())


def mapped(*headings: str, **explicit: str | None) -> dict[str, str]:
    mapping = guess_mapping(headings, TABLE, explicit)
    return {name: mapping.headers[at] for name, at in mapping.fields.items()}


def test_the_roll_headings_that_offices_send():
    assert mapped(
        "भाग संख्या", "क्रम संख्या", "मतदाता का नाम", "पिता/पति का नाम", "संबंध", "मकान संख्या", "आयु", "लिंग",
        "मोबाइल नंबर", "ईपीआईसी / पहचान पत्र क्रमांक",
    ) == {
        "part_no": "भाग संख्या", "serial_no": "क्रम संख्या", "name": "मतदाता का नाम", "relative_name": "पिता/पति का नाम",
        "relation": "संबंध", "house_no": "मकान संख्या", "age": "आयु", "gender": "लिंग", "phone": "मोबाइल नंबर",
        "epic": "ईपीआईसी / पहचान पत्र क्रमांक",
    }  # fmt: skip


def test_a_phone_list_of_another_program():
    assert mapped("firstName", "lastName", "cell", "booth", "ward", "language", "age", "address") == {
        "first_name": "firstName", "last_name": "lastName", "phone": "cell", "part_no": "booth", "section": "ward",
        "language": "language", "age": "age", "address": "address",
    }  # fmt: skip


def test_our_own_field_names_map_to_themselves():
    assert mapped(*sorted(IMPORT_FIELDS)) == {name: name for name in IMPORT_FIELDS}


@pytest.mark.parametrize(
    "heading", ["Mobile No.", "मोबाइल नं.", "मोबाइल / Mobile", "MOBILE_NUMBER", "mobileNo", "फ़ोन", "फोन नम्बर", "Cell"]
)
def test_one_field_has_many_headings(heading):
    assert mapped("Name", heading)["phone"] == heading


def test_a_mixed_heading_is_less_sure_than_a_plain_one():
    mapping = guess_mapping(["नाम / Name", "Phone", "Booth / Operator"], TABLE)
    assert mapping.confidence["phone"] == 1.0
    assert mapping.confidence["name"] == 0.9
    assert mapping.confidence["part_no"] < 0.9


def test_halves_that_mean_different_fields_are_no_guess():
    assert mapped("Name", "Age / Gender") == {"name": "Name"}


def test_columns_nobody_knows_are_named():
    assert guess_mapping(["Name", "Remarks", ""], TABLE).unknown == ("Remarks",)


def test_a_second_phone_column_is_the_second_phone():
    assert mapped("Name", "Mobile", "फोन") == {"name": "Name", "phone": "Mobile", "phone_2": "फोन"}


@pytest.mark.parametrize("headings", [("Name", "नाम"), ("नाम", "Name"), ("Name (English)", "Name (Hindi)")])
def test_hindi_and_english_names_are_both_kept(headings):
    assert set(mapped(*headings)) == {"name", "name_hi"}
    assert mapped(*headings)["name_hi"] in {"नाम", "Name (Hindi)"}


def test_a_hindi_name_alone_is_the_name():
    assert mapped("नाम (हिंदी में)", "Phone") == {"name": "नाम (हिंदी में)", "phone": "Phone"}


def test_a_lists_own_numbering_is_no_roll_serial():
    assert "serial_no" not in mapped("S. No.", "Name", "Phone")
    assert mapped("S. No.", "Part No", "Name")["serial_no"] == "S. No."


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Caste", "caste"), ("जाति", "caste"), ("Sub-Caste", "caste"), ("जाति/वर्ग", "caste"), ("CasteName", "caste"),
        ("गोत्र", "caste"), ("क़ौम", "caste"), ("Religion", "religion"),
        ("Hindu / Muslim", "religion"), ("धर्म", "religion"), ("Aadhaar No.", "aadhaar"),
        ("AadharNumber", "aadhaar"), ("आधार संख्या", "aadhaar"), ("UID", "aadhaar"),
    ],
)  # fmt: skip
def test_a_forbidden_column_is_refused_by_its_name(heading, kind):
    mapping = guess_mapping(["Name", "Phone", heading], TABLE)
    with pytest.raises(Invalid) as refused:
        mapping.refuse_forbidden()
    assert refused.value.code == "forbidden_column"
    assert refused.value.fields == {heading: [f"forbidden_{kind}"]}


@pytest.mark.parametrize("heading", ["Broadcaster", "Fluid", "Category", "आधारशिला"])
def test_a_word_inside_a_word_is_not_forbidden(heading):
    guess_mapping(["Name", heading], TABLE).refuse_forbidden()


def test_the_uploaders_word_goes_before_the_guess():
    assert mapped("Name", "Mobile", "Contact", phone="Contact") == {
        "name": "Name", "phone": "Contact", "phone_2": "Mobile",
    }  # fmt: skip


def test_a_guess_can_be_turned_off():
    assert mapped("Name", "Mobile", "Age", age=None) == {"name": "Name", "phone": "Mobile"}


def test_columns_are_compared_without_case_and_spaces():
    assert mapped("Full  NAME", "Tel", name="full name")["name"] == "Full  NAME"


def test_an_unknown_column_or_field_is_an_error_of_that_entry():
    with pytest.raises(Invalid) as refused:
        mapped("Name", "Mobile", phone="Handy", caste="Name")
    assert refused.value.fields == {"mapping.phone": ["unknown_column"], "mapping.caste": ["unknown_field"]}


def test_more_columns_than_any_list_has():
    with pytest.raises(Invalid) as refused:
        guess_mapping([f"c{n}" for n in range(201)], TABLE)
    assert refused.value.code == "too_many_columns"


def test_empty_columns_at_the_right_do_not_count():
    assert len(guess_mapping(["Name", *[""] * 500], TABLE).headers) == 1


def test_the_heading_below_titles_and_above_data():
    rows = [["मतदाता सूची भाग संख्या 17"], ["", "2026"], ["क्र.सं.", "नाम", "मोबाइल"], ["1", "पिता", "9876543210"]]
    assert find_header(rows, TABLE, {}) == 2


def test_a_heading_that_only_the_uploader_understands():
    assert find_header([["title"], ["Alpha", "Beta"], ["Sita", "1"]], TABLE, {"name": "alpha", "phone": "beta"}) == 1


def test_a_sheet_without_a_heading_is_refused():
    with pytest.raises(Invalid) as refused:
        find_header([["Sita", "9876543210"], ["Gita", "9123456780"]], TABLE, {})
    assert refused.value.code == "header_not_found"


@given(st.lists(st.text(max_size=40), max_size=30))
def test_any_headings_give_a_mapping_of_known_fields_to_own_columns(headings):
    mapping = guess_mapping(headings, TABLE)
    assert mapping.fields.keys() <= FIELDS
    assert len(set(mapping.fields.values())) == len(mapping.fields)
    assert all(0 <= at < len(headings) for at in mapping.fields.values())


def test_a_field_of_the_api_is_always_a_heading() -> None:
    assert {name: TABLE.read(name).field for name in FIELDS} == {name: name for name in FIELDS}
    assert {TABLE.read(name).field for name in AGE_FIELDS} == {"age"}


def test_a_field_of_a_person_is_always_a_heading_of_a_roster() -> None:
    fields = read_json("roster_headers.json")["fields"]
    roster = HeadingTable({**data_files.sheet_headers(), "fields": fields})
    assert {name: roster.read(name).field for name in fields} == {name: name for name in fields}
    # What nobody is asked about by a sheet: how work is dealt out, and how the app speaks to them.
    kept_out = {"prioritised_tags", "excluded_tags", "locale"}
    assert {name for name in UserIn().fields if roster.read(name).field is None} == kept_out
    assert {name: roster.read(name).field for name in AGE_FIELDS} == {name: name for name in AGE_FIELDS}
