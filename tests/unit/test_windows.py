"""When a phone may show a number: now, or looking ahead as far as the rules say."""

import pytest

from services.domain.outcomes.standing import Standing
from services.domain.rules.subject import TemplateView, VolunteerView
from services.domain.rules.verdict import Window
from tests.unit.rule_cases import controls, gate, ist, mobile, person, rules, touch, tried

NOON = "2026-11-22 12:00"


def window(subject, at, **asked):
    question = gate(at, **asked)
    return question.window(subject, question.decide(subject))


def test_window_of_an_allowed_number_closes_with_the_day():
    assert window(person(), NOON) == Window(ist(NOON), ist("2026-11-22 19:00"))


def test_window_of_an_allowed_number_closes_when_the_silence_begins():
    assert window(person(), NOON, controls=controls(ac_24="2026-11-24 15:00")) == Window(
        ist(NOON), ist("2026-11-22 15:00")
    )


def test_window_looks_ahead_sixteen_hours_and_not_a_second_more():
    assert window(person(), "2026-11-22 19:00") == Window(ist("2026-11-23 10:00"), ist("2026-11-23 19:00"))
    cooling = person(touches=(touch("2026-11-22 12:00:00", campaign="other"),))
    assert window(cooling, "2026-11-22 20:00:00").not_before == ist("2026-11-23 12:00")
    assert window(cooling, "2026-11-22 19:59:59") is None


def test_window_waits_for_a_retry_that_falls_due():
    busy = person(tried(NOON, "busy", next_at="2026-11-22 12:30"))
    assert window(busy, "2026-11-22 12:10") == Window(ist("2026-11-22 12:30"), ist("2026-11-22 19:00"))


@pytest.mark.parametrize(
    ("subject", "asked"),
    [
        (person(suppressed=True), {}),
        (person(Standing({"call": 3}, 3)), {}),
        (person(touches=(touch("2026-11-22 12:00", "sms"),)), {"rules": rules(caps={"cooldown_hours": 0})}),
        (person(), {"volunteer": VolunteerView(cap_left=0)}),
        (person(), {"controls": controls(ac_24="2026-11-23 10:00")}),
        (person(address=mobile(held_by_other=True, held_until=ist("2026-11-23 06:00"))), {}),
    ],
)
def test_silence_suppression_caps_and_leases_never_open_ahead(subject, asked):
    assert window(subject, "2026-11-22 20:00", **asked) is None


def test_window_does_not_open_ahead_into_a_silence():
    assert window(person(), "2026-11-22 20:00", controls=controls(ac_24="2026-11-25 08:00")) is None


def test_window_closes_before_the_model_code_for_uncertified_content():
    asked = {"channel": "sms", "template": TemplateView("t1", certified=False)}
    assert window(person(), NOON, controls=controls(code_from="2026-11-22 14:00"), **asked) == Window(
        ist(NOON), ist("2026-11-22 14:00")
    )
    assert window(person(), "2026-11-22 20:00", controls=controls(code_from="2026-11-23 00:00"), **asked) is None


def test_window_of_a_shared_number_is_the_first_that_opens():
    early, late = (person(touches=(touch(at, campaign="other"),)) for at in ("2026-11-21 14:00", "2026-11-21 16:00"))
    question = gate(NOON)
    _, each = question.decide_item([late, early])
    assert question.window_item([late, early], each).not_before == ist("2026-11-22 14:00")


def test_decision_looks_ahead_by_the_hours_of_the_rules():
    shorter = rules(look_ahead_hours=1)
    assert window(person(), "2026-11-22 08:59:59", rules=shorter) is None
    assert window(person(), "2026-11-22 09:00:00", rules=shorter).not_before == ist("2026-11-22 10:00")
