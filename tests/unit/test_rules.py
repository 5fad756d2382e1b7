"""Rules as data: read, refused with paths, laid over each other, compared."""

import copy
from datetime import timedelta

import pytest

from config.data_files import default_rules
from services.domain.errors import Invalid
from services.domain.rules.rules import Rules, merge
from services.domain.rules.versions import effective, widened, widens
from tests.unit.rule_cases import OPEN_ROUND_THE_CLOCK, PART, RULES, SEAT, ist, rules


def wrong(data):
    with pytest.raises(Invalid) as caught:
        Rules.parse(data)
    return caught.value.fields


def changed(path, value):
    data = copy.deepcopy(default_rules())
    *parents, last = path.split(".")
    place = data
    for name in parents:
        place = place[name]
    place[last] = value
    return data


def test_shipped_rules_come_back_from_the_wire_as_they_were():
    assert RULES.to_wire() == default_rules()
    assert Rules.parse(RULES.to_wire()) == RULES


def test_shipped_rules_are_those_of_the_field_facts():
    assert (RULES.caps.per_channel, RULES.caps.total, RULES.caps.cooldown) == (3, 5, timedelta(hours=24))
    assert (RULES.batch_size, RULES.batch_expires) == (25, timedelta(hours=48))
    assert (RULES.daily_cap("call"), RULES.daily_cap("whatsapp")) == (60, 40)
    assert RULES.silence.before_close("call") == timedelta(hours=48)
    assert RULES.retry["refused"].after == timedelta(days=7)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("contact_window.from", "ten", "not_a_clock_time"),
        ("contact_window.from", "24:01", "not_a_clock_time"),
        ("contact_window.from", 10, "not_a_clock_time"),
        ("contact_window.to", "09:00", "not_after_from"),
        ("contact_window", "10-19", "not_an_object"),
        ("contact_window", {"from": "09:59", "to": "19:00"}, "outside_legal_window"),
        ("contact_window", {"from": "10:00", "to": "21:01"}, "outside_legal_window"),
        ("night_ban.channels", ["pigeon"], "unknown_name"),
        ("night_ban.channels", [["call"]], "unknown_name"),
        ("night_ban.channels", "call", "not_a_list"),
        ("silence_hours.default", -1, "out_of_range"),
        ("silence_hours.sms", "48", "not_a_whole_number"),
        ("silence_hours.pigeon", 48, "unknown_field"),
        ("caps.total", None, "required"),
        ("caps.total", True, "not_a_whole_number"),
        ("caps.cooldown_hours", 1.5, "not_a_whole_number"),
        ("retry.busy.after_minutes", -1, "out_of_range"),
        ("retry.busy.other_band", 1, "not_a_boolean"),
        ("retry.busy", None, "not_an_object"),
        ("bands", {}, "not_a_list"),
        ("batch.size", 101, "out_of_range"),
        ("join_roll_phones", "no", "not_a_boolean"),
        ("retention_days", 0, "out_of_range"),
        ("effective_from", "2026-01-01T00:00:00", "not_a_time"),
        ("validity_hours.unannounced", 13, "out_of_range"),
        ("colour", "green", "unknown_field"),
        ("areas", {PART: {"caps": {"total": 0}}}, "out_of_range"),
        ("areas", {PART: {"version": 2}}, "unknown_field"),
        ("areas", {PART: 7}, "not_an_object"),
    ],
)
def test_wrong_field_is_named_by_its_path(path, value, code):
    fields = wrong(changed(path, value))
    assert [code] in fields.values()
    assert all(name.startswith(f"rules.{path}") for name in fields)


def test_all_wrong_fields_are_named_at_once():
    data = changed("caps.total", 0)
    data["contact_window"]["from"] = "ten"
    assert set(wrong(data)) >= {"rules.caps.total", "rules.contact_window.from"}


def test_missing_part_is_named():
    data = default_rules()
    del data["caps"]
    assert wrong(data)["rules.caps"] == ["required"]


def test_override_is_laid_over_field_by_field():
    merged = merge(default_rules(), {"caps": {"total": 4}, "bands": [], "retry": {"busy": {"after_minutes": 60}}})
    assert merged["caps"] == {**default_rules()["caps"], "total": 4}
    assert merged["bands"] == []
    assert merged["retry"]["busy"] == {"after_minutes": 60, "other_band": False}
    assert merged["daily"] == default_rules()["daily"]


def test_override_with_null_takes_a_retry_rule_away():
    assert "busy" not in merge(default_rules(), {"retry": {"busy": None}})["retry"]


@pytest.mark.parametrize("override", [{"retry": None}, {"retry": []}, {"caps": None}, {"bands": None}])
def test_override_of_a_wrong_shape_is_refused_and_never_breaks(override):
    with pytest.raises(Invalid):
        Rules.parse(merge(default_rules(), override))


@pytest.mark.parametrize("override", [{"colour": "green"}, {"contact_window_limit": {"from": "00:00", "to": "24:00"}}])
def test_override_may_not_touch_what_rules_do_not_have_or_the_law_fixes(override):
    with pytest.raises(Invalid) as caught:
        merge(default_rules(), override)
    assert set(caught.value.fields) == {f"rules.{name}" for name in override}


