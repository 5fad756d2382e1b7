"""What answers add to the tallies, and which counts of few people are kept back."""

from __future__ import annotations

from typing import Any

import pytest

from config.paths import read_json
from services.domain.content.answer_tally import cells_of, once_each, tally_of
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.tallies import Attempt, count, count_cell, counts_of_said
from services.domain.reports.small_cells import without_few


def question(kind: str, **facts: Any) -> dict[str, Any]:
    return {"id": "q", "kind": kind, "required": False, **facts}


CHOICES = {"options": [{"value": "a"}, {"value": "b"}, {"value": "c"}]}


@pytest.mark.parametrize(
    ("asked", "answer", "added"),
    [
        (question("single", **CHOICES), "b", {"n": 1, "o1": 1}),
        (question("multi", **CHOICES), ["a", "c"], {"n": 1, "o0": 1, "o2": 1}),
        (question("scale", range={"from": -1, "to": 1}), -1, {"n": 1, "sum": -1000, "v-1": 1}),
        (question("number"), 2.5, {"n": 1, "sum": 2500}),
        (question("text"), "what nobody else may read", {"n": 1}),
        (question("date"), "2026-11-20", {"n": 1}),
    ],
)
def test_answer_adds_by_its_kind(asked: dict[str, Any], answer: Any, added: dict[str, int]) -> None:
    assert tally_of([asked], {"q": answer}) == {"q": added}


def test_null_and_what_was_not_answered_add_nothing() -> None:
    assert tally_of([question("text")], {"q": None}) == tally_of([question("text")], {}) == {}


def test_choices_and_steps_are_told_in_their_order() -> None:
    assert list(cells_of(question("single", **CHOICES)).values()) == ["a", "b", "c"]
    assert list(cells_of(question("scale", range={"from": -1, "to": 1})).values()) == [-1, 0, 1]


def test_person_counts_once_a_question_by_what_was_told_last() -> None:
    told = [
        ("early", "p", "s:1", {"x": {"o0": 1}, "y": {"n": 1}}),
        ("other", "q", "s:1", {"x": {"o1": 1}}),
        ("late", "p", "s:1", {"x": {"o1": 1}}),
    ]
    assert once_each(told) == {
        "early": {"answer:s:1:y:n": 1},
        "other": {"answered:s:1": 1, "answer:s:1:x:o1": 1},
        "late": {"answered:s:1": 1, "answer:s:1:x:o1": 1},
    }


def test_counts_stay_when_it_is_forgotten_who_answered() -> None:
    catalogue = Catalogue.parse(read_json("dispositions.json"))
    told = Attempt("o", "contacted", 2, late=False, answers={"answered:s:1": 1, "answer:s:1:x:o1": 1})
    silent = told._replace(support=None, answers=None)
    assert count_cell([silent], counts_of_said([told]), catalogue) == count([told], catalogue)


@pytest.mark.parametrize(
    ("counts", "whole", "shown"),
    [
        ({"a": 40, "b": 12, "c": 11}, True, {"a": 40, "b": 12, "c": 11}),
        ({"a": 40, "b": 12, "c": 3}, True, {"a": 40, "b": None, "c": None}),
        ({"a": 40, "b": 12, "c": 3}, False, {"a": 40, "b": 12, "c": None}),
        ({"a": 40, "b": 6, "c": 5}, True, {"a": 40, "b": None, "c": None}),
        ({"a": 40, "b": 0}, True, {"a": 40, "b": 0}),
    ],
)
def test_counts_of_few_people_are_kept_back_with_what_would_tell_them(
    counts: dict[str, int | None], whole: bool, shown: dict[str, int | None]
) -> None:
    assert without_few(counts, fewest=10, whole=whole) == shown
