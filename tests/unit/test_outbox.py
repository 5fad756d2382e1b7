"""Rows of the outbox: their lanes, their ids, and what a try makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.push.outbox import LONGEST_LIFE, Push, fate_of, lane_of, rows_of
from services.domain.push.push import Action, SendResult

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def push(**changes):
    facts = {"push_id": "p", "kind": "task", "user_id": "u", "expires_at": NOW + timedelta(hours=1)}
    return Push(**{**facts, **changes})


def row(**changes):
    return {"attempts": 0, "expires_at": NOW + timedelta(hours=1), **changes}


def test_same_push_makes_the_same_rows():
    assert rows_of(push(), ["a", "b"], NOW) == rows_of(push(), ["a", "b"], NOW)
    assert len({one["_id"] for one in rows_of(push(), ["a", "b"], NOW)}) == 2


def test_row_lives_no_longer_than_the_messaging_service_keeps_it():
    (one,) = rows_of(push(expires_at=NOW + timedelta(days=400)), ["a"], NOW)

    assert one["expires_at"] == NOW + LONGEST_LIFE


@pytest.mark.parametrize("due_at", [None, NOW, NOW - timedelta(days=1)])
def test_what_is_due_waits_in_one_of_a_few_lanes(due_at):
    lanes = {lane_of(f"row-{number}", priority="normal", due_at=due_at, now=NOW) for number in range(200)}

    assert {lane.due for lane in lanes} == {0}
    assert 1 < len(lanes) <= 8


def test_urgent_rows_have_lanes_of_their_own():
    urgent, other = (lane_of("row", priority=priority, due_at=None, now=NOW) for priority in ("high", "normal"))

    assert urgent.urgent
    assert not other.urgent
    assert urgent.id != other.id


@given(st.integers(1, 7 * 24 * 3600), st.text(min_size=1))
def test_no_row_falls_due_early_nor_more_than_a_minute_late(seconds, name):
    due_at = NOW + timedelta(seconds=seconds)

    lane = lane_of(name, priority="normal", due_at=due_at, now=NOW)

    assert 0 <= lane.due - due_at.timestamp() < (5 if seconds <= 120 else 60)
    assert lane.id.startswith(f"{lane.due}.")


@pytest.mark.parametrize("action", [Action.BREAKER, Action.MISCONFIGURED, Action.THIRD_PARTY_AUTH])
def test_what_is_not_the_rows_fault_leaves_it_as_it_is(action):
    assert fate_of(SendResult(action=action, code="c"), row(), now=NOW, jitter=0) is None


def test_retry_that_would_come_too_late_is_the_end():
    result = SendResult(action=Action.RETRY, code="unavailable")

    soon = fate_of(result, row(expires_at=NOW + timedelta(seconds=11)), now=NOW, jitter=0)
    late = fate_of(result, row(expires_at=NOW + timedelta(seconds=10)), now=NOW, jitter=0)

    assert (soon.state, soon.due_at, soon.tried) == ("waiting", NOW + timedelta(seconds=10), True)
    assert (late.state, late.due_at) == ("failed", None)
