"""Whose figures each of those who lead sees, and what is kept from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.domain.contacts.contacts import Place
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import MORNING, Api
from tests.api.test_reports import BHILWARA, CHURU, Field, campaign_id, field, progress
from tests.factories import Person

__all__ = ["campaign_id", "field", "progress"]  # fixtures

SAHARA = {"constituency_id": "ac-179", "part_id": "ac-179-1"}


@pytest.fixture
def observer_of_churu(person: Callable[..., Person]) -> Person:
    return person(role="observer", areas=(CHURU,))


@pytest.fixture
def polling(services: Services, campaign_id: str, clock: FrozenClock) -> None:
    """Sujangarh votes from 07:00 to 18:00 today."""
    opens_at = MORNING - timedelta(hours=3, minutes=30)
    hours = {"opens_at": opens_at, "closes_at": opens_at + timedelta(hours=11)}
    services.stores.controls.set_fields({"polls.ac-24": hours}, version=None)


def test_coordinator_sees_the_work_of_their_own_district_wherever_it_was_done(
    progress: Any, field: Field, coordinator_of_churu: Person
) -> None:
    field.done(**SAHARA)
    field.done(district_id=BHILWARA)
    assert {key: row["attempts"] for key, row in progress(coordinator_of_churu).items()} == {"ac-179": 12}
    assert list(progress(coordinator_of_churu, "district")) == [CHURU]


def test_coordinator_sees_their_own_volunteers_alone(
    progress: Any, field: Field, coordinator_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    field.done(user_id="u1")
    field.done(user_id="u2", district_id=BHILWARA)
    assert list(progress(coordinator_of_churu, "volunteer")) == ["u1"]
    assert list(progress(coordinator_of_bhilwara, "volunteer")) == ["u2"]


def test_observer_of_the_state_sees_all_of_it(progress: Any, field: Field, observer: Person) -> None:
    field.done()
    field.done(district_id=BHILWARA, **SAHARA)
    assert list(progress(observer)) == ["ac-24", "ac-179"]


OF_CHURU = [
    {"role": "observer", "areas": (CHURU,)},
    {"role": "observer", "home_area": CHURU},
    {"role": "observer", "home_area": BHILWARA, "areas": (CHURU,)},
    {"role": "expert", "home_area": CHURU},
]


@pytest.mark.parametrize("entry", OF_CHURU)
def test_observer_of_a_district_sees_its_seats_and_its_volunteers(
    progress: Any, field: Field, person: Callable[..., Person], entry: Any
) -> None:
    field.done(district_id=BHILWARA)
    field.done(**SAHARA)
    field.done(district_id=BHILWARA, user_id="u2", **SAHARA)
    rows = progress(person(**entry))
    assert {key: row["attempts"] for key, row in rows.items()} == {"ac-24": 10, "ac-179": 10}


def test_observer_of_a_seat_sees_the_work_in_it_alone(
    progress: Any, field: Field, person: Callable[..., Person]
) -> None:
    field.done(**SAHARA)
    field.done(district_id=BHILWARA)
    assert list(progress(person(role="observer", home_area=CHURU, areas=("ac-24",)))) == ["ac-24"]


@pytest.mark.parametrize("entry", OF_CHURU)
def test_every_report_is_kept_to_the_observers_district(
    api: Api, services: Services, campaign_id: str, field: Field, person: Callable[..., Person], entry: Any
) -> None:
    places = {Place("rj", CHURU, "ac-24", "ac-24-17"): 840, Place("rj", BHILWARA, "ac-179", "ac-179-1"): 700}
    services.stores.target_tallies.put(campaign_id, places, at=MORNING)
    field.done("contacted", 10)
    field.done("contacted", 20, district_id=BHILWARA, user_id="u2", **SAHARA)
    reader, query = person(**entry), {"campaign_id": campaign_id}
    assert api.get("/reports/funnel", reader, query_string=query).json["stages"][0]["people"] == 840
    assert api.get("/reports/response-rates", reader, query_string=query).json["unattempted"] == 840
    ranked = api.get("/reports/leaderboard", reader, query_string=query).json["rows"]
    assert [row["key"] for row in ranked] == [CHURU]
    digest = api.get("/reports/digest", reader, query_string=query).json["campaigns"][0]
    assert (digest["day"]["contacted"], digest["people"]["targets"]) == (10, 840)
    assert [row["key"] for row in digest["districts"]] == [CHURU]


def test_observer_of_a_district_is_not_told_of_targets_elsewhere(
    progress: Any, services: Services, campaign_id: str, observer_of_churu: Person
) -> None:
    places = {Place("rj", CHURU, "ac-24", "ac-24-17"): 840, Place("rj", BHILWARA, "ac-179", "ac-179-1"): 700}
    services.stores.target_tallies.put(campaign_id, places, at=MORNING)
    assert {key: row["targets"] for key, row in progress(observer_of_churu).items()} == {"ac-24": 840}
    assert list(progress(observer_of_churu, "part")) == ["ac-24-17"]


@pytest.mark.parametrize("role", ["observer", "expert"])
def test_single_volunteers_are_not_for_everybody(
    api: Api, campaign_id: str, person: Callable[..., Person], role: str
) -> None:
    query = {"campaign_id": campaign_id, "by": "volunteer"}
    assert api.get("/reports/progress", person(role=role), query_string=query).status_code == 403


def test_volunteer_sees_no_progress(api: Api, campaign_id: str, volunteer_of_churu: Person) -> None:
    answer = api.get("/reports/progress", volunteer_of_churu, query_string={"campaign_id": campaign_id})
    assert answer.status_code == 403


@pytest.mark.parametrize("role", ["observer", "expert"])
def test_row_of_a_few_people_tells_nothing_of_them(
    progress: Any, field: Field, person: Callable[..., Person], role: str
) -> None:
    field.done("contacted", 7, support=5)
    field.done("do_not_contact", 2)
    row = progress(person(role=role), "part")["ac-24-17"]
    hidden = ("attempts", "contacted", "opt_outs", "outcomes", "support", "contact_rate")
    assert [row[name] for name in hidden] == [None, None, None, {}, {}, None]


@pytest.mark.parametrize("role", ["observer", "expert"])
@pytest.mark.parametrize("by", ["district", "constituency", "part", "channel", "day"])
def test_no_cell_of_a_large_row_tells_of_a_few_people(
    progress: Any, field: Field, person: Callable[..., Person], role: str, by: str
) -> None:
    field.done("contacted", 40, support=1)
    field.done("partial", 3, support=5)
    field.done("no_answer", 30)
    field.done("do_not_contact", 2)
    field.done("busy", 4, late=True)
    [row] = progress(person(role=role), by).values()
    shown = [row[name] for name in ("attempts", "contacted", "opt_outs", "late")]
    shown += [*row["outcomes"].values(), *row["support"].values()]
    assert [number for number in shown if number is not None and 0 < number < 10] == []
    # Contacted 43 less contacted 40 would leave the three partial ones.
    assert (row["attempts"], row["contacted"], row["contact_rate"]) == (70, 40, 0.57)
    assert row["outcomes"] == {"contacted": 40, "no_answer": 30}
    assert row["support"] == {"1": 40}


def test_the_ranking_of_districts_tells_of_no_few_people_either(
    api: Api, campaign_id: str, field: Field, observer: Person
) -> None:
    field.done("contacted", 40)
    field.done("refused", 2)
    answer = api.get("/reports/leaderboard", observer, query_string={"campaign_id": campaign_id, "by": "district"})
    [row] = answer.json["rows"]
    assert (row["attempts"], row["contacted"], row["outcomes"]) == (40, 40, {"contacted": 40})


def test_row_of_ten_is_shown(progress: Any, field: Field, observer: Person) -> None:
    field.done("contacted", 10, support=2)
    row = progress(observer)["ac-24"]
    assert (row["contacted"], row["support"]) == (10, {"2": 10})


def test_coordinator_sees_results_of_a_few_people_but_no_opinions(
    progress: Any, field: Field, coordinator_of_churu: Person
) -> None:
    field.done("contacted", 9, support=2)
    row = progress(coordinator_of_churu)["ac-24"]
    assert (row["outcomes"], row["support"]) == ({"contacted": 9}, {})


def test_coordinator_is_told_no_opinion_of_a_few_people(
    progress: Any, field: Field, coordinator_of_churu: Person, headquarters: Person
) -> None:
    field.done("contacted", 30, support=5)
    field.done("contacted", 12, support=4)
    field.done("contacted", 3, support=1)
    # The second goes with the third: what is missing of all who were spoken with would be those three.
    assert progress(coordinator_of_churu, "part")["ac-24-17"]["support"] == {"5": 30}
    assert progress(headquarters, "part")["ac-24-17"]["support"] == {"1": 3, "4": 12, "5": 30}


def test_no_opinions_outside_headquarters_while_people_vote(
    progress: Any,
    field: Field,
    polling: None,
    observer: Person,
    headquarters: Person,
) -> None:
    field.done("contacted", 50, support=1)
    row = progress(observer)["ac-24"]
    assert (row["support"], row["contacted"]) == ({}, 50)
    assert progress(headquarters)["ac-24"]["support"] == {"1": 50}


def test_opinions_are_shown_again_half_an_hour_after_the_last_close(
    progress: Any, field: Field, polling: None, coordinator_of_churu: Person, clock: FrozenClock
) -> None:
    field.done("contacted", 50, support=1)
    clock.set(MORNING + timedelta(hours=7, minutes=59))  # 18:29 in Jaipur
    assert progress(coordinator_of_churu)["ac-24"]["support"] == {}
    clock.advance(timedelta(minutes=1))
    assert progress(coordinator_of_churu)["ac-24"]["support"] == {"1": 50}
