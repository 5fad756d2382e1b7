"""Cells count the same whatever the line does to the outcomes: in any order, again, and with corrections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.outcomes.standing import VOID
from services.domain.outcomes.tallies import Attempt, Cell, attempts_by_cell, count, marks_of_item
from tests.unit.rule_cases import CATALOGUE, ist

TEN = ist("2026-11-23 10:00")


def outcome(key: str, disposition: str = "no_answer", **changed: Any) -> dict[str, Any]:
    facts = {
        "_id": key,
        "disposition": disposition,
        "campaign_id": "drive",
        "day": "2026-11-23",
        "user_id": "u",
        "district_id": "rj-churu",
        "channel": "call",
        "part_id": "ac-24-17",
        "constituency_id": "ac-24",
        "item_id": "i",
        "contact_ids": ["c"],
        "occurred_at": TEN,
        "callback_at": None,
        "corrects": None,
        "status": "stored",
    }
    return {**facts, **changed}


def cells(told: Iterable[Mapping[str, Any]], **supports: int) -> dict[str, list[Attempt]]:
    said = {name: {"support": support} for name, support in supports.items()}
    return {cell.id: attempts for cell, attempts in attempts_by_cell(told, said, CATALOGUE).items()}


def figures(told: Iterable[Mapping[str, Any]], **supports: int) -> dict[str, int]:
    """Return all counters together."""
    attempts = [attempt for some in cells(told, **supports).values() for attempt in some]
    return {name: number for name, number in count(attempts, CATALOGUE).items() if number}


def test_cell_is_one_volunteers_day_in_one_part_on_one_channel() -> None:
    cell = Cell.of(outcome("a"))
    assert cell.id == "drive|2026-11-23|u|call|ac-24-17"
    assert cell.labels()["constituency_id"] == "ac-24"


def test_attempt_counts_by_its_disposition_and_support() -> None:
    told = [outcome("a", "contacted"), outcome("b", "busy", occurred_at=TEN + timedelta(hours=1))]
    assert figures(told, a=2) == {
        "attempts": 2,
        "contacted": 1,
        "outcome:contacted": 1,
        "outcome:busy": 1,
        "support:2": 1,
    }


def test_support_of_nobody_asked_is_counted_as_such() -> None:
    assert figures([outcome("a", "contacted")], a=0)["support:0"] == 1


def test_late_one_is_outside_the_attempts_but_its_opt_out_counts() -> None:
    assert figures([outcome("a", "do_not_contact", status="late")], a=5) == {"late": 1, "opt_outs": 1}


@pytest.mark.parametrize("disposition", ["opted_out", "do_not_contact", "legal_complaint"])
def test_opt_outs_of_every_kind_are_counted(disposition: str) -> None:
    assert figures([outcome("a", disposition)])["opt_outs"] == 1


def test_steps_of_a_message_count_once_as_the_furthest() -> None:
    told = [
        outcome("a", "opened", channel="whatsapp"),
        outcome("b", "declared_sent", channel="whatsapp", occurred_at=TEN + timedelta(minutes=1)),
    ]
    assert figures(told) == {"attempts": 1, "outcome:declared_sent": 1}


def test_correction_empties_the_cell_that_loses_the_attempt() -> None:
    told = [outcome("a", "contacted"), outcome("b", "busy", corrects="a", day="2026-11-24")]
    assert cells(told) == {
        "drive|2026-11-23|u|call|ac-24-17": [],
        "drive|2026-11-24|u|call|ac-24-17": [Attempt("b", "busy", None, late=False)],
    }


def test_void_counts_for_nothing() -> None:
    assert figures([outcome("a", "contacted"), outcome("b", VOID, corrects="a")]) == {}


def test_correction_that_names_another_person_leaves_a_void_with_the_first() -> None:
    told = [outcome("a", contact_ids=["one"]), outcome("b", "contacted", contact_ids=["other"], corrects="a")]
    marks = [(contact, mark.id, mark.disposition) for contact, mark in marks_of_item(told)]
    assert marks == [("one", "a", "no_answer"), ("other", "b", "contacted"), ("one", "b", VOID)]


@st.composite
def tellings(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to six outcomes of one item by two holders on two days, some of which correct others."""
    keys = "abcdef"[: draw(st.integers(1, 6))]
    message = draw(st.booleans())
    names = ["opened", "declared_sent", "replied", "opted_out"] if message else ["busy", "contacted", "do_not_contact"]
    return [
        outcome(
            key,
            draw(st.sampled_from([*names, VOID])),
            channel="sms" if message else "call",
            user_id=draw(st.sampled_from("uv")),
            day=draw(st.sampled_from(["2026-11-23", "2026-11-24"])),
            occurred_at=TEN + timedelta(hours=draw(st.integers(0, 5))),
            corrects=draw(st.sampled_from([None, None, *(other for other in keys if other != key)])),
            status=draw(st.sampled_from(["stored", "late"])),
        )
        for key in keys
    ]


@given(tellings(), st.data())
def test_order_and_repetition_change_no_cell(told: Sequence[dict[str, Any]], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(told), max_size=5))
    assert cells(data.draw(st.permutations([*told, *again]))) == cells(told)


@given(tellings())
def test_nothing_is_counted_twice(told: Sequence[dict[str, Any]]) -> None:
    counted = [attempt.outcome_id for attempts in cells(told).values() for attempt in attempts]
    assert len(counted) == len(set(counted)) <= len(told)


@given(tellings(), st.data())
def test_whoever_saw_all_of_an_item_has_the_last_word(told: Sequence[dict[str, Any]], data: st.DataObject) -> None:
    # As the store does it: an item's entry in a cell gives way to that of whoever saw as many outcomes or more.
    seen = [data.draw(st.lists(st.sampled_from(told), min_size=1, unique_by=lambda one: one["_id"])) for _ in range(3)]
    kept: dict[str, tuple[int, list[Attempt]]] = {}
    for some in data.draw(st.permutations([*seen, told])):
        for cell, attempts in cells(some).items():
            if len(some) >= kept.get(cell, (0, []))[0]:
                kept[cell] = (len(some), attempts)
    assert {cell: attempts for cell, (_, attempts) in kept.items()} == cells(told)
