"""What a phone tells of an item, and what the item becomes by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.batches.batches import carried
from services.domain.outcomes.outcomes import Report, count_states, fold, is_late
from services.domain.outcomes.timing import set_right
from tests.unit.rule_cases import CATALOGUE, RULES, ist

TEN = ist("2026-11-23 10:00")
MADE = ist("2026-11-23 09:00")
DUE = ist("2026-11-25 09:00")
HOUR = timedelta(hours=1)


def item(**changed: Any) -> dict[str, Any]:
    return {"state": "ready", "attempts": 0, "last_disposition": None, "outcomes": [], "contacts": ["c"], **changed}


def outcome(key: str, disposition: str = "no_answer", at: datetime = TEN, **more: Any) -> dict[str, Any]:
    return {"_id": key, "disposition": disposition, "occurred_at": at, "callback_at": None, "corrects": None, **more}


def folded(outcomes: Iterable[dict[str, Any]], start: dict[str, Any] | None = None) -> dict[str, Any]:
    made = start or item()
    for one in outcomes:
        made = {**made, **fold(made, one, catalogue=CATALOGUE, rules=RULES, due_at=DUE).fields}
    return made


def report(**changed: Any) -> Report:
    facts = {"id": "o", "batch_id": "b", "item_id": "i", "channel": "call", "disposition": "busy", "occurred_at": TEN}
    return Report(**{**facts, **changed})


def test_fingerprint_is_the_same_for_the_same_words() -> None:
    one = report(answers={"a": 1, "b": 2}, given=({"kind": "x", "value": "@a"},))
    other = report(answers={"b": 2, "a": 1}, given=({"value": "@a", "kind": "x"},))
    assert one.fingerprint() == other.fingerprint()


@pytest.mark.parametrize(
    "changed",
    [
        {"note": "rang twice"},
        {"occurred_at": TEN + timedelta(milliseconds=1)},
        {"support": 0},
        {"answers": {"a": 1}},
        {"corrects": "p"},
        {"app_version": "2"},
    ],
)
def test_fingerprint_is_another_for_other_words(changed: dict[str, Any]) -> None:
    assert report(**changed).fingerprint() != report().fingerprint()


@pytest.mark.parametrize(
    ("occurred", "sent", "at", "flags", "wrong"),
    [
        ("09:50", None, "09:50", (), None),
        ("09:50", "10:01", "09:50", (), None),  # within what is tolerated
        ("12:50", "13:00", "09:50", ("clock_skew",), None),  # three hours fast
        ("07:50", "08:00", "09:50", ("clock_skew",), None),  # two hours slow
        ("10:01", None, "10:00", (), None),  # nothing happens later than now
        ("13:00", None, "10:00", ("clock_skew",), None),
    ],
)
def test_time_is_set_right_by_what_the_phone_took_for_now(
    occurred: str, sent: str | None, at: str, flags: tuple[str, ...], wrong: str | None
) -> None:
    day = "2026-11-23 "
    sent_at = ist(day + sent) if sent else None
    timing = set_right(ist(day + occurred), sent_at=sent_at, now=TEN, batch_made_at=MADE)
    assert (timing.at, timing.flags, timing.wrong) == (ist(day + at), flags, wrong)


@pytest.mark.parametrize(
    ("occurred_at", "wrong"),
    [
        (TEN + timedelta(hours=25), "occurred_at_in_future"),
        (MADE - timedelta(hours=25), "occurred_at_before_batch"),
        (MADE - timedelta(hours=23), None),
    ],
)
def test_impossible_time_is_named(occurred_at: datetime, wrong: str | None) -> None:
    assert set_right(occurred_at, sent_at=None, now=TEN, batch_made_at=MADE).wrong == wrong


@pytest.mark.parametrize(
    ("batch", "state", "late"),
    [
        ({"assignee": "u", "state": "active"}, "ready", False),
        ({"assignee": "u", "state": "assigned"}, "ready", False),
        ({"assignee": "u", "state": "done"}, "done", False),
        ({"assignee": "v", "state": "active"}, "ready", True),
        ({"assignee": "u", "state": "recalled"}, "ready", True),
        ({"assignee": "u", "state": "expired"}, "ready", True),
        ({"assignee": "u", "state": "active"}, "returned", True),
    ],
)
def test_work_of_somebody_else_is_late(batch: dict[str, Any], state: str, late: bool) -> None:
    assert is_late({"due_at": DUE, **batch}, item(state=state), "u", now=TEN) is late


@pytest.mark.parametrize(("state", "late"), [("active", True), ("done", False)])
def test_work_that_is_over_its_time_is_nobodys(state: str, late: bool) -> None:
    assert is_late({"due_at": DUE, "assignee": "u", "state": state}, item(), "u", now=DUE) is late


def test_corrected_opt_out_leaves_the_number_out_of_use() -> None:
    after = folded([outcome("a", "do_not_contact"), outcome("b", "no_answer", corrects="a")])
    assert after["state"] == "blocked"


@pytest.mark.parametrize(
    ("disposition", "state", "next_at"),
    [
        ("contacted", "done", None),
        ("do_not_contact", "done", None),
        ("wrong_number", "done", None),
        ("busy", "ready", TEN + timedelta(minutes=30)),
        ("no_answer", "ready", ist("2026-11-23 13:00")),  # in another band
        ("switched_off", "ready", ist("2026-11-24 00:00")),
        ("refused", "done", None),  # its next try lies beyond the batch
        ("left_message", "done", None),
    ],
)
def test_first_attempt_decides_what_follows(disposition: str, state: str, next_at: datetime | None) -> None:
    made = folded([outcome("a", disposition)])
    assert (made["state"], made["next_at"], made["attempts"]) == (state, next_at, 1)
    assert (made["done_at"] is not None) == (state == "done")


def test_agreed_call_keeps_the_batch_alive_for_its_grace() -> None:
    at = DUE + 12 * HOUR
    made = fold(item(), outcome("a", "call_back", callback_at=at), catalogue=CATALOGUE, rules=RULES, due_at=DUE)
    assert (made.fields["state"], made.fields["callback_at"], made.lives_until) == ("callback", at, at + 2 * HOUR)


def test_item_whose_attempts_are_used_up_is_done() -> None:
    thrice = [outcome(str(n), "busy", TEN + n * HOUR) for n in range(3)]
    assert folded(thrice[:2])["state"] == "ready"
    assert folded(thrice)["state"] == "done"


def test_attempts_of_the_batch_before_still_count() -> None:
    carried = item(attempts=2, last_disposition="no_answer")
    made = folded([outcome("a", "busy")], carried)
    assert (made["attempts"], made["state"]) == (3, "done")


def test_item_carried_over_counts_nothing_again() -> None:
    again = carried(folded([outcome("a", "busy")]))
    assert folded([outcome("b", "busy", TEN + HOUR)], again)["attempts"] == 2


def test_steps_of_a_message_are_one_attempt_worth_the_furthest() -> None:
    steps = [outcome("a", "opened"), outcome("b", "declared_sent", TEN + HOUR), outcome("c", "opened", TEN + 2 * HOUR)]
    assert folded(steps[:1])["state"] == "ready"
    made = folded(steps)
    assert (made["attempts"], made["last_disposition"], made["state"]) == (1, "declared_sent", "done")


def test_correction_is_no_attempt_of_its_own_and_opens_what_was_done_by_mistake() -> None:
    made = folded([outcome("a", "contacted"), outcome("b", "busy", corrects="a")])
    assert (made["attempts"], made["last_disposition"], made["state"]) == (1, "busy", "ready")


def test_attempt_of_this_morning_told_late_does_not_open_what_ended_at_noon() -> None:
    made = folded([outcome("b", "contacted", TEN + 2 * HOUR), outcome("a", "no_answer", TEN)])
    assert (made["attempts"], made["last_disposition"], made["state"]) == (2, "contacted", "done")


def test_earlier_attempt_told_late_does_not_bring_back_a_callback_that_came_due() -> None:
    agreed = outcome("b", "call_back", TEN + HOUR, callback_at=TEN + 5 * HOUR)
    due = {**folded([agreed]), "state": "ready", "callback_at": None}
    assert folded([outcome("a", "busy", TEN)], due)["state"] == "ready"


@pytest.mark.parametrize(
    ("before", "disposition", "after"),
    [
        ("blocked", "busy", "blocked"),
        ("blocked", "contacted", "done"),
        ("returned", "busy", "returned"),
        ("returned", "contacted", "returned"),
    ],
)
def test_what_others_decided_is_not_undone(before: str, disposition: str, after: str) -> None:
    assert folded([outcome("a", disposition)], item(state=before))["state"] == after


def test_states_are_counted_without_returned_items() -> None:
    states = ("ready", "ready", "callback", "done", "blocked", "returned")
    counts = {"total": 5, "ready": 2, "callback": 1, "done": 1, "blocked": 1}
    assert count_states([{"state": state} for state in states]) == counts


DISPOSITIONS = st.sampled_from(["no_answer", "busy", "contacted", "refused", "wrong_number", "partial", "call_back"])


@st.composite
def tellings(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to five outcomes of one item, some of which correct others."""
    number = draw(st.integers(1, 5))
    keys = [chr(ord("a") + at) for at in range(number)]
    told = []
    for key in keys:
        at = TEN + draw(st.integers(0, 8)) * HOUR
        disposition = draw(DISPOSITIONS)
        callback_at = DUE - HOUR if disposition == "call_back" else None
        corrects = draw(st.sampled_from([None, None, *(other for other in keys if other != key)]))
        told.append(outcome(key, disposition, at, callback_at=callback_at, corrects=corrects))
    return told


@given(tellings(), st.data())
def test_order_and_repetition_of_arrival_change_nothing(told: Sequence[dict[str, Any]], data: st.DataObject) -> None:
    arrived = data.draw(st.permutations([*told, *data.draw(st.lists(st.sampled_from(told), max_size=4))]))
    made, in_order = folded(arrived), folded(told)
    arrival = {"outcomes", "told"}
    assert {k: v for k, v in made.items() if k not in arrival} == {
        k: v for k, v in in_order.items() if k not in arrival
    }
    assert sorted(made["outcomes"]) == sorted(in_order["outcomes"])
