"""The sender as a whole: breaker, platforms that rest, and the pace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.domain.push.sender import Sender

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def test_breaker_holds_twice_as_long_each_time_up_to_ten_minutes():
    sender, rests = Sender(), []

    for _ in range(7):
        sender = sender.stop("permission_denied", NOW)
        rests.append((sender.stopped_until - NOW).total_seconds())

    assert rests == [30, 60, 120, 240, 480, 600, 600]
    assert sender.stopped(NOW + timedelta(seconds=599))
    assert not sender.stopped(NOW + timedelta(seconds=600))


def test_message_that_gets_through_closes_the_breaker():
    assert Sender().stop("c", NOW).go_on() == Sender()
    assert Sender().go_on() == Sender()


def test_platform_rests_alone():
    sender = Sender().pause("ios", NOW)

    assert sender.platform_rests("ios", NOW) == NOW + timedelta(minutes=15)
    assert sender.platform_rests("ios", NOW + timedelta(minutes=15)) is None
    assert sender.platform_rests("android", NOW) is None


def test_pace_is_halved_by_each_quota_and_comes_back_by_the_minute():
    sender = Sender().slow_down(NOW).slow_down(NOW)
    assert sender.pace == 100

    assert sender.speed_up(NOW + timedelta(seconds=59)) == sender
    sender = sender.speed_up(NOW + timedelta(seconds=60))
    assert sender.pace == 200
    assert sender.speed_up(NOW + timedelta(seconds=120)).pace is None


def test_pace_never_stops():
    sender = Sender()
    for _ in range(20):
        sender = sender.slow_down(NOW)

    assert sender.pace == 1


def test_what_is_kept_is_read_back():
    sender = Sender().stop("c", NOW).pause("ios", NOW).slow_down(NOW)

    assert Sender.parse(sender.fields()) == sender
    assert Sender.parse({}) == Sender()
