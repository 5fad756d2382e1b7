"""The made-up roll: the true split, the same people for a seed, ids that never come twice, households that hold."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from itertools import islice

import pytest

from config.places import load_places
from config.roll_names import load_names
from services.domain.areas import build_tree
from services.domain.errors import Invalid
from services.domain.identifiers.handles import normalise_handle
from services.domain.identifiers.phones import parse_phones
from services.domain.identifiers.verhoeff import passes_verhoeff
from services.domain.roll.numbers import MadeUpNumbers
from services.domain.roll.roll import people, quotas
from services.domain.text import fold

PARTS = [area for area in build_tree(load_places()) if area.kind == "part"]
ALL = 997_633
NAMES = load_names()


def roll(rows, *, seed=7, phone_share=0.4):
    return people(quotas(PARTS, rows), seed=seed, phone_share=phone_share, names=NAMES)


@pytest.fixture(scope="module")
def sheet():
    return list(roll(20_000))


def test_the_whole_roll_has_every_part_at_its_size():
    assert [(f"{quota.ac_no}/{quota.part_no}", quota.rows) for quota in quotas(PARTS, ALL)] == [
        (part.code, part.electors) for part in PARTS
    ]


@pytest.mark.parametrize("rows", [1, 13, 1000, 20_000, ALL - 1])
def test_fewer_rows_are_shared_by_electors_and_none_is_lost(rows):
    shared = quotas(PARTS, rows)
    seats = Counter()
    for quota in shared:
        seats[quota.ac_no] += quota.rows
    assert seats.total() == rows
    for number, electors in ((24, 274_946), (155, 253_831), (175, 222_370), (179, 246_486)):
        assert abs(seats[number] - rows * electors / ALL) < 1


def test_a_small_sheet_shows_fewer_parts_rather_than_single_people():
    assert min(quota.rows for quota in quotas(PARTS, 1000)) >= 8
    assert len(quotas(PARTS, 20_000)) == len(PARTS)


@pytest.mark.parametrize("rows", [0, -1, ALL + 1])
def test_a_roll_of_nobody_or_of_more_than_all_is_refused(rows):
    with pytest.raises(Invalid) as refused:
        quotas(PARTS, rows)
    assert refused.value.fields == {"rows": ["out_of_range"]}


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    assert list(roll(1000)) == list(roll(1000))
    assert not {person.epic for person in roll(1000)} & {person.epic for person in roll(1000, seed=8)}


def test_a_smaller_sheet_has_the_first_people_of_its_parts():
    larger = {(person.ac_no, person.part_no, person.serial_no): person for person in roll(60_000)}
    assert all(larger[person.ac_no, person.part_no, person.serial_no] == person for person in roll(20_000))


def test_places_on_the_roll_and_ids_are_unique(sheet):
    assert len({(person.ac_no, person.part_no, person.serial_no) for person in sheet}) == len(sheet)
    assert len({person.epic for person in sheet}) == len(sheet)
    assert any("/" in person.epic for person in sheet)


def test_every_index_has_its_own_numbers():
    numbers = MadeUpNumbers(3)
    indexes = [start + step for start in (0, 1_000_000, 2_000_000) for step in range(50_000)]
    assert len({numbers.phone(index) for index in indexes}) == len(indexes)
    assert len({numbers.epic(index) for index in indexes}) == len(indexes)
    assert len({numbers.old_epic(24, index) for index in range(50_000)}) == 50_000


def test_every_phone_is_a_mobile_that_the_import_accepts(sheet):
    for phone in {person.phone for person in sheet if person.phone}:
        (number,) = parse_phones(phone).numbers
        assert (number.e164, number.kind) == (f"+91{phone}", "mobile")


@pytest.mark.parametrize("share", [0, 0.4, 1])
def test_the_share_of_people_with_a_phone_is_as_ordered(share):
    with_phone = sum(bool(person.phone) for person in roll(20_000, phone_share=share))
    assert abs(with_phone / 20_000 - share) < 0.02


def test_a_phone_is_shared_inside_one_house_only_and_often_enough(sheet):
    houses = defaultdict(set)
    people_by_phone = Counter()
    for person in sheet:
        if person.phone:
            houses[person.phone].add((person.ac_no, person.part_no, person.house_no))
            people_by_phone[person.phone] += 1
    assert all(len(where) == 1 for where in houses.values())
    assert sum(count > 1 for count in people_by_phone.values()) > 500
    assert max(people_by_phone.values()) >= 4


def test_everybody_is_of_age_and_a_wife_is_named_with_her_husband(sheet):
    assert min(person.age for person in sheet) == 18
    assert max(person.age for person in sheet) <= 101
    assert {person.gender for person in sheet} == {"male", "female", "third"}
    assert {person.relation for person in sheet} == {"father", "mother", "husband", "other"}
    assert all(person.gender == "female" for person in sheet if person.relation == "husband")


def test_names_are_the_same_in_both_scripts(sheet):
    for person in islice(sheet, 3000):
        for name in (person.name, person.relative):
            assert unicodedata.is_normalized("NFC", name.hi)
            assert name.en.isascii()
            assert fold(name.hi) == fold(name.en)


def test_a_few_people_gave_a_handle_that_is_one(sheet):
    for platform in ("facebook", "instagram", "x"):
        handles = [handle for person in sheet if (handle := getattr(person, platform))]
        assert 20 < len(handles) < 400
        assert all(normalise_handle(platform, handle) == handle for handle in handles)


def test_aadhaar_like_numbers_pass_their_check():
    assert all(passes_verhoeff(MadeUpNumbers(1).aadhaar_like(index)) for index in range(100))
