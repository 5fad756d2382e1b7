"""Rates by the AAPOR Standard Definitions, against published worked examples, and which attempt of a person counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.paths import read_json
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.results import results_of
from services.domain.reports.rates import Cases, eligibility, rates

CATALOGUE = Catalogue.parse(read_json("dispositions.json"))
# The worked example of rOpenSci's reviewed package "outcomerate" (its README), which checks against AAPOR's calculator.
OUTCOMERATE = Cases(I=4, P=2, R=1, NC=1, O=1, UH=1, UO=1, NE=1)
OUTCOMERATE_RATES = {
    "RR1": 0.364,
    "RR2": 0.545,
    "RR3": 0.370,
    "RR4": 0.556,
    "RR5": 0.444,
    "RR6": 0.667,
    "COOP1": 0.500,
    "COOP2": 0.750,
    "COOP3": 0.571,
    "COOP4": 0.857,
    "REF1": 0.091,
    "REF2": 0.093,
    "REF3": 0.111,
    "CON1": 0.727,
    "CON2": 0.741,
    "CON3": 0.889,
}
cases = st.builds(Cases, *[st.integers(0, 500)] * 8)


def test_rates_are_those_of_a_published_example_with_unknown_cases() -> None:
    e = eligibility(OUTCOMERATE)
    assert e == 0.9
    found = rates(OUTCOMERATE, e)
    assert {name: round(found[name] or 0, 3) for name in OUTCOMERATE_RATES} == pytest.approx(
        OUTCOMERATE_RATES, abs=0.0006
    )
    assert found.keys() == OUTCOMERATE_RATES.keys()


def test_rates_are_those_of_a_published_example_without_unknown_cases() -> None:
    # The README of Leeper's "responserates": 100 interviews, 20 not met.
    found = rates(Cases(I=100, NC=20), eligibility(Cases(I=100, NC=20)))
    expected = dict.fromkeys(("RR1", "RR2", "RR3", "RR4", "RR5", "RR6", "CON1", "CON2", "CON3"), 0.8333)
    expected |= dict.fromkeys(("COOP1", "COOP2", "COOP3", "COOP4"), 1.0) | dict.fromkeys(("REF1", "REF2", "REF3"), 0.0)
    assert found == expected


def test_rates_of_nobody_are_not_known() -> None:
    assert eligibility(Cases()) is None
    assert set(rates(Cases(NE=3), 0.0).values()) == {None}


@given(cases=cases, e=st.floats(0, 1))
def test_rates_keep_the_order_that_their_definitions_give(cases: Cases, e: float) -> None:
    found = {name: rate for name, rate in rates(cases, e).items() if rate is not None}
    assert all(0 <= rate <= 1 for rate in found.values())
    for lower, higher in [("RR1", "RR3"), ("RR3", "RR5"), ("RR1", "RR2"), ("COOP1", "COOP3"), ("REF1", "REF2")]:
        assert found.get(lower, 0) <= found.get(higher, 1)


@pytest.mark.parametrize(
    ("names", "counts"),
    [
        (["contacted", "no_answer"], "contacted"),
        (["partial", "refused"], "partial"),
        (["partial", "contacted"], "contacted"),
        (["refused", "no_answer", "busy"], "refused"),
        (["refused", "moved"], "moved"),
        (["call_back", "refused"], "refused"),
        (["refused", "call_back"], "call_back"),
        (["no_answer", "switched_off"], "switched_off"),
        (["refused", "wrong_number"], "refused"),
        (["no_answer", "wrong_number"], "wrong_number"),
        (["disconnected", "no_answer"], "no_answer"),
        (["no_answer", "minor_answered"], "no_answer"),
        (["minor_answered"], "minor_answered"),
    ],
)
def test_attempt_that_tells_most_of_the_person_counts(names: list[str], counts: str) -> None:
    assert results_of([("call", name) for name in names], CATALOGUE) == {"all": counts, "call": counts}


def test_each_channel_has_a_result_of_its_own() -> None:
    tried = [("whatsapp", "declared_sent"), ("call", "contacted"), ("whatsapp", "replied")]
    assert results_of(tried, CATALOGUE) == {"all": "contacted", "call": "contacted", "whatsapp": "replied"}


def test_nobody_tried_has_no_result() -> None:
    assert results_of([], CATALOGUE) == {}
