"""The Indian day and spans of the clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.domain.ist import IST, Span, day_start, next_day_start, same_day
from tests.unit.rule_cases import ist

NIGHT, OFFICE = Span(22 * 60, 6 * 60), Span(10 * 60, 19 * 60)


def test_ist_agrees_with_the_time_zone_database():
    for month in range(1, 13):
        moment = datetime(2026, month, 15, 12, tzinfo=UTC)
        assert moment.astimezone(IST).utcoffset() == moment.astimezone(ZoneInfo("Asia/Kolkata")).utcoffset()


def test_day_starts_at_indian_midnight_to_the_second():
    assert day_start(ist("2026-11-22 23:59:59")) == ist("2026-11-22 00:00")
    assert day_start(ist("2026-11-23 00:00:00")) == ist("2026-11-23 00:00")
    assert next_day_start(ist("2026-11-23 00:00:00")) == ist("2026-11-24 00:00")


def test_day_is_the_indian_one_though_utc_has_another():
    assert not same_day(datetime(2026, 11, 22, 18, 29, 59, tzinfo=UTC), datetime(2026, 11, 22, 18, 30, tzinfo=UTC))
    assert same_day(datetime(2026, 11, 22, 18, 30, tzinfo=UTC), datetime(2026, 11, 23, 18, 29, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    ("at", "inside"),
    [("09:59:59", False), ("10:00:00", True), ("18:59:59", True), ("19:00:00", False)],
)
def test_span_is_half_open_to_the_second(at, inside):
    assert OFFICE.contains(ist(f"2026-11-22 {at}")) is inside


@pytest.mark.parametrize(
    ("at", "inside"),
    [("21:59:59", False), ("22:00:00", True), ("00:00:00", True), ("05:59:59", True), ("06:00:00", False)],
)
def test_span_passes_midnight(at, inside):
    assert NIGHT.contains(ist(f"2026-11-22 {at}")) is inside


def test_next_start_is_now_at_the_start_itself():
    assert OFFICE.next_start(ist("2026-11-22 10:00:00")) == ist("2026-11-22 10:00")
    assert OFFICE.next_start(ist("2026-11-22 10:00:01")) == ist("2026-11-23 10:00")


def test_next_end_is_after_now_at_the_end_itself():
    assert NIGHT.next_end(ist("2026-11-22 23:00")) == ist("2026-11-23 06:00")
    assert NIGHT.next_end(ist("2026-11-23 05:59:59")) == ist("2026-11-23 06:00")
    assert NIGHT.next_end(ist("2026-11-23 06:00")) == ist("2026-11-24 06:00")


def test_span_covers_another_only_wholly():
    assert NIGHT.covers(Span(23 * 60, 5 * 60))
    assert not NIGHT.covers(Span(21 * 60, 5 * 60))
    assert not OFFICE.covers(NIGHT)
    assert Span(0, 1440).covers(NIGHT)
