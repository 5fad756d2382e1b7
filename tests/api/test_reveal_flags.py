"""The watch over revealed numbers: from openings to a flag that a coordinator settles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.batch_factories import make_campaign, make_people, wanted
from tests.factories import Person, audited


@pytest.fixture
def looped(api: Api, services: Services, headquarters: Person) -> Callable[..., None]:
    """Let somebody open and give back batches without trying anybody."""

    def work(holder: Person, times: int = 3) -> None:
        campaign_id = make_campaign(services)
        make_people(services, campaign_id, 2 * times, parts=1)
        assign = {"mode": "volunteers", "user_ids": [holder.id]}
        body = wanted(campaign_id, size=2, assign=assign)
        made = api.post("/batches", body, headquarters).json["items"]
        assert len(made) == times
        for batch in made:
            assert api.post(f"/me/batches/{batch['id']}/open", None, holder).status_code == 200
            assert api.post(f"/me/batches/{batch['id']}/release", None, holder).status_code == 200

    return work


@pytest.fixture
def flags(api: Api, services: Services) -> Callable[..., list[dict[str, Any]]]:
    """Let the worker look, and list what somebody sees."""

    def seen(reader: Person, **query: str) -> list[dict[str, Any]]:
        services.audit_trail.watch.look()
        answer = api.get("/reports/reveal-flags", reader, query_string=query)
        assert answer.status_code == 200, answer.json
        return list(answer.json["items"])

    return seen


def test_a_loop_is_flagged_to_the_own_coordinator_with_the_evidence(
    flags: Any,
    looped: Any,
    volunteer_of_churu: Person,
    coordinator_of_churu: Person,
    coordinator_of_bhilwara: Person,
    headquarters: Person,
) -> None:
    looped(volunteer_of_churu)
    [flag] = flags(coordinator_of_churu)
    assert (flag["kind"], flag["user_id"], flag["day"], flag["state"]) == (
        "open_release_loops",
        volunteer_of_churu.id,
        "2026-11-23",
        "open",
    )
    assert (flag["evidence"]["revealed"], flag["evidence"]["attempted"]) == (6, 0)
    assert [one["released"] for one in flag["evidence"]["openings"]] == [True] * 3
    assert flags(coordinator_of_bhilwara) == []
    assert [one["id"] for one in flags(headquarters)] == [flag["id"]]


def test_looking_again_raises_the_same_flag_once_and_tells_once(
    api: Api, services: Services, flags: Any, looped: Any, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    looped(volunteer_of_churu)
    assert [services.audit_trail.watch.look() for _ in range(2)] == [1, 0]
    [task] = api.get("/me/tasks", coordinator_of_churu).json["items"]
    assert task["kind"] == "custom"
    assert task["title"]["en"] == "Revealed numbers to look into"


def test_newer_evidence_takes_the_place_of_older(
    flags: Any, looped: Any, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    looped(volunteer_of_churu)
    [before] = flags(coordinator_of_churu)
    looped(volunteer_of_churu)
    [after] = flags(coordinator_of_churu)
    assert (before["evidence"]["revealed"], after["evidence"]["revealed"]) == (6, 12)
    assert (after["id"], after["version"]) == (before["id"], before["version"] + 1)


def test_releasing_gives_nothing_of_the_days_cap_back(
    services: Services, looped: Any, volunteer_of_churu: Person
) -> None:
    looped(volunteer_of_churu)
    assert services.stores.caps.used(volunteer_of_churu.id, "2026-11-23")["call"] == 6


def test_numbers_that_nobody_was_tried_by_are_flagged_the_day_after(
    api: Api,
    services: Services,
    flags: Any,
    headquarters: Person,
    volunteer_of_churu: Person,
    coordinator_of_churu: Person,
    clock: FrozenClock,
) -> None:
    campaign_id = make_campaign(services)
    make_people(services, campaign_id, 32, parts=1)
    assign = {"mode": "volunteers", "user_ids": [volunteer_of_churu.id]}
    made = api.post("/batches", wanted(campaign_id, size=32, assign=assign), headquarters).json["items"]
    assert api.post(f"/me/batches/{made[0]['id']}/open", None, volunteer_of_churu).status_code == 200
    assert flags(coordinator_of_churu) == []
    clock.advance(timedelta(hours=22))
    assert [flag["kind"] for flag in flags(coordinator_of_churu)] == ["reveals_without_attempts"]


def test_a_flag_is_settled_once_and_the_trail_says_by_whom(
    api: Api,
    services: Services,
    flags: Any,
    looped: Any,
    volunteer_of_churu: Person,
    coordinator_of_churu: Person,
    coordinator_of_bhilwara: Person,
) -> None:
    looped(volunteer_of_churu)
    path = f"/reports/reveal-flags/{flags(coordinator_of_churu)[0]['id']}"
    said = {"finding": "explained", "note": "The network was down all morning"}
    assert api.post(f"{path}/settle", said, coordinator_of_bhilwara).status_code == 404
    assert api.get(path, coordinator_of_bhilwara).status_code == 404
    answer = api.post(f"{path}/settle", said, coordinator_of_churu)
    assert answer.status_code == 200, answer.json
    shown = api.get(path, coordinator_of_churu).json
    assert (shown["state"], shown["note"], shown["settled_by"]) == (
        "explained",
        "The network was down all morning",
        coordinator_of_churu.id,
    )
    again = api.post(f"{path}/settle", {"finding": "misuse"}, coordinator_of_churu)
    assert (again.status_code, again.json["code"]) == (409, "state_conflict")
    [entry] = audited(services, "reveal_flag.settle")
    assert (entry["actor"], entry["facts"]["finding"]) == (coordinator_of_churu.id, "explained")
    assert "network" not in str(entry)
    assert flags(coordinator_of_churu, state="open") == []


@pytest.mark.parametrize("role", ["volunteer", "observer", "expert"])
def test_nobody_else_sees_flags(api: Api, person: Callable[..., Person], role: str) -> None:
    assert api.get("/reports/reveal-flags", person(role=role)).status_code == 403


def test_the_worker_looks_every_few_minutes(services: Services) -> None:
    assert "reveal-watch" in {step.name for step in services.worker_steps}
