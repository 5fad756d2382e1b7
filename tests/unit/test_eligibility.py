"""The rule engine: which reasons are given, and when they end."""

import pytest

from services.domain.outcomes.standing import Standing
from services.domain.rules.calendar import Controls, KillSwitch
from services.domain.rules.subject import Address, CampaignView, TemplateView, VolunteerView
from services.domain.rules.verdict import REASONS
from tests.unit.rule_cases import PART, ask, controls, gate, ist, mobile, person, rules, touch, tried

NOON = "2026-11-22 12:00"


def test_untouched_person_is_allowed_now():
    verdict = ask(person(), NOON)
    assert verdict.allowed
    assert verdict.allowed_from == ist(NOON)


@pytest.mark.parametrize(
    ("subject", "asked", "reason"),
    [
        (person(Standing(final=True)), {}, "final"),
        (person(gone=True), {}, "final"),
        (person(suppressed=True), {}, "suppressed"),
        (person(address=mobile(suppressed=True)), {}, "suppressed"),
        (person(address=mobile(state="quarantined")), {}, "quarantined"),
        (person(address=mobile(state="dead")), {}, "dead_number"),
        (person(address=mobile(dead_channels=frozenset({"call"}))), {}, "dead_number"),
        (person(address=Address("k", "landline")), {"channel": "sms"}, "no_address"),
        (person()._replace(address=None), {}, "no_address"),
        (person(address=mobile(held_by_other=True)), {}, "held"),
        (person(Standing({"call": 3}, 3)), {}, "attempts"),
        (person(Standing({"call": 2, "sms": 3}, 5)), {}, "attempts"),
        (person(), {"campaign": CampaignView("drive", "paused")}, "campaign_inactive"),
        (person(), {"campaign": CampaignView("drive", "active", (KillSwitch(on=True),))}, "kill_switch"),
        (person(), {"controls": Controls(kill_switches=(KillSwitch(on=True, channel="call"),))}, "kill_switch"),
        (person(), {"volunteer": VolunteerView(paused=True)}, "volunteer_paused"),
    ],
)
def test_what_does_not_end_by_itself_has_no_end(subject, asked, reason):
    verdict = ask(subject, NOON, **asked)
    assert verdict.codes == (reason,)
    assert verdict.allowed_from is None


def test_all_reasons_are_given_at_once():
    everything = person(
        Standing({"call": 3}, 5, ist("2026-11-30 00:30"), "call", "busy", ist("2026-11-30 01:00"), None, True),
        address=mobile(state="dead", suppressed=True, held_by_other=True),
        touches=(touch("2026-11-30 00:10", "sms", "other"),),
    )
    verdict = ask(
        everything,
        "2026-11-30 00:40",
        controls=Controls.parse(
            {
                "polls": {PART: {"opens_at": "2026-12-01T01:30:00Z", "closes_at": "2026-12-01T12:30:00Z"}},
                "model_code": {"from": "2026-11-01T00:00:00Z", "to": None},
                "kill_switches": [{"on": True}],
            }
        ),
        campaign=CampaignView("drive", "paused"),
        volunteer=VolunteerView(paused=True, cap_left=0),
        template=TemplateView("t1", certified=False),
    )
    missing = {"quarantined", "no_address", "channel_today"}
    assert set(verdict.codes) == set(REASONS) - missing
    assert len(verdict.codes) == len(set(verdict.codes))


def test_held_ends_with_the_lease_if_that_is_known():
    subject = person(address=mobile(held_by_other=True, held_until=ist("2026-11-24 09:00")))
    assert ask(subject, NOON).allowed_from == ist("2026-11-24 10:00")


def test_silence_is_that_of_the_contacts_own_part():
    given = controls(ac_24="2026-12-01 18:00", ac_24_17="2026-12-03 18:00")
    at = "2026-11-30 12:00"
    assert ask(person(), at, controls=given).allowed
    assert ask(person(part_id="ac-24-18"), at, controls=given).codes == ("silence",)


