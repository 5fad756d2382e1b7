"""A volunteer's own figures: today, this week, each campaign, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api, Commands
from tests.factories import Person
from tests.fieldwork import Work, make_work


@pytest.fixture
def work(services: Services, headquarters: Person, volunteer_of_churu: Person) -> Work:
    return make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=4)


def tell(api: Api, services: Services, person: Person, *told: dict[str, Any]) -> None:
    receipts = api.post("/me/outcomes", {"outcomes": list(told)}, person).json["receipts"]
    assert {receipt["status"] for receipt in receipts} == {"stored"}
    while services.projecting.run():
        pass


def test_nothing_done_yet_is_all_zeroes(api: Api, volunteer_of_churu: Person) -> None:
    nothing = {"attempts": 0, "contacted": 0, "opt_outs": 0, "late": 0, "outcomes": {}, "contact_rate": None}
    assert api.get("/me/stats", volunteer_of_churu).json == {
        "day": {"from": "2026-11-23", "to": "2026-11-23", **nothing},
        "week": {"from": "2026-11-23", "to": "2026-11-23", **nothing},
        "campaigns": [],
        "as_of": "2026-11-23T05:00:00Z",
    }


def test_attempts_count_in_their_day_week_and_campaign(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, clock: FrozenClock
) -> None:
    person = work.items[1]["contacts"][0]
    tell(api, services, volunteer_of_churu, work.told(0))
    clock.advance(timedelta(days=1))
    tell(api, services, volunteer_of_churu, work.told(1, disposition="contacted", contact_id=person))
    stats = api.get("/me/stats", volunteer_of_churu).json
    assert (stats["day"]["from"], stats["day"]["attempts"], stats["day"]["outcomes"]) == (
        "2026-11-24",
        1,
        {"contacted": 1},
    )
    assert (stats["week"]["from"], stats["week"]["attempts"], stats["week"]["contact_rate"]) == ("2026-11-23", 2, 0.5)
    assert [(one["campaign_id"], one["name"], one["attempts"]) for one in stats["campaigns"]] == [
        (work.campaign_id, "Sujangarh", 2)
    ]


def test_last_week_counts_in_the_campaign_alone(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, clock: FrozenClock
) -> None:
    tell(api, services, volunteer_of_churu, work.told(0))
    clock.advance(timedelta(days=7))
    stats = api.get("/me/stats", volunteer_of_churu).json
    assert (stats["week"]["attempts"], stats["campaigns"][0]["attempts"]) == (0, 1)


def test_day_is_the_indian_one(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, clock: FrozenClock
) -> None:
    tell(api, services, volunteer_of_churu, work.told(0))
    clock.advance(timedelta(hours=14))  # 00:30 in Jaipur; still the same day in London
    stats = api.get("/me/stats", volunteer_of_churu).json
    assert (stats["day"]["from"], stats["day"]["attempts"], stats["week"]["attempts"]) == ("2026-11-24", 0, 1)


def test_what_others_did_is_not_in_it(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, volunteer_of_bhilwara: Person
) -> None:
    tell(api, services, volunteer_of_churu, work.told(0))
    assert api.get("/me/stats", volunteer_of_bhilwara).json["campaigns"] == []


@pytest.mark.parametrize("role", ["hq_admin", "coordinator", "observer", "expert"])
def test_only_volunteers_have_own_figures(api: Api, person, role: str) -> None:
    assert api.get("/me/stats", person(role=role)).status_code == 403


def test_own_figures_cost_a_fixed_number_of_round_trips(
    api: Api,
    services: Services,
    commands: Commands,
    headquarters: Person,
    volunteer_of_churu: Person,
) -> None:
    costs = []
    for _ in range(2):
        work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=20)
        tell(api, services, volunteer_of_churu, *(work.told(at) for at in range(20)))
        with commands.noted() as names:
            api.get("/me/stats", volunteer_of_churu)
        costs.append(len(names))
    assert costs == [3, 3]  # who asks, the sums, the campaigns' names
