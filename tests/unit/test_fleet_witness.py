"""The fleet's witness: it notices each way in which a number can be shown against the rules, and cries no wolf."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bench.fleet.witness import Showing, Try, Witness

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 12:00 in Jaipur
NUMBER = "+919876543210"


def showing(start=NOON, *, user="a", hours=48, **facts):
    made = {"number": NUMBER, "user_id": user, "place": ("b", "i"), "seat": "24", "asked": start, "start": start}
    return Showing(**{**made, "tick": start.timestamp(), "end": start + timedelta(hours=hours), **facts})


def told(disposition, *, ago):
    return Try(NUMBER, disposition, NOON - ago, (NOON - ago).timestamp())


def reasons(one, *tries, closes=None):
    witness = Witness(closes={"24": closes} if closes else {})
    witness.saw(one)
    for attempt in tries:
        witness.heard(attempt)
    return [why for _, why in witness.against_rules()]


@pytest.mark.parametrize(
    ("one", "tries", "closes", "reason"),
    [
        (showing(NOON + timedelta(hours=7)), [], None, "contact_window"),
        (showing(not_after=NOON + timedelta(hours=8)), [], None, "contact_window"),
        (showing(), [], NOON + timedelta(hours=47), "silence"),
        (showing(), [told("do_not_contact", ago=timedelta(days=9))], None, "suppressed"),
        (showing(), [told("wrong_number", ago=timedelta(days=9))], None, "dead_number"),
        (showing(), [told("no_answer", ago=timedelta(days=day)) for day in (3, 4, 5)], None, "attempts"),
        (showing(), [told("contacted", ago=timedelta(hours=23))], None, "cooldown"),
        (showing(), [told("busy", ago=timedelta(minutes=29))], None, "cooldown"),
        (showing(), [told("switched_off", ago=timedelta(hours=2))], None, "cooldown"),
    ],
)
def test_what_must_not_be_shown_is_noticed(one, tries, closes, reason):
    assert reasons(one, *tries, closes=closes) == [reason]


@pytest.mark.parametrize(
    ("tries", "closes"),
    [
        ([told("busy", ago=timedelta(minutes=31))], None),
        ([told("switched_off", ago=timedelta(hours=14))], None),
        ([told("no_answer", ago=timedelta(hours=3))], NOON + timedelta(hours=49)),
        # What no phone has a receipt for was not known when the number was asked for.
        ([Try(NUMBER, "do_not_contact", NOON - timedelta(hours=1), NOON.timestamp() + 1)], None),
    ],
)
def test_what_may_be_shown_is_no_fault(tries, closes):
    assert reasons(showing(), *tries, closes=closes) == []


def test_two_at_the_same_time_are_noticed_and_one_after_the_other_is_not():
    witness = Witness()
    witness.saw(showing())
    witness.saw(showing(NOON + timedelta(hours=1), user="b"))
    assert witness.with_two_holders() == [NUMBER]

    witness.let_go("a", ("b", "i"), at=NOON + timedelta(minutes=59))
    assert witness.with_two_holders() == []
