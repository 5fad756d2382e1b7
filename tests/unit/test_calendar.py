"""Polls, the Model Code, kill switches, and what they mean for how long phones may rely on rules."""

from datetime import timedelta

import pytest

from services.domain.errors import Invalid
from services.domain.rules.calendar import Controls, KillSwitch, exit_poll_freeze, poll_for, rules_valid_until
from tests.unit.rule_cases import PART, RULES, SEAT, controls, ist, rules


def valid_until(given, at, places=((PART, SEAT),), **changed):
    return rules_valid_until(rules=RULES, controls=given, places=places, now=ist(at), **changed)


def test_controls_parse_reads_what_the_database_and_the_wire_hold():
    parsed = Controls.parse(
        {
            "_id": "state",
            "polls": {
                "ac-24": {"opens_at": "2026-12-01T01:30:00Z", "closes_at": ist("2026-12-01 18:00")},
                "ac-155": None,
            },
            "model_code": {"from": "2026-11-01T00:00:00Z", "to": None},
            "kill_switches": [{"on": True, "channel": "sms", "template_id": None, "reason": "court order"}],
        }
    )
    assert parsed.polls["ac-24"].closes_at == ist("2026-12-01 18:00")
    assert "ac-155" not in parsed.polls
    assert parsed.code_in_force(ist("2030-01-01 00:00"))
    assert parsed.kill_switches == (KillSwitch(on=True, channel="sms"),)


def test_controls_parse_of_nothing_is_nothing_announced():
    assert Controls.parse({}) == Controls()


def test_controls_parse_names_every_wrong_field():
    with pytest.raises(Invalid) as caught:
        Controls.parse(
            {
                "polls": {"ac-24": {"opens_at": "2026-12-01T01:30:00", "closes_at": "noon"}, "ac-155": 7},
                "model_code": {"from": "2026-12-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"},
                "kill_switches": [{"on": "yes", "channel": "pigeon"}],
            }
        )
    assert set(caught.value.fields) >= {
        "controls.polls.ac-24.opens_at",
        "controls.polls.ac-24.closes_at",
        "controls.polls.ac-155",
        "controls.model_code.to",
        "controls.kill_switches.0.on",
        "controls.kill_switches.0.channel",
    }


def test_poll_of_a_part_beats_its_constituency():
    given = controls(ac_24="2026-12-01 18:00", ac_24_17="2026-12-03 18:00")
    assert poll_for(given, "ac-24-17", "ac-24") == given.polls["ac-24-17"]
    assert poll_for(given, "ac-24-18", "ac-24") == given.polls["ac-24"]
    assert poll_for(given, "ac-155-1", "ac-155") is None


def test_silence_is_counted_back_from_the_close_to_the_second():
    silence = controls(ac_24="2026-12-01 18:00").polls["ac-24"].silence(timedelta(hours=48))
    assert not silence.contains(ist("2026-11-29 17:59:59"))
    assert silence.contains(ist("2026-11-29 18:00:00"))
    assert silence.contains(ist("2026-12-01 17:59:59"))
    assert not silence.contains(ist("2026-12-01 18:00:00"))


def test_model_code_holds_from_its_first_second_to_before_its_last():
    given = controls(code_from="2026-11-01 00:00", code_to="2026-12-05 12:00")
    assert not given.code_in_force(ist("2026-10-31 23:59:59"))
    assert given.code_in_force(ist("2026-11-01 00:00:00"))
    assert given.code_in_force(ist("2026-12-05 11:59:59"))
    assert not given.code_in_force(ist("2026-12-05 12:00:00"))


@pytest.mark.parametrize(
    ("switch", "covered"),
    [
        (KillSwitch(on=True), True),
        (KillSwitch(on=False), False),
        (KillSwitch(on=True, channel="sms"), True),
        (KillSwitch(on=True, channel="call"), False),
        (KillSwitch(on=True, template_id="t1"), True),
        (KillSwitch(on=True, template_id="t2"), False),
        (KillSwitch(on=True, channel="call", template_id="t1"), False),
    ],
)
def test_kill_switch_stops_what_it_names(switch, covered):
    assert switch.covers("sms", "t1") is covered


def test_kill_switch_of_a_template_leaves_contact_without_one():
    assert not KillSwitch(on=True, template_id="t1").covers("call", None)


def test_exit_poll_freeze_lasts_from_first_opening_to_half_an_hour_after_last_close():
    given = controls(ac_24="2026-12-01 18:00", ac_155="2026-12-08 17:00")
    frozen = exit_poll_freeze(given, RULES.exit_poll, ist("2026-12-04 12:00"))
    assert frozen == (ist("2026-12-01 07:00"), ist("2026-12-08 17:30"))
    assert exit_poll_freeze(given, RULES.exit_poll, ist("2026-12-01 06:59:59")) is None
    assert exit_poll_freeze(given, RULES.exit_poll, ist("2026-12-08 17:29:59")) == frozen
    assert exit_poll_freeze(given, RULES.exit_poll, ist("2026-12-08 17:30:00")) is None


def test_exit_poll_freeze_ends_between_two_elections():
    given = controls(ac_24="2026-04-17 18:00", ac_155="2026-10-30 18:00")
    assert exit_poll_freeze(given, RULES.exit_poll, ist("2026-07-01 12:00")) is None
    assert exit_poll_freeze(given, RULES.exit_poll, ist("2026-10-30 12:00")) is not None


def test_rules_of_a_place_without_announced_poll_hold_twelve_hours():
    assert valid_until(Controls(), "2026-11-22 20:00") == ist("2026-11-23 08:00")
    assert valid_until(controls(ac_24="2026-12-01 18:00"), "2026-11-22 20:00") == ist("2026-11-23 20:00")


def test_rules_hold_twelve_hours_if_one_of_several_places_has_no_poll_or_one_that_is_over():
    places = ((PART, SEAT), ("ac-155-1", "ac-155"))
    assert valid_until(controls(ac_24="2026-12-01 18:00"), "2026-11-22 20:00", places) == ist("2026-11-23 08:00")
    assert valid_until(controls(ac_24="2026-11-21 18:00"), "2026-11-22 20:00") == ist("2026-11-23 08:00")


def test_rules_end_with_the_start_and_with_the_end_of_the_silence():
    given = controls(ac_24="2026-12-01 18:00")
    assert valid_until(given, "2026-11-29 10:00") == ist("2026-11-29 18:00")
    assert valid_until(given, "2026-12-01 17:59:59") == ist("2026-12-01 18:00")


def test_rules_end_with_the_longest_silence_of_any_channel():
    longer = rules(silence_hours={"whatsapp": 72})
    until = rules_valid_until(
        rules=longer, controls=controls(ac_24="2026-12-01 18:00"), places=[(PART, SEAT)], now=ist("2026-11-28 10:00")
    )
    assert until == ist("2026-11-28 18:00")


def test_rules_end_with_the_model_code_and_with_their_next_version():
    given = controls(ac_24="2026-12-01 18:00", code_from="2026-11-22 21:00", code_to="2026-11-22 23:00")
    assert valid_until(given, "2026-11-22 20:00") == ist("2026-11-22 21:00")
    assert valid_until(given, "2026-11-22 21:00") == ist("2026-11-22 23:00")
    assert valid_until(given, "2026-11-22 20:00", next_version_at=ist("2026-11-22 20:30")) == ist("2026-11-22 20:30")


def test_rules_end_when_the_first_poll_opens_anywhere():
    given = controls(ac_24="2026-12-01 18:00", ac_155="2026-11-23 18:00")
    assert valid_until(given, "2026-11-22 20:00") == ist("2026-11-23 07:00")
