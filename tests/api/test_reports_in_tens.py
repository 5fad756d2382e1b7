"""Whoever may see no single person lays answers side by side, and is told of no few people by any difference."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from services.domain.contacts.contacts import Place
from services.facade import Services
from tests.api.conftest import MORNING, Api
from tests.api.test_reports import BHILWARA, CHURU, Field, campaign_id, field
from tests.factories import Person

__all__ = ["campaign_id", "field"]  # fixtures

BY = ("district", "constituency", "part", "channel", "day")
# Rows and names that count nobody.
_NO_FIGURES = {"rank", "rounded_to", "contact_rate", "share", "rates", "e"}


@pytest.fixture
def worked(services: Services, campaign_id: str, field: Field) -> None:
    """Work whose parts, districts, days and channels each leave a few people when others are taken away."""
    places = {"part_id": "ac-24-17"}, {"part_id": "ac-24-18"}, {"part_id": "ac-24-19"}
    for number, (times, place) in enumerate(zip((25, 14, 3), places, strict=True)):
        day, channel = ("2026-11-23", "call") if number else ("2026-11-22", "sms")
        field.done("contacted", times, support=1, day=day, channel=channel, **place)
    field.done("refused", 4, district_id=BHILWARA, **places[0])
    parts = {Place("rj", CHURU, "ac-24", place["part_id"]): n for place, n in zip(places, (400, 27, 8), strict=True)}
    services.stores.target_tallies.put(campaign_id, parts, at=MORNING)


def _numbers(told: Any) -> Iterator[int]:
    if isinstance(told, dict):
        for name, value in told.items():
            yield from _numbers(value) if name not in _NO_FIGURES else ()
    elif isinstance(told, list):
        for one in told:
            yield from _numbers(one)
    elif isinstance(told, int):
        yield told


def _all_answers(api: Api, reader: Person, campaign_id: str) -> Iterator[Any]:
    asked = [("progress", {"by": by, **days}) for by in BY for days in ({}, {"from": "2026-11-23"})]
    asked += [("response-rates", {"by": "part"}), ("response-rates", {"by": "channel", "area": "ac-24-17"})]
    asked += [("funnel", {}), ("funnel", {"area": "ac-24-19"}), ("leaderboard", {}), ("digest", {})]
    for report, query in asked:
        answer = api.get(f"/reports/{report}", reader, query_string={"campaign_id": campaign_id, **query})
        assert (answer.status_code, answer.json["rounded_to"]) == (200, 10), (report, answer.json)
        yield answer.json


@pytest.mark.usefixtures("worked")
@pytest.mark.parametrize("role", ["observer", "expert"])
def test_no_difference_of_any_two_figures_is_of_a_few(
    api: Api, campaign_id: str, field: Field, request: pytest.FixtureRequest, role: str
) -> None:
    reader = request.getfixturevalue(role)
    told = set(_numbers(list(_all_answers(api, reader, campaign_id))))
    field.done("contacted", 1, support=5, part_id="ac-24-19")  # and once more, when one has come to it
    told |= set(_numbers(list(_all_answers(api, reader, campaign_id))))
    assert {40, 20, 10, 400, 430} <= told
    assert all(number == 0 or number >= 10 for number in told)
    assert [pair for pair in combinations(sorted(told), 2) if pair[1] - pair[0] < 10] == []


@pytest.mark.usefixtures("worked")
def test_figures_are_exact_for_those_who_may_see_single_people(
    api: Api, campaign_id: str, headquarters: Person
) -> None:
    answer = api.get("/reports/progress", headquarters, query_string={"campaign_id": campaign_id, "by": "part"})
    assert [row["attempts"] for row in answer.json["rows"]] == [29, 14, 3]
    assert answer.json["rounded_to"] is None
