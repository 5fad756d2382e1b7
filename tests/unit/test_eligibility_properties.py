"""What must hold of every question to the rule engine, whatever the history and the hour."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.outcomes.standing import Standing
from services.domain.rules.calendar import Controls, ModelCode, Poll
from services.domain.rules.eligibility import Gate
from services.domain.rules.rules import Rules
from services.domain.rules.subject import Touch
from services.domain.rules.verdict import OPENS_AHEAD, REASONS
from tests.unit.rule_cases import CAMPAIGN, OPEN_ROUND_THE_CLOCK, PART, RULES, SEAT, ist, mobile, person, rules

START = ist("2026-11-20 00:00")
moments = st.integers(0, 10 * 24 * 3600).map(lambda second: START + timedelta(seconds=second))
channels = st.sampled_from(["call", "sms", "whatsapp", "facebook"])
touches = st.lists(
    st.builds(Touch, moments, channels, st.sampled_from(["drive", "other"]), st.sampled_from(["i1", "i2", "i3"])),
    max_size=6,
).map(tuple)
codes = st.one_of(
    st.none(),
    st.builds(
        lambda start, hours: ModelCode(start, start + timedelta(hours=hours) if hours else None),
        moments,
        st.integers(0, 200),
    ),
)
polls = st.dictionaries(
    st.sampled_from([PART, SEAT]), moments.map(lambda close: Poll(close - timedelta(hours=11), close)), max_size=2
)
rule_sets = st.sampled_from(
    [RULES, rules(**OPEN_ROUND_THE_CLOCK), rules(silence_hours={"default": 72, "sms": 1}), rules(caps={"total": 2})]
)
standings = st.builds(
    lambda at, channel, wait, final: Standing(
        {channel: 1}, 1, at, channel, "busy", at + wait if wait else None, None, final
    ),
    moments,
    channels,
    st.one_of(st.none(), st.integers(1, 5000).map(lambda minutes: timedelta(minutes=minutes))),
    st.booleans(),
)


@st.composite
def questions(draw):
    """A person with some history, and a function that asks about them at a time."""
    subject = person(draw(st.one_of(st.just(Standing()), standings)), touches=draw(touches))
    subject = subject._replace(address=mobile(touches=draw(touches), held_by_other=draw(st.booleans())))
    asked = {
        "rules": draw(rule_sets),
        "controls": Controls(polls=draw(polls), model_code=draw(codes)),
        "campaign": CAMPAIGN,
        "channel": draw(channels),
    }
    return subject, draw(moments), lambda now: Gate(now=now, **asked)


@given(questions())
def test_reasons_are_known_and_each_given_once(question):
    subject, now, ask = question
    verdict = ask(now).decide(subject)
    assert set(verdict.codes) <= set(REASONS)
    assert len(set(verdict.codes)) == len(verdict.codes)
    assert verdict.allowed == (verdict.codes == ())


@settings(max_examples=300)
@given(questions(), st.floats(0, 1, exclude_max=True))
def test_allowed_from_is_the_first_moment_that_is_allowed(question, share):
    subject, now, ask = question
    start = ask(now).decide(subject).allowed_from
    if start is None:
        return
    assert ask(start).decide(subject).allowed
    # A share next to one may be rounded up to the moment itself.
    earlier = now + share * (start - now)
    assert earlier >= start or not ask(earlier).decide(subject).allowed


@settings(max_examples=300)
@given(questions(), st.floats(0, 1, exclude_max=True))
def test_number_is_shown_only_at_times_that_are_allowed(question, share):
    subject, now, ask = question
    gate = ask(now)
    verdict = gate.decide(subject)
    window = gate.window(subject, verdict)
    if window is None:
        return
    assert set(verdict.codes) <= OPENS_AHEAD
    assert now <= window.not_before <= now + timedelta(hours=16)
    for moment in (window.not_before, window.not_before + share * (window.not_after - window.not_before)):
        assert ask(moment).decide(subject).allowed


@given(questions())
def test_narrower_hours_never_allow_more(question):
    subject, now, ask = question
    wide = ask(now)
    wire = {**wide._rules.to_wire(), "contact_window": {"from": "12:00", "to": "14:00"}}
    narrow = Gate(rules=Rules.parse(wire), controls=wide._controls, campaign=CAMPAIGN, channel=wide.channel, now=now)
    assert set(narrow.decide(subject).codes) >= set(wide.decide(subject).codes)