def test_merge_leaves_the_defaults_as_they_were():
    defaults = default_rules()
    merge(defaults, {"caps": {"total": 4}, "retry": {"busy": None}})
    assert defaults == default_rules()


def test_rules_of_a_place_are_the_campaigns_then_the_constituencys_then_the_parts():
    found = rules(areas={SEAT: {"caps": {"total": 4, "per_channel": 2}}, PART: {"caps": {"total": 1}}})
    assert found.at("ac-155-1", "ac-155") is found
    assert (found.at("ac-24-18", SEAT).caps.total, found.at("ac-24-18", SEAT).caps.per_channel) == (4, 2)
    assert (found.at(PART, SEAT).caps.total, found.at(PART, SEAT).caps.per_channel) == (1, 2)
    assert Rules.parse(found.to_wire()) == found


def test_version_in_effect_is_the_newest_that_has_begun():
    old, new = (
        rules(version=2, effective_from="2026-11-22T10:00:00+05:30"),
        rules(version=3, effective_from="2026-11-23T00:00:00Z"),
    )
    assert effective([new, RULES, old], ist("2026-11-22 09:59:59")) is RULES
    assert effective([new, RULES, old], ist("2026-11-22 10:00:00")) is old
    assert effective([new, RULES, old], ist("2026-11-24 00:00")) is new


def test_of_versions_that_begin_together_the_higher_number_holds():
    first, second = rules(version=2), rules(version=3)
    assert effective([second, first], ist("2026-11-22 10:00")) is second


@pytest.mark.parametrize(
    ("override", "field"),
    [
        ({"contact_window": {"to": "19:01"}}, "contact_window"),
        ({"night_ban": {"from": "22:30"}}, "night_ban"),
        ({"night_ban": {"channels": ["call", "sms"]}}, "night_ban"),
        ({"silence_hours": {"default": 47}}, "silence_hours"),
        ({"silence_hours": {"call": 24}}, "silence_hours"),
        ({"caps": {"per_channel": 4}}, "caps.per_channel"),
        ({"caps": {"total": 6}}, "caps.total"),
        ({"caps": {"cooldown_hours": 23}}, "caps.cooldown_hours"),
        ({"caps": {"channels_per_day": 2}}, "caps.channels_per_day"),
        ({"caps": {"history_days": 30}}, "caps.history_days"),
        ({"retry": {"no_answer": {"after_minutes": 179}}}, "retry.no_answer"),
        ({"retry": {"no_answer": {"other_band": False}}}, "retry.no_answer"),
        ({"retry": {"switched_off": {"next_day": False}}}, "retry.switched_off"),
        ({"retry": {"refused": {"times": 2}}}, "retry.refused"),
        ({"retry": {"refused": None}}, "retry.refused"),
        ({"retry": {"partial": {"after_minutes": 60}}}, "retry.partial"),
        ({"daily": {"call": 61}}, "daily.call"),
        ({"daily": {"message": 41}}, "daily.message"),
        ({"batch": {"size": 26}}, "batch.size"),
        ({"complaints_pause": 3}, "complaints_pause"),
        ({"join_roll_phones": True}, "join_roll_phones"),
        ({"retention_days": 91}, "retention_days"),
        ({"look_ahead_hours": 17}, "look_ahead_hours"),
        ({"validity_hours": {"announced": 25}}, "validity_hours.announced"),
        ({"exit_poll": {"after_minutes": 29}}, "exit_poll.after_minutes"),
        ({"areas": {PART: {"caps": {"total": 6}}}}, f"areas.{PART}.caps.total"),
    ],
)
def test_what_allows_more_than_before_widens(override, field):
    assert widened(RULES, rules(**override)) == (field,)


@pytest.mark.parametrize(
    "override",
    [
        {},
        {"contact_window": {"from": "11:00", "to": "17:00"}},
        {"night_ban": {"from": "21:00", "to": "07:00", "channels": ["call", "sms", "whatsapp", "facebook"]}},
        {"silence_hours": {"default": 72}},
        {"silence_hours": {"whatsapp": 96}},
        {"caps": {"per_channel": 2, "total": 3, "cooldown_hours": 48}},
        {"retry": {"busy": {"after_minutes": 60}, "no_answer": {"next_day": True}, "refused": {"times": 0}}},
        {"retry": {"busy": None}},
        {"retry": {"partial": {"after_minutes": 2880}}},
        {"daily": {"call": 30, "message": 10}, "batch": {"size": 10}, "complaints_pause": 1},
        {"look_ahead_hours": 0, "validity_hours": {"announced": 6, "unannounced": 6}},
        {"areas": {PART: {"caps": {"total": 4}}}},
    ],
)
def test_what_allows_the_same_or_less_does_not_widen(override):
    assert not widens(RULES, rules(**override))


def test_removing_a_parts_narrower_rules_widens():
    assert widens(rules(areas={PART: {"caps": {"total": 4}}}), RULES)


def test_wider_limit_of_the_law_widens_though_the_window_stays():
    limit = OPEN_ROUND_THE_CLOCK["contact_window_limit"]
    assert widened(RULES, rules(contact_window_limit=limit)) == ("contact_window_limit",)
