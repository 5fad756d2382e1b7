"""The catalogue of results: what each is, what comes with it, when the next try is due."""

import pytest

from config.data_files import dispositions
from services.domain.errors import Invalid
from services.domain.identifiers.channels import CHANNELS, MESSAGE_CHANNELS
from services.domain.outcomes.dispositions import Catalogue, Told, next_at
from tests.unit.rule_cases import CATALOGUE, RULES, ist, rules

CALL_RESULTS = {
    *("contacted", "partial", "no_answer", "busy", "switched_off", "left_message", "call_back", "refused"),
    *("do_not_contact", "wrong_number", "disconnected", "moved", "deceased", "language_barrier", "minor_answered"),
    *("abuse_or_threat", "legal_complaint"),
}
MESSAGE_STEPS = {"opened", "declared_sent", "replied", "not_on_platform", "failed", "opted_out", "blocked_me"}
NOON = ist("2026-11-22 12:00")


def told(disposition, channel="call", **fields):
    return Told(disposition, channel, NOON, **fields)


def due(disposition, at, by=RULES, **asked):
    return next_at(CATALOGUE.by_name[disposition], occurred_at=ist(at), rules=by, **asked)


def test_catalogue_holds_the_results_of_the_field_facts_and_no_other():
    assert {row.name for row in CATALOGUE.for_channel("call")} == CALL_RESULTS
    for channel in MESSAGE_CHANNELS:
        assert {row.name for row in CATALOGUE.for_channel(channel)} == MESSAGE_STEPS


@pytest.mark.parametrize("row", CATALOGUE.by_name.values(), ids=lambda row: row.name)
def test_every_disposition_is_labelled_in_both_languages(row):
    assert row.labels["hi"] != row.labels["en"]
    assert any("\u0900" <= letter <= "\u097f" for letter in row.labels["hi"])
    assert row.channels <= set(CHANNELS)


@pytest.mark.parametrize(
    ("name", "prefix", "group"),
    [
        ("contacted", "1.1", "I"),
        ("partial", "1.2", "P"),
        ("no_answer", "3.13", "UH"),
        ("busy", "3.12", "UH"),
        ("switched_off", "3.1", "UH"),
        ("left_message", "2.22", "NC"),
        ("call_back", "2.2", "NC"),
        ("refused", "2.112", "R"),
        ("do_not_contact", "2.112", "R"),
        ("wrong_number", "4.", "NE"),
        ("disconnected", "4.3", "NE"),
        ("moved", "4.", "NE"),
        ("deceased", "2.31", "O"),
        ("language_barrier", "2.33", "O"),
    ],
)
def test_disposition_has_the_aapor_code_of_the_field_facts(name, prefix, group):
    row = CATALOGUE.by_name[name]
    assert row.aapor_code is not None
    assert row.aapor_code.startswith(prefix)
    assert row.aapor_class == group


def test_retry_rules_of_the_shipped_rules_name_dispositions():
    assert set(RULES.retry) <= set(CATALOGUE.by_name)


def test_opt_outs_suppress_and_only_they_and_a_legal_complaint():
    suppressing = {row.name for row in CATALOGUE.by_name.values() if "suppress" in row.effects}
    assert suppressing == {"do_not_contact", "opted_out", "legal_complaint"}


def test_abuse_of_a_volunteer_is_no_complaint_about_them():
    assert {row.name for row in CATALOGUE.by_name.values() if "complaint" in row.effects} == {"legal_complaint"}


def test_catalogue_names_every_wrong_field():
    data = dispositions()
    data["dispositions"][0] |= {"channels": ["pigeon"], "final": "no", "effects": ["magic"], "aapor": {"class": "Z"}}
    with pytest.raises(Invalid) as caught:
        Catalogue.parse(data)
    row = "catalogue.dispositions.0"
    assert set(caught.value.fields) == {
        *(f"{row}.{name}" for name in ("channels", "final", "effects", "aapor.class", "aapor.code"))
    }


