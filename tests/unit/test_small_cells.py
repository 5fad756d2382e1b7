"""Figures of people are told in tens, and nothing that is told leads to a few of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.outcomes.figures import counted
from services.domain.reports.small_cells import in_tens, row_in_tens, without_few

FEWEST = 10
LEAST_KNOWN = 2
# A person who was called: part, whose volunteer's district, channel, day, what came of it.
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["24/1", "24/2", "155/1"]),
        st.sampled_from(["churu", "udaipur"]),
        st.sampled_from(["call", "sms"]),
        st.sampled_from(["mon", "tue", "wed"]),
        st.sampled_from(["contacted", "refused", "no_answer"]),
    ),
    max_size=90,
)
# Seats, each with the people of its parts: nine parts in all, as ten that all lack one of the next ten would tell.
SEATS = st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=3), min_size=1, max_size=3)
# What is known of a count before and after the others are held against it.
Range = tuple[int, int]


@pytest.mark.parametrize(("people", "told"), [(0, None), (9, None), (10, 10), (19, 10), (104, 100)])
def test_count_is_told_in_tens_and_not_at_all_below(people: int, told: int | None) -> None:
    assert in_tens(people, fewest=FEWEST) == told


def test_rate_is_made_of_what_is_told() -> None:
    shown = _shown({"attempts": 39, "contacted": 24, "outcome:contacted": 24, "outcome:busy": 9})
    assert (shown["contact_rate"], shown["outcomes"]) == (0.67, {"contacted": 20})
    assert _shown({"attempts": 39, "contacted": 9})["contact_rate"] is None


@given(PEOPLE)
def test_no_sum_or_difference_of_what_is_told_is_of_a_few(people: list[tuple[str, ...]]) -> None:
    told = _figures(people) | _figures(people[:-1]) | _figures([one for one in people if one[3] != "wed"])
    assert all(number % FEWEST == 0 for number in told)
    assert all(abs(more - less) not in range(1, FEWEST) for more, less in combinations(sorted(told), 2))


@given(SEATS)
def test_no_hidden_part_can_be_computed_from_the_others_their_seats_and_the_whole(seats: list[list[int]]) -> None:
    known = _known(seats)
    for parts, ranges in zip(seats, known, strict=True):
        for people, (least, most) in zip(parts, ranges, strict=True):
            assert least <= people <= most
            assert most - least + 1 >= LEAST_KNOWN, (seats, known)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 40)))
def test_where_others_are_exact_what_is_missing_of_the_whole_is_never_a_few(counts: dict[str, int]) -> None:
    shown = without_few(counts, fewest=FEWEST, whole=True)
    missing = sum(counts[name] for name, number in shown.items() if number is None)
    assert missing == 0 or missing >= FEWEST or not any(shown.values())
    assert all(number == counts[name] for name, number in shown.items() if number is not None)


def _shown(counters: dict[str, int]) -> dict[str, Any]:
    return row_in_tens({**counted(counters), "support": {}}, fewest=FEWEST)


def _figures(people: Sequence[tuple[str, ...]]) -> set[int]:
    """Return every number that is told of these people, by whatever the rows are."""
    found: set[int] = set()
    for by in (lambda _: "all", lambda one: one[0].split("/")[0], *((lambda one, at=at: one[at]) for at in range(4))):
        rows: dict[str, Counter[str]] = {}
        for one in people:
            counts = rows.setdefault(by(one), Counter())
            counts.update({"attempts": 1, "contacted": int(one[4] != "no_answer"), f"outcome:{one[4]}": 1})
        for row in map(_shown, rows.values()):
            numbers = [row[name] for name in ("attempts", "contacted", "opt_outs", "late")]
            found.update(number for number in (*numbers, *row["outcomes"].values()) if number is not None)
    return found


def _known(seats: list[list[int]]) -> list[list[Range]]:
    """Return what is known of each part, all that is told of parts, seats and the whole put together."""
    parts = [[_told(people) for people in seat] for seat in seats]
    of_seats = [_both(_told(sum(seat)), _sum(ranges)) for seat, ranges in zip(seats, parts, strict=True)]
    whole = _both(_told(sum(map(sum, seats))), _sum(of_seats))
    of_seats = [_within(whole, of_seats, at) for at in range(len(seats))]
    return [
        [_within(seat, ranges, at) for at in range(len(ranges))] for seat, ranges in zip(of_seats, parts, strict=True)
    ]


def _told(people: int) -> Range:
    shown = in_tens(people, fewest=FEWEST) or 0
    return shown, shown + FEWEST - 1


def _both(first: Range, second: Range) -> Range:
    return max(first[0], second[0]), min(first[1], second[1])


def _sum(ranges: Sequence[Range]) -> Range:
    return sum(least for least, _ in ranges), sum(most for _, most in ranges)


def _within(whole: Range, parts: Sequence[Range], at: int) -> Range:
    least, most = _sum([one for place, one in enumerate(parts) if place != at])
    return _both(parts[at], (whole[0] - most, whole[1] - least))
