"""Sums of few people are kept back, and so is what they could be told from."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.paths import read_json
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.figures import counted
from services.domain.reports.small_cells import Sums, hidden_cases, without_near, without_small_cells

SUMS = Sums.of(Catalogue.parse(read_json("dispositions.json")))
FEWEST = 10


def _row(outcomes: dict[str, int]) -> dict[str, Any]:
    spoken = sum(number for name, number in outcomes.items() if name in SUMS.spoken)
    stops = sum(number for name, number in outcomes.items() if name in SUMS.stops)
    totals = {"attempts": sum(outcomes.values()), "contacted": spoken, "opt_outs": stops}
    return counted({**totals, **{f"outcome:{name}": number for name, number in outcomes.items()}})


def _shown(outcomes: dict[str, int]) -> dict[str, Any]:
    return without_small_cells(_row(outcomes), SUMS, fewest=FEWEST)


def test_what_is_of_many_is_shown() -> None:
    assert _shown({"contacted": 20, "no_answer": 30}) == _row({"contacted": 20, "no_answer": 30})


def test_one_small_cell_takes_the_next_one_along() -> None:
    assert _shown({"no_answer": 30, "busy": 20, "moved": 3})["outcomes"] == {"no_answer": 30}


def test_several_small_cells_that_are_many_together_need_no_more() -> None:
    assert _shown({"no_answer": 30, "busy": 6, "moved": 6})["outcomes"] == {"no_answer": 30}


@given(
    st.dictionaries(
        st.sampled_from(sorted(SUMS.spoken | SUMS.stops | {"no_answer", "busy", "moved"})), st.integers(1, 40)
    )
)
def test_nothing_that_is_shown_leaves_a_few_when_taken_away(outcomes: dict[str, int]) -> None:
    shown = _shown(outcomes)
    for total, members in (
        ("attempts", set(outcomes)),
        ("contacted", SUMS.spoken & outcomes.keys()),
        ("opt_outs", SUMS.stops & outcomes.keys()),
    ):
        if shown[total] is not None:
            rest = shown[total] - sum(shown["outcomes"].get(name, 0) for name in members)
            assert rest == 0 or rest >= FEWEST or not shown["outcomes"].keys() & members, (total, shown)
    assert all(number >= FEWEST for number in shown["outcomes"].values())


@given(st.dictionaries(st.sampled_from(["I", "R", "NC", "UH", "", "unattempted"]), st.integers(0, 40)))
def test_no_class_of_a_few_is_left_when_the_shown_are_taken_from_a_sum(cases: dict[str, int]) -> None:
    hidden = hidden_cases(cases, apart="unattempted", fewest=FEWEST)
    assert all(number >= FEWEST or not number for name, number in cases.items() if name not in hidden)
    missing = sum(cases[name] for name in hidden)
    assert missing == 0 or missing >= FEWEST or hidden == {name for name, number in cases.items() if number}
    people = sum(number for name, number in cases.items() if name != "unattempted")
    if "unattempted" not in hidden and people >= FEWEST:
        assert missing == 0 or missing >= FEWEST or missing == people


def test_seven_tried_of_many_take_along_how_many_were_not() -> None:
    cases = {"I": 4, "UH": 3, "unattempted": 395}
    assert hidden_cases(cases, apart="unattempted", fewest=FEWEST) == cases.keys()


def test_stage_that_lacks_a_few_of_the_one_shown_before_is_not_shown() -> None:
    stages = [("targets", 402), ("attempted", 395), ("reached", 390), ("spoken", 50), ("completed", 0)]
    shown = {"targets": 402, "attempted": None, "reached": 390, "spoken": 50, "completed": 0}
    assert without_near(stages, fewest=FEWEST) == shown