def test_silence_ends_with_the_close_to_the_second():
    given = controls(ac_24="2026-12-01 17:00")
    assert ask(person(), "2026-12-01 16:59:59", controls=given).allowed_from == ist("2026-12-01 17:00")
    assert ask(person(), "2026-12-01 17:00:00", controls=given).allowed


def test_rules_of_a_part_hold_for_its_people_only():
    narrow = rules(areas={PART: {"contact_window": {"from": "14:00", "to": "16:00"}}})
    assert ask(person(), NOON, rules=narrow).codes == ("contact_window",)
    assert ask(person(part_id="ac-24-18"), NOON, rules=narrow).allowed


def test_cooldown_holds_across_campaigns_and_channels_to_the_second():
    subject = person(touches=(touch("2026-11-21 12:00:00", "sms", "other"),))
    assert ask(subject, "2026-11-22 11:59:59").codes == ("cooldown",)
    assert ask(subject, "2026-11-22 11:59:59").allowed_from == ist("2026-11-22 12:00:00")
    assert ask(subject, "2026-11-22 12:00:00").allowed


def test_cooldown_holds_for_the_number_whoever_of_the_household_was_called():
    subject = person(address=mobile(touches=(touch("2026-11-21 15:00"),)))
    assert ask(subject, NOON).codes == ("cooldown",)


def test_cooldown_follows_the_standing_though_the_touches_lag_behind():
    assert ask(person(tried("2026-11-21 15:00", "partial")), NOON).codes == ("cooldown",)


def test_cooldown_that_ends_in_the_evening_allows_the_next_morning():
    subject = person(touches=(touch("2026-11-21 19:30"),))
    assert ask(subject, NOON).allowed_from == ist("2026-11-23 10:00")


def test_retry_rule_shortens_the_cooldown_to_the_second():
    seen = (touch("2026-11-22 12:00"),)
    busy = person(tried(NOON, "busy", next_at="2026-11-22 12:30"), touches=seen, address=mobile(touches=seen))
    assert ask(busy, "2026-11-22 12:29:59").codes == ("not_due",)
    assert ask(busy, "2026-11-22 12:29:59").allowed_from == ist("2026-11-22 12:30")
    assert ask(busy, "2026-11-22 12:30:00").allowed


def test_retry_rule_of_one_campaign_does_not_shorten_the_cooldown_after_another():
    busy = tried(NOON, "busy", next_at="2026-11-22 12:30")
    elsewhere = person(busy, touches=(touch("2026-11-22 11:00", campaign="other"),))
    assert ask(elsewhere, "2026-11-22 13:00").codes == ("cooldown",)
    assert ask(person(touches=(touch(NOON),)), "2026-11-22 13:00", campaign=CampaignView("other", "active")).codes == (
        "cooldown",
    )


def test_retry_rule_does_not_shorten_the_cooldown_of_another_channel():
    rung = person(tried("2026-11-21 18:50", "no_answer", next_at="2026-11-22 10:00"))
    assert ask(rung, "2026-11-22 10:00").allowed
    assert ask(rung, "2026-11-22 10:00", channel="sms").codes == ("cooldown",)


def test_retry_rule_does_not_cover_a_later_attempt_on_the_number():
    later = mobile(touches=(touch("2026-11-22 12:10", item="item-2"),))
    busy = person(tried(NOON, "busy", next_at="2026-11-22 12:30"), address=later)
    assert ask(busy, "2026-11-22 13:00").codes == ("cooldown",)


def test_refusal_waits_longer_than_the_cooldown():
    refused = person(tried("2026-11-15 12:00", "refused", next_at="2026-11-22 12:00"))
    assert ask(refused, "2026-11-22 11:59:59").codes == ("not_due",)
    assert ask(refused, "2026-11-22 12:00:00").allowed


def test_one_channel_a_day_ends_at_indian_midnight():
    off = rules(caps={"cooldown_hours": 0})
    subject = person(touches=(touch("2026-11-22 10:30", "sms"),))
    verdict = ask(subject, NOON, rules=off)
    assert verdict.codes == ("channel_today",)
    assert verdict.reasons[0].until == ist("2026-11-23 00:00")
    assert verdict.allowed_from == ist("2026-11-23 10:00")
    assert ask(subject, NOON, rules=off, channel="sms").allowed


