"""Sharing out: totals are kept, each strategy keeps its promise, and warnings name what is odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.batches.shares import (
    HELPS,
    OUTSIDER,
    OWN_DISTRICT,
    OWN_PART,
    OWN_SEAT,
    STRATEGIES,
    Cell,
    Place,
    Volunteer,
    deal,
    limited,
    nearness,
    warnings,
)


def volunteer(name: str, *, district="rj-churu", areas=(), languages=("hi",), capacity=60) -> Volunteer:
    return Volunteer(name, district, areas, languages, capacity)


def place_of(part_id: str, helpers=None) -> Place:
    seat = part_id.rsplit("-", 1)[0]
    district = {"ac-24": "rj-churu", "ac-155": "rj-udaipur"}[seat]
    return Place(("rj", district, seat, part_id), seat, district, helpers)


def cells(*counts: int, seat: str = "ac-24") -> list[Cell]:
    return [Cell(f"{seat}-{number}", seat, "", count) for number, count in enumerate(counts, start=1)]


def given_to(deals) -> dict:
    totals: dict = {}
    for dealt in deals:
        totals[dealt.owner] = totals.get(dealt.owner, 0) + dealt.size
    return totals


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(
    counts=st.lists(st.integers(1, 80), min_size=1, max_size=12),
    capacities=st.lists(st.integers(0, 60), min_size=1, max_size=6),
)
def test_every_item_is_dealt_once_whatever_the_strategy(strategy, counts, capacities):
    people = [volunteer(f"v{number}", capacity=capacity) for number, capacity in enumerate(capacities)]
    parts = cells(*counts)
    deals = deal(parts, people, strategy, place_of=place_of)
    for number, cell in enumerate(parts):
        assert sum(dealt.size for dealt in deals if dealt.cell == number) == cell.size


def test_even_shares_differ_by_one_at_most():
    shares = given_to(deal(cells(40, 50), [volunteer(f"v{n}") for n in range(4)], "even", place_of=place_of))
    assert sorted(shares.values()) == [22, 22, 23, 23]


def test_shares_by_capacity_follow_what_each_can_take():
    people = [volunteer("busy", capacity=10), volunteer("free", capacity=30)]
    assert given_to(deal(cells(40), people, "capacity", place_of=place_of)) == {"busy": 10, "free": 30}


def test_the_nearest_get_their_own_part_first():
    people = [volunteer("of-two", areas=("ac-24-2",)), volunteer("of-one", areas=("ac-24-1",))]
    deals = deal(cells(10, 10), people, "nearest", place_of=place_of)
    assert [(dealt.cell, dealt.owner) for dealt in deals] == [(0, "of-one"), (1, "of-two")]


def test_a_column_keeps_one_value_with_one_volunteer_and_the_named_with_whom_it_names():
    parts = [Cell("ac-24-1", "ac-24", group, 5) for group in ("v1", "red", "red")]
    deals = deal(parts, [volunteer("v0"), volunteer("v1")], "column", place_of=place_of)
    assert [dealt.owner for dealt in deals] == ["v1", "v0", "v0"]


def test_without_volunteers_all_goes_to_the_pool():
    assert given_to(deal(cells(3, 4), [], "even", place_of=place_of)) == {None: 7}


def test_a_limit_cuts_the_last_cell():
    assert [cell.size for cell in limited(cells(10, 10, 10), 15)] == [10, 5]
    assert limited(cells(10), 0) == []
    assert limited(cells(10), None) == cells(10)


@pytest.mark.parametrize(
    ("facts", "tier"),
    [
        ({"areas": ("ac-24-1",)}, OWN_PART),
        ({"areas": ("ac-24",)}, OWN_SEAT),
        ({"areas": ("rj-churu",)}, OWN_DISTRICT),
        ({"areas": ("ac-155",)}, OUTSIDER),
        ({}, OWN_DISTRICT),
        ({"district": "rj-jaipur"}, HELPS),
    ],
)
def test_nearness_goes_by_own_areas_before_the_home_district(facts, tier):
    assert nearness(volunteer("v", **facts), place_of("ac-24-1")) == tier


def test_a_district_that_does_not_help_is_an_outsider():
    assert nearness(volunteer("v", district="rj-jaipur"), place_of("ac-24-1", helpers=["rj-churu"])) == OUTSIDER


def test_warnings_name_outsiders_missing_hands_and_languages():
    people = [volunteer("v", areas=("ac-155",), capacity=5)]
    parts = cells(10)
    deals = deal(parts, people, "even", place_of=place_of)
    found = warnings(parts, deals, people, languages={"hi": 8, "mwr": 2}, place_of=place_of)
    assert found == [
        {"code": "outsider", "user_id": "v", "constituency_id": "ac-24"},
        {"code": "too_few_volunteers", "items": 10, "capacity": 5},
        {"code": "language_gap", "language": "mwr", "contacts": 2},
    ]


def test_people_with_excluded_tags_go_to_others_and_prioritised_ones_first() -> None:
    young, old = frozenset({"young"}), frozenset({"old"})
    volunteers = [
        Volunteer("a", "d", (), (), 10, prioritised=young),
        Volunteer("b", "d", (), (), 10, excluded=young),
        Volunteer("c", "d", (), (), 10),
    ]
    cells = [Cell("p", "s", "", 4), Cell("p", "s", "young", 4), Cell("p", "s", "old", 1)]
    deals = deal(cells, volunteers, "even", place_of=lambda _: None)  # type: ignore[arg-type, return-value]
    of_young = {dealt.owner: dealt.size for dealt in deals if dealt.cell == 1}
    assert of_young == {"a": 3, "c": 1}
    assert sum(dealt.size for dealt in deals) == 9
    nobody = [one._replace(prioritised=frozenset(), excluded=old) for one in volunteers]
    left = deal(cells, nobody, "even", place_of=lambda _: None)  # type: ignore[arg-type, return-value]
    assert {dealt.cell for dealt in left} == {0, 1}