@pytest.mark.parametrize(
    ("outcome", "people", "wrong"),
    [
        (told("contacted"), 1, []),
        (told("contacted", contact_id="p1", answers={"q1": "yes"}, support=2, duration_s=0), 3, []),
        (told("partial", answers={"q1": "yes"}), 1, []),
        (told("vanished"), 1, [("disposition", "unknown_disposition")]),
        (told("replied"), 1, [("disposition", "disposition_not_for_channel")]),
        (told("busy", "sms"), 1, [("disposition", "disposition_not_for_channel")]),
        (told("no_answer"), 4, []),
        (told("no_answer", answers={"q1": "yes"}), 1, [("answers", "answers_not_allowed")]),
        (told("declared_sent", "sms", answers={"q1": "yes"}), 1, [("answers", "answers_not_allowed")]),
        (told("no_answer", answers={}, support=0), 1, []),
        (told("no_answer", support=3), 1, [("support", "support_not_allowed")]),
        (told("busy", duration_s=-1), 1, [("duration_s", "duration_negative")]),
        (told("call_back"), 1, [("callback_at", "callback_at_required")]),
        (told("call_back", callback_at=ist("2026-11-22 12:01")), 1, []),
        (told("call_back", callback_at=NOON), 1, [("callback_at", "callback_at_not_after_occurred_at")]),
        (told("busy", callback_at=ist("2026-11-22 13:00")), 1, [("callback_at", "callback_at_not_allowed")]),
        (told("minor_answered", answers={"q1": "yes"}, support=1), 1, []),
    ],
)
def test_outcome_is_checked_against_its_disposition(outcome, people, wrong):
    assert CATALOGUE.check(outcome, people=people) == wrong


@pytest.mark.parametrize("name", ["contacted", "partial", "refused", "moved", "deceased"])
def test_outcome_names_the_person_where_several_share_the_number(name):
    assert CATALOGUE.check(told(name), people=2) == [("contact_id", "contact_id_required")]
    assert CATALOGUE.check(told(name), people=1) == []


def test_everything_wrong_is_told_at_once():
    outcome = told("refused", "sms", answers={"q1": "yes"}, duration_s=-5)
    assert len(CATALOGUE.check(outcome, people=2)) == 4


def test_furthest_step_of_a_message_counts():
    assert CATALOGUE.further("opened", "declared_sent") == "declared_sent"
    assert CATALOGUE.further("replied", "declared_sent") == "replied"
    assert CATALOGUE.further("replied", "opted_out") == "opted_out"


@pytest.mark.parametrize(
    ("name", "at", "then"),
    [
        ("busy", "2026-11-22 12:00:01", "2026-11-22 12:30:01"),
        ("left_message", "2026-11-22 12:00", "2026-11-24 12:00"),
        ("refused", "2026-11-22 12:00", "2026-11-29 12:00"),
        ("switched_off", "2026-11-22 10:00", "2026-11-23 00:00"),
        ("switched_off", "2026-11-22 18:59:59", "2026-11-23 00:00"),
    ],
)
def test_next_try_is_due_by_the_rule_of_the_disposition(name, at, then):
    assert due(name, at) == ist(then)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-11-22 10:00", "2026-11-22 13:00"),
        ("2026-11-22 10:30", "2026-11-22 13:30"),
        ("2026-11-22 12:59", "2026-11-22 15:59"),
        ("2026-11-22 13:00", "2026-11-22 16:00"),
        ("2026-11-22 15:59", "2026-11-22 18:59"),
        ("2026-11-22 16:00", "2026-11-23 10:00"),
        ("2026-11-22 18:59", "2026-11-23 10:00"),
        ("2026-11-22 19:30", "2026-11-23 10:00"),
    ],
)
def test_unanswered_call_is_tried_in_another_band(at, then):
    assert due("no_answer", at) == ist(then)


def test_other_band_asks_nothing_where_there_is_none():
    assert due("no_answer", "2026-11-22 10:30", rules(bands=[])) == ist("2026-11-22 13:30")
    one = rules(bands=[{"from": "10:00", "to": "19:00"}])
    assert due("no_answer", "2026-11-22 10:30", one) == ist("2026-11-22 13:30")


def test_call_back_is_due_at_the_agreed_time():
    assert due("call_back", "2026-11-22 12:00", callback_at=ist("2026-11-22 17:00")) == ist("2026-11-22 17:00")


def test_disposition_without_a_rule_leaves_the_next_try_to_the_cooldown():
    assert due("partial", "2026-11-22 12:00") is None
    assert due("partial", "2026-11-22 12:00", rules(retry={"partial": {"after_minutes": 60}})) == ist(
        "2026-11-22 13:00"
    )
