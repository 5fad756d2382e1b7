"""The fold of outcomes into a standing, in any order, with repeats and corrections."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.outcomes.standing import UNTOUCHED, Mark, apply, recount
from tests.unit.rule_cases import CATALOGUE, RULES, ist, rules

NOON = ist("2026-11-22 12:00")


def mark(number, disposition, *, channel="call", hours=0, item="item-1", **fields):
    return Mark(f"o{number}", NOON + timedelta(hours=hours), channel, disposition, item, **fields)


def standing_of(*marks, by=RULES):
    return recount(marks, catalogue=CATALOGUE, rules_at=lambda _: by)


def told_one_by_one(marks):
    standing = UNTOUCHED
    for one in marks:
        standing = apply(standing, one, catalogue=CATALOGUE, rules_at=lambda _: RULES)
    return standing


def test_standing_of_nothing_is_untouched():
    assert standing_of() == UNTOUCHED


def test_call_counts_and_says_when_next():
    standing = standing_of(mark(1, "busy"))
    assert (dict(standing.attempts), standing.total) == ({"call": 1}, 1)
    assert (standing.last_at, standing.last_channel, standing.last_disposition) == (NOON, "call", "busy")
    assert standing.next_at == NOON + timedelta(minutes=30)
    assert not standing.final


def test_latest_attempt_speaks_whenever_it_arrives():
    late = standing_of(mark(2, "left_message", hours=5), mark(1, "busy"))
    assert late.last_disposition == "left_message"
    assert late.next_at == NOON + timedelta(hours=53)


def test_contacted_is_final_though_a_later_try_went_unanswered():
    standing = standing_of(mark(1, "contacted"), mark(2, "no_answer", hours=1))
    assert standing.final
    assert standing.next_at is None


def test_callback_waits_for_the_agreed_time_until_the_next_attempt():
    agreed = NOON + timedelta(hours=4)
    first = mark(1, "call_back", callback_at=agreed)
    assert (standing_of(first).callback_at, standing_of(first).next_at) == (agreed, agreed)
    assert standing_of(first, mark(2, "busy", hours=4)).callback_at is None


def test_second_refusal_is_final():
    assert not standing_of(mark(1, "refused")).final
    assert standing_of(mark(1, "refused"), mark(2, "no_answer", hours=170), mark(3, "refused", hours=180)).final


def test_first_refusal_is_final_where_the_rules_allow_no_further_try():
    assert standing_of(mark(1, "refused"), by=rules(retry={"refused": {"times": 0}})).final


def test_outcomes_are_judged_by_the_rules_of_their_time():
    hurried = rules(retry={"busy": {"after_minutes": 10}})
    standing = recount(
        [mark(1, "busy")], catalogue=CATALOGUE, rules_at=lambda at: hurried if at < NOON + timedelta(hours=1) else RULES
    )
    assert standing.next_at == NOON + timedelta(minutes=10)


def test_steps_of_a_message_are_one_attempt_worth_the_furthest():
    steps = [mark(number, name, channel="sms", hours=number) for number, name in enumerate(("opened", "replied"))]
    standing = standing_of(*steps, mark(9, "declared_sent", channel="sms", hours=5))
    assert (dict(standing.attempts), standing.last_disposition) == ({"sms": 1}, "replied")
    assert standing.last_at == NOON + timedelta(hours=5)


def test_messages_of_two_items_or_channels_are_two_attempts():
    standing = standing_of(
        mark(1, "opened", channel="sms"),
        mark(2, "opened", channel="whatsapp"),
        mark(3, "opened", channel="sms", item="item-2"),
    )
    assert (dict(standing.attempts), standing.total) == ({"sms": 2, "whatsapp": 1}, 3)


def test_calls_of_one_item_are_attempts_of_their_own():
    assert standing_of(mark(1, "busy"), mark(2, "busy", hours=1)).total == 2


def test_correction_replaces_the_outcome_it_names():
    standing = standing_of(mark(1, "contacted"), mark(2, "busy", corrects="o1"))
    assert (standing.total, standing.last_disposition, standing.final) == (1, "busy", False)


def test_correction_holds_though_it_moves_the_outcome_back_in_time():
    standing = standing_of(mark(1, "contacted"), mark(2, "busy", hours=-3, corrects="o1"))
    assert (standing.total, standing.last_at) == (1, NOON - timedelta(hours=3))


def test_correction_of_a_correction_leaves_one_attempt():
    standing = standing_of(mark(1, "busy"), mark(2, "contacted", corrects="o1"), mark(3, "partial", corrects="o2"))
    assert (standing.total, standing.last_disposition) == (1, "partial")


def test_of_two_corrections_of_one_outcome_the_later_holds():
    standing = standing_of(
        mark(1, "busy"), mark(2, "partial", hours=2, corrects="o1"), mark(3, "contacted", hours=1, corrects="o1")
    )
    assert (standing.total, standing.last_disposition) == (1, "partial")


def test_correction_of_a_message_step_replaces_that_step_alone():
    standing = standing_of(
        mark(1, "opened", channel="sms"),
        mark(2, "replied", channel="sms", hours=1),
        mark(3, "declared_sent", channel="sms", hours=1, corrects="o2"),
    )
    assert (standing.total, standing.last_disposition) == (1, "declared_sent")


def test_corrections_in_a_circle_count_once():
    standing = standing_of(mark(1, "busy", corrects="o2"), mark(2, "partial", hours=1, corrects="o1"))
    assert (standing.total, standing.last_disposition) == (1, "partial")


calls = st.sampled_from([row.name for row in CATALOGUE.for_channel("call")]).map(lambda name: ("call", name))
messages = st.tuples(
    st.sampled_from(["sms", "whatsapp"]), st.sampled_from([row.name for row in CATALOGUE.for_channel("sms")])
)


@st.composite
def stories(draw):
    """Some outcomes about one person, a few of them correcting another."""
    marks = []
    for number in range(draw(st.integers(0, 7))):
        channel, disposition = draw(st.one_of(calls, messages))
        hours = draw(st.integers(0, 60))
        agreed = NOON + timedelta(hours=hours + draw(st.integers(1, 9))) if disposition == "call_back" else None
        corrects = draw(st.one_of(st.none(), st.none(), st.integers(0, 7).map(lambda other: f"o{other}")))
        item = draw(st.sampled_from(["item-1", "item-2"]))
        marks.append(
            mark(number, disposition, channel=channel, hours=hours, item=item, callback_at=agreed, corrects=corrects)
        )
    return marks


@settings(max_examples=300)
@given(stories(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_gives_the_same_standing(marks, chance):
    arrived = marks + [chance.choice(marks) for _ in range(3) if marks]
    chance.shuffle(arrived)
    assert told_one_by_one(arrived) == standing_of(*marks)


@given(stories())
def test_standing_agrees_with_itself(marks):
    standing = standing_of(*marks)
    assert standing.total == sum(standing.attempts.values()) <= len(marks)
    assert (standing.total == 0) == (not marks)
    assert not (standing.final and standing.next_at)
    assert {one.id for one in standing.marks} == {one.id for one in marks}


@given(stories())
def test_correction_never_adds_an_attempt(marks):
    standing = standing_of(*marks)
    if not standing.marks:
        return
    known = standing.marks[0]
    later = known._replace(id="o99", at=known.at + timedelta(minutes=1), corrects=known.id)
    assert standing_of(*marks, later).total <= standing.total