def test_yesterdays_channel_does_not_count_today():
    off = rules(caps={"cooldown_hours": 0})
    assert ask(person(touches=(touch("2026-11-21 23:59:59", "sms"),)), NOON, rules=off).allowed
    assert not ask(person(touches=(touch("2026-11-22 00:00:00", "sms"),)), NOON, rules=off).allowed


def test_caps_count_attempts_of_all_campaigns_on_a_person_and_on_a_number():
    thrice = tuple(touch(f"2026-11-1{day} 12:00", campaign="other", item=f"i{day}") for day in range(3))
    assert ask(person(touches=thrice), NOON).codes == ("attempts",)
    assert ask(person(address=mobile(touches=thrice)), NOON).codes == ("attempts",)
    assert ask(person(touches=thrice), NOON, channel="sms").allowed
    assert ask(person(touches=thrice[:2]), NOON).allowed


def test_caps_forget_other_campaigns_after_the_history_of_the_rules():
    long_ago = tuple(touch(f"2026-08-1{day} 12:00", campaign="other", item=f"i{day}") for day in range(3))
    assert ask(person(touches=long_ago), NOON).allowed


def test_steps_of_one_message_are_one_attempt():
    steps = tuple(touch(f"2026-11-1{day} 12:00", "sms", item="same") for day in range(5))
    assert ask(person(touches=steps), NOON, channel="sms").allowed


def test_results_of_one_call_to_a_household_are_one_attempt_on_the_number():
    told = tuple(touch(f"2026-11-20 12:0{minute}") for minute in range(5))
    assert ask(person(address=mobile(touches=told)), NOON).allowed


def test_volunteers_cap_is_free_again_after_indian_midnight():
    verdict = ask(person(), NOON, volunteer=VolunteerView(cap_left=0))
    assert verdict.codes == ("volunteer_cap",)
    assert verdict.allowed_from == ist("2026-11-23 10:00")
    assert ask(person(), NOON, volunteer=VolunteerView(cap_left=1)).allowed


def test_uncertified_content_stops_when_the_model_code_begins():
    given, draft = controls(code_from=NOON), TemplateView("t1", certified=False)
    asked = {"controls": given, "channel": "sms"}
    assert ask(person(), "2026-11-22 11:59:59", template=draft, **asked).allowed
    assert ask(person(), "2026-11-22 12:00:00", template=draft, **asked).codes == ("uncertified",)
    assert ask(person(), "2026-11-22 12:00:00", template=TemplateView("t1", certified=True), **asked).allowed


def test_kill_switch_of_a_template_stops_that_template_alone():
    asked = {"controls": Controls(kill_switches=(KillSwitch(on=True, template_id="t1"),)), "channel": "sms"}
    assert ask(person(), NOON, template=TemplateView("t1", certified=True), **asked).codes == ("kill_switch",)
    assert ask(person(), NOON, template=TemplateView("t2", certified=True), **asked).allowed
    assert ask(person(), NOON, **asked).allowed


# A number that several share


def test_item_is_allowed_if_one_of_its_people_is():
    verdict, each = gate(NOON).decide_item([person(Standing(final=True)), person()])
    assert verdict.allowed
    assert [one.allowed for one in each] == [False, True]


def test_item_of_a_suppressed_number_is_blocked_for_all():
    stopped = mobile(suppressed=True)
    verdict, each = gate(NOON).decide_item([person(address=stopped), person(address=stopped)])
    assert verdict.codes == ("suppressed",)
    assert not any(one.allowed for one in each)


def test_item_opens_with_the_first_of_its_people():
    early, late = (person(touches=(touch(at, campaign="other"),)) for at in ("2026-11-21 14:00", "2026-11-21 16:00"))
    done = person(Standing(final=True))
    verdict, _ = gate(NOON).decide_item([late, done, early])
    assert set(verdict.codes) == {"cooldown", "final"}
    assert verdict.allowed_from == ist("2026-11-22 14:00")
