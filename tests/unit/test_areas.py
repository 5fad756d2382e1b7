"""The places that ship, against the published figures, and how a sheet's words find them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.places import load_places
from services.domain.areas import MAX_PART_ELECTORS, AreaNames, build_tree, constituency_id, part_id, within
from services.domain.batches.apportion import apportion

AREAS = build_tree(load_places())
BY_ID = {area.id: area for area in AREAS}
NAMES = AreaNames(AREAS)


def test_every_place_is_there_once():
    assert Counter(area.kind for area in AREAS) == {"state": 1, "district": 41, "constituency": 4, "part": 1455}
    assert len(BY_ID) == len(AREAS)
    assert len({(area.kind, area.code) for area in AREAS}) == len(AREAS)


@pytest.mark.parametrize(
    ("seat", "district", "stations", "electors"),
    [
        (24, "rj-churu", 418, 274_946),
        (155, "rj-udaipur", 310, 253_831),
        (175, "rj-rajsamand", 340, 222_370),
        (179, "rj-bhilwara", 387, 246_486),
    ],
)
def test_a_constituency_has_its_published_size(seat, district, stations, electors):
    constituency = BY_ID[constituency_id(seat)]
    parts = [area for area in AREAS if area.parent_id == constituency.id]
    assert (constituency.parent_id, constituency.code, constituency.electors) == (district, str(seat), electors)
    assert [part.code for part in parts] == [f"{seat}/{number}" for number in range(1, stations + 1)]
    assert sum(part.electors for part in parts) == electors
    assert max(part.electors for part in parts) <= MAX_PART_ELECTORS


def test_names_are_in_their_script_and_in_nfc():
    for area in AREAS:
        assert all(unicodedata.is_normalized("NFC", name) for name in (area.name_hi, area.name_en, *area.aliases))
        assert area.name_en.isascii()
        assert "\u0900" <= area.name_hi[0] <= "\u097f"


def test_paths_lead_from_the_state_to_the_area_itself():
    for area in AREAS:
        assert area.path[0] == "rj"
        assert area.path[-1] == area.id
        assert area.path[:-1] == (BY_ID[area.parent_id].path if area.parent_id else ())


def test_within_is_true_of_oneself_and_of_every_place_above():
    part = BY_ID[part_id(24, 17)]
    assert [within(part.path, place) for place in ("rj", "rj-churu", "ac-24", "ac-24-17")] == [True] * 4
    assert not within(part.path, "ac-155")
    assert not within(BY_ID["ac-24"].path, part.id)


def test_only_the_eight_districts_of_2023_have_a_first_day():
    dated = {area.name_en: area.effective_from for area in AREAS if area.effective_from}
    assert set(dated.values()) == {date(2023, 8, 7)}
    assert set(dated) == {
        *("Balotra", "Beawar", "Deeg", "Didwana-Kuchaman"),
        *("Khairthal-Tijara", "Kotputli-Behror", "Phalodi", "Salumbar"),
    }


def test_every_name_and_alias_means_one_area_of_its_kind():
    for area in (area for area in AREAS if area.kind != "part"):
        for written in (area.id, area.code, area.name_hi, area.name_en, *area.aliases):
            assert NAMES.match(written, kind=area.kind) == (area,)


@pytest.mark.parametrize(
    ("cell", "district"),
    [
        ("चुरु", "rj-churu"),
        (" churu ", "rj-churu"),
        ("chr", "rj-churu"),
        ("SRI GANGANAGAR", "rj-sri-ganganagar"),
        ("चित्तौडगढ", "rj-chittorgarh"),
        ("Bundee", "rj-bundi"),
        ("बून्दी", "rj-bundi"),
        ("जालोर", "rj-jalore"),
        ("सलुम्बर", "rj-salumbar"),
        ("Kotputli Behror", "rj-kotputli-behror"),
    ],
)
def test_a_district_is_found_however_it_is_spelt(cell, district):
    assert [area.id for area in NAMES.match(cell, kind="district")] == [district]


def test_a_part_is_found_by_its_code_in_either_digits_and_by_name_inside_its_seat():
    assert NAMES.match("24/17") == NAMES.match("२४/१७") == (BY_ID["ac-24-17"],)
    assert NAMES.match("भाग १७", inside="ac-24") == NAMES.match("Part 17", inside="ac-24") == (BY_ID["ac-24-17"],)
    assert len(NAMES.match("भाग 17")) == 4


def test_a_name_of_two_places_gives_both_until_the_kind_is_said():
    assert {area.id for area in NAMES.match("राजसमंद")} == {"rj-rajsamand", "ac-175"}
    assert [area.id for area in NAMES.match("Rajsamand", kind="constituency")] == ["ac-175"]


@pytest.mark.parametrize("cell", ["", " ", "Delhi", "24/9999", "।"])
def test_an_unknown_word_finds_nothing(cell):
    assert NAMES.match(cell) == ()


@given(st.integers(0, 10**6), st.lists(st.integers(1, 1200), min_size=1, max_size=50))
def test_shares_add_up_and_never_exceed_what_is_there(total, weights):
    shares = apportion(total, weights)
    assert sum(shares) == total
    if total <= sum(weights):
        assert all(share <= weight for share, weight in zip(shares, weights, strict=True))
