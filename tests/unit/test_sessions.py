"""Which generation of a refresh token may be used, and what a session may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.people.sessions import Presented, Standing, judge, standing

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("generation", "last_used", "expected"),
    [
        (1, 0, Presented.FIRST_USE),
        (2, 1, Presented.FIRST_USE),
        (1, 1, Presented.REPEATED),
        (7, 7, Presented.REPEATED),
        (1, 2, Presented.REUSED),
        (1, 9, Presented.REUSED),
        (0, 0, Presented.UNKNOWN),
        (2, 0, Presented.UNKNOWN),
        (9, 1, Presented.UNKNOWN),
    ],
)
def test_a_generation_is_judged(generation: int, last_used: int, expected: Presented) -> None:
    assert judge(generation=generation, last_used=last_used) is expected


@given(st.lists(st.integers(min_value=1, max_value=6), max_size=20))
def test_only_one_generation_is_new_at_a_time(presented: list[int]) -> None:
    last_used = 0
    for generation in presented:
        judged = judge(generation=generation, last_used=last_used)
        assert (judged is Presented.REUSED) == (generation < last_used)
        if judged is Presented.FIRST_USE:
            assert generation == last_used + 1
            last_used = generation


def _note(kind: str, *, days: float) -> dict[str, Any]:
    return {"kind": kind, "at": NOW - timedelta(days=days)}


@pytest.mark.parametrize(
    ("ended", "current", "suspended_days", "expected"),
    [
        (None, True, None, Standing.LIVE),
        (None, False, None, Standing.OVER),
        (None, True, 0, Standing.LIMITED),
        (None, True, 6.99, Standing.LIMITED),
        (None, True, 7, Standing.OVER),
        (None, False, 0, Standing.OVER),
        (_note("ended", days=0), True, None, Standing.OVER),
        (_note("revoked", days=0), True, None, Standing.LIMITED),
        (_note("revoked", days=6.99), True, None, Standing.LIMITED),
        (_note("revoked", days=7), True, None, Standing.OVER),
        # The owner of a lost phone ends its session and then changes the password: the work on it is still wanted.
        (_note("revoked", days=1), False, None, Standing.LIMITED),
        (_note("revoked", days=1), True, 10, Standing.LIMITED),
    ],
)
def test_what_a_session_may_do(
    ended: dict[str, Any] | None, current: bool, suspended_days: float | None, expected: Standing
) -> None:
    suspended_at = None if suspended_days is None else NOW - timedelta(days=suspended_days)
    assert standing(ended=ended, current=current, suspended_at=suspended_at, now=NOW) is expected
