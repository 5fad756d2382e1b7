"""How a phone cell is read: what is a number, what is refused, and with which code."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.identifiers.phones import Phone, mask_phone, parse_phones
from services.domain.identifiers.verhoeff import passes_verhoeff

SITA = Phone("+919876543210", "mobile")
GITA = Phone("+919123456780", "mobile")
AADHAAR_LIKE = "234567890124"


@pytest.mark.parametrize(
    "written",
    [
        "9876543210",
        "+919876543210",
        "+91 98765-43210",
        "09876543210",
        "919876543210",
        "0091 9876543210",
        "91 98765 43210",
        "९८७६५४३२१०",
        "+९१ ९८७६५ ४३२१०",
        "9.876543210E+09",
        "९.८७६५४३२१०E+०९",
        "9876543210.0",
        '="09876543210"',
        "'+919876543210",
        " Mob. 98765 43210 (घर)",
        "+91-0-9876543210",
        "9876543210, 9876543210",
    ],
)
def test_one_mobile_however_it_is_written(written):
    assert parse_phones(written).numbers == (SITA,)
    assert parse_phones(written).problems == ()


@pytest.mark.parametrize("joint", [" ", "/", " / ", ",", ";", "\n", " और ", " or ", " & "])
def test_two_numbers_in_one_cell(joint):
    assert parse_phones(f"9876543210{joint}9123456780").numbers == (SITA, GITA)


def test_two_numbers_parted_only_by_the_spaces_that_also_part_their_digits():
    assert parse_phones("98765 43210 91234 56780").numbers == (SITA, GITA)


@pytest.mark.parametrize("written", ["9.876543E+09", "9.87654321E+09", "9.19877E+11", "९.८७६५४३E+०९"])
def test_scientific_notation_that_dropped_digits_is_refused(written):
    assert parse_phones(written).problems == ("phone_lost_digits",)
    assert parse_phones(written).numbers == ()


@pytest.mark.parametrize("written", ["01562-250123", "0141 2345678", "(0294) 2412345", "+91-0294-2412345"])
def test_a_landline_is_told_from_a_mobile(written):
    (number,) = parse_phones(written).numbers
    assert number.kind == "landline"


def test_a_ten_digit_number_of_a_fixed_line_area_is_a_landline_though_it_looks_like_a_mobile():
    assert parse_phones("7552345678").numbers == (Phone("+917552345678", "landline"),)


@pytest.mark.parametrize(
    "written", ["5876543210", "1600123456", "1800123456", "12345", "98765x43210", "98765432109123456780", "call him"]
)
def test_what_is_no_number_is_refused(written):
    assert parse_phones(written) == parse_phones(written)
    assert parse_phones(written).problems == ("phone_invalid",)


def test_a_good_number_beside_a_bad_one_tells_both():
    cell = parse_phones("9876543210 / 12345")
    assert (cell.numbers, cell.problems) == ((SITA,), ("phone_invalid",))


def test_a_foreign_number_is_refused_by_its_own_code():
    assert parse_phones("+1 650 253 0000").problems == ("phone_foreign",)


def test_a_cell_with_more_numbers_than_a_person_has():
    cell = ",".join(f"987654321{last}" for last in range(6))
    assert "phone_too_many" in parse_phones(cell).problems


@pytest.mark.parametrize(
    "written", [AADHAAR_LIKE, "2345 6789 0124", "2345-6789-0124", "२३४५ ६७८९ ०१२४", "2.34567890124E+11"]
)
def test_an_aadhaar_like_number_is_refused(written):
    assert parse_phones(written).problems == ("aadhaar_like",)


def test_a_mobile_after_a_bare_91_is_a_phone_though_it_passes_the_aadhaar_check():
    national = next(n for n in range(9876543000, 9876543999) if passes_verhoeff(f"91{n}"))
    for prefix in ("91", "+91", "91 ", "91-", "0091", ""):
        assert parse_phones(f"{prefix}{national}").numbers == (Phone(f"+91{national}", "mobile"),)


@pytest.mark.parametrize("written", ["", "  ", "0", "0000000000", "000-000"])
def test_fillers_are_empty(written):
    assert parse_phones(written).numbers == ()
    assert parse_phones(written).problems == ()


@given(st.integers(6_000_000_000, 9_999_999_999))
def test_the_fast_path_agrees_with_the_library(national):
    (number,) = parse_phones(str(national)).numbers
    kind = phonenumbers.number_type(phonenumbers.parse(str(national), "IN"))
    assert (number.kind == "landline") == (kind == phonenumbers.PhoneNumberType.FIXED_LINE)


@given(st.one_of(st.text(), st.from_regex(r"[0-9+ /,.E()०-९-]{0,40}", fullmatch=True)))
def test_any_text_is_read_or_refused_and_never_lost(cell):
    result = parse_phones(cell)
    assert all(number.e164.startswith("+91") and len(number.e164) == 13 for number in result.numbers)
    if any("1" <= mark <= "9" for mark in cell):
        assert result.numbers or result.problems


def test_a_masked_number_shows_first_and_last_two_digits():
    assert mask_phone("+919876543210") == "+91 98••••••10"
