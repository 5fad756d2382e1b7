"""When revealed numbers look like a harvest, and when they are an honest day's work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.paths import read_json
from services.domain.batches.reveal_watch import Opened, RevealDay, WatchRules, suspicions

RULES = WatchRules.parse(read_json("reveal_watch.json"))
MORNING = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LATER = MORNING + timedelta(hours=30)


def _opened(revealed: int = 25, attempted: int = 25, *, released: bool = False, at: datetime = MORNING) -> Opened:
    return Opened(batch_id="b", at=at, revealed=revealed, attempted=attempted, released=released)


def _kinds(openings: list[Opened], *, peers: tuple[int, ...] = (), now: datetime = LATER) -> set[str]:
    revealed = sum(one.revealed for one in openings)
    day = RevealDay(revealed=revealed, openings=openings, peers=peers)
    return {kind for kind, _ in suspicions(day, RULES, now=now)}


def test_a_day_of_honest_work_raises_nothing() -> None:
    assert _kinds([_opened()] * 4, peers=(80, 90, 100, 110, 120)) == set()


def test_opening_and_giving_back_again_and_again_is_a_loop() -> None:
    assert _kinds([_opened(9, 0, released=True)] * 3) == {"open_release_loops"}
    assert _kinds([_opened(9, 0, released=True)] * 2) == set()


def test_giving_back_what_was_mostly_worked_is_no_loop() -> None:
    assert _kinds([_opened(9, 5, released=True)] * 5) == set()


def test_numbers_that_nobody_was_tried_by_are_flagged_once_the_next_day_is_over() -> None:
    openings = [_opened(25, 2), _opened(25, 3)]
    assert _kinds(openings) == {"reveals_without_attempts"}
    assert _kinds(openings, now=MORNING + timedelta(hours=16)) == set(), "an evening may prepare the next day"


def test_few_numbers_or_some_tries_are_no_flag() -> None:
    assert _kinds([_opened(25, 0)]) == set()
    assert _kinds([_opened(50, 10)]) == set()


@pytest.mark.parametrize(
    ("peers", "flagged"),
    [
        ((20, 20, 25, 30, 30), True),
        ((40, 40, 40, 40, 40), False),
        ((20, 20, 25), False),
        ((1, 1, 1, 1, 1), True),
    ],
)
def test_far_above_the_peers(peers: tuple[int, ...], *, flagged: bool) -> None:
    assert _kinds([_opened()] * 3, peers=peers) == ({"above_peers"} if flagged else set())


def test_a_small_day_is_never_above_the_peers() -> None:
    assert _kinds([_opened(50, 50)], peers=(1, 1, 1, 1, 1)) == set()


def test_the_evidence_names_batches_and_numbers() -> None:
    day = RevealDay(revealed=75, openings=[_opened()] * 3, peers=(20, 20, 25, 30, 30))
    [(_, evidence)] = suspicions(day, RULES, now=LATER)
    expected: dict[str, Any] = {"revealed": 75, "attempted": 75, "peers": 5, "peers_median": 25}
    assert {name: evidence[name] for name in expected} == expected
    assert len(evidence["openings"]) == 3


@pytest.mark.parametrize(
    ("revealed", "openings", "worth"), [(29, 2, False), (30, 1, True), (5, 3, True), (0, 0, False)]
)
def test_most_days_are_not_looked_into(revealed: int, openings: int, *, worth: bool) -> None:
    assert RULES.worth_a_look(revealed=revealed, openings=openings) == worth
