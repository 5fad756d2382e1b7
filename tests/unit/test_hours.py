"""Window, night ban and silence on one time line."""

import pytest

from services.domain.rules.calendar import poll_for
from services.domain.rules.hours import Hours
from tests.unit.rule_cases import OPEN_ROUND_THE_CLOCK, PART, RULES, SEAT, controls, ist, rules

ALWAYS = rules(**OPEN_ROUND_THE_CLOCK)


def hours(given, *, channel="call", by=RULES):
    return Hours.of(by, given, poll=poll_for(given, PART, SEAT), channel=channel)


def reasons(found, at):
    return {name for name, _ in found.closed(ist(at))}


@pytest.mark.parametrize(
    ("at", "blocked"),
    [("09:59:59", True), ("10:00:00", False), ("18:59:59", False), ("19:00:00", True)],
)
def test_contact_window_opens_and_closes_to_the_second(at, blocked):
    assert ("contact_window" in reasons(hours(controls()), f"2026-11-22 {at}")) is blocked


@pytest.mark.parametrize(
    ("at", "blocked"),
    [("21:59:59", False), ("22:00:00", True), ("05:59:59", True), ("06:00:00", False)],
)
def test_night_ban_holds_to_the_second_while_the_model_code_is_in_force(at, blocked):
    in_force = hours(controls(code_from="2026-11-01 00:00"), by=ALWAYS)
    assert (reasons(in_force, f"2026-11-22 {at}") == {"night_ban"}) is blocked


def test_night_is_not_banned_without_the_model_code():
    assert not reasons(hours(controls(), by=ALWAYS), "2026-11-22 23:00")
    assert not reasons(hours(controls(code_from="2026-11-23 00:00"), by=ALWAYS), "2026-11-22 23:59:59")
    assert reasons(hours(controls(code_from="2026-11-23 00:00"), by=ALWAYS), "2026-11-23 00:00:00") == {"night_ban"}


def test_night_ban_leaves_the_channels_that_it_does_not_name():
    in_force = controls(code_from="2026-11-01 00:00")
    assert reasons(hours(in_force, channel="whatsapp", by=ALWAYS), "2026-11-22 23:00") == {"night_ban"}
    assert not reasons(hours(in_force, channel="facebook", by=ALWAYS), "2026-11-22 23:00")


def test_night_ban_ends_with_a_model_code_that_ends_in_the_night():
    found = hours(controls(code_from="2026-11-01 00:00", code_to="2026-11-23 02:00"), by=ALWAYS)
    assert found.closed(ist("2026-11-22 23:00")) == [("night_ban", ist("2026-11-23 02:00"))]
    assert found.next_open(ist("2026-11-22 23:00")) == ist("2026-11-23 02:00")


@pytest.mark.parametrize(("hours_before", "start"), [(48, "2026-11-29 18:00:00"), (72, "2026-11-28 18:00:00")])
def test_silence_begins_so_many_hours_before_the_close(hours_before, start):
    found = hours(controls(ac_24="2026-12-01 18:00"), by=rules(silence_hours={"default": hours_before}))
    assert found.next_close(ist("2026-11-28 17:59:59")) == min(ist(start), ist("2026-11-28 19:00"))
    assert "silence" in reasons(found, start)
    assert "silence" in reasons(found, "2026-12-01 17:59:59")
    assert "silence" not in reasons(found, "2026-12-01 18:00:00")


def test_silence_may_be_longer_on_one_channel():
    given, by = controls(ac_24="2026-12-01 18:00"), rules(silence_hours={"whatsapp": 72})
    assert "silence" in reasons(hours(given, channel="whatsapp", by=by), "2026-11-28 18:00:00")
    assert "silence" not in reasons(hours(given, channel="call", by=by), "2026-11-28 18:00:00")


def test_opening_waits_for_the_window_after_a_silence_that_ends_in_the_evening():
    found = hours(controls(ac_24="2026-12-01 20:00"))
    assert found.next_open(ist("2026-11-30 12:00")) == ist("2026-12-02 10:00")


def test_opening_passes_over_a_silence_that_begins_before_the_window():
    found = hours(controls(ac_24="2026-12-01 18:00"))
    assert found.next_open(ist("2026-11-29 19:00")) == ist("2026-12-01 18:00")


def test_close_is_the_end_of_the_window_or_the_start_of_the_silence():
    found = hours(controls(ac_24="2026-12-01 18:00"))
    assert found.next_close(ist("2026-11-28 12:00")) == ist("2026-11-28 19:00")
    assert found.next_close(ist("2026-11-29 12:00")) == ist("2026-11-29 18:00")
    assert found.next_close(ist("2026-12-01 18:00")) == ist("2026-12-01 19:00")


def test_close_is_the_night_or_a_model_code_that_begins_in_it():
    night = hours(controls(code_from="2026-11-01 00:00"), by=ALWAYS)
    assert night.next_close(ist("2026-11-22 12:00")) == ist("2026-11-22 22:00")
    late = hours(controls(code_from="2026-11-22 23:00"), by=ALWAYS)
    assert late.next_close(ist("2026-11-22 22:30")) == ist("2026-11-22 23:00")
