"""People who move, leave, or are on the roster twice: where their open work goes; and who must leave a seat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import MORNING, Api
from tests.batch_factories import make_campaign, make_people, wanted
from tests.factories import Person, audited, make_user

AC = "ac-24"


@pytest.fixture
def batch_id(api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person) -> str:
    """A batch that the volunteer of Churu has not opened yet."""
    campaign_id = make_campaign(services, constituencies=[AC])
    make_people(services, campaign_id, 2, parts=1, seat=AC)
    assign = {"mode": "volunteers", "user_ids": [volunteer_of_churu.id]}
    answer = api.post("/batches", wanted(campaign_id, size=2, limit=2, area=AC, assign=assign), headquarters)
    assert answer.status_code == 201, answer.json
    return str(answer.json["items"][0]["id"])


def _in_hand(services: Services, *ids: str) -> list[int]:
    return [len(services.stores.batches.of_assignee(user_id, ("assigned", "active"))) for user_id in ids]


def test_a_person_who_moves_gives_the_work_back(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person, batch_id: str
) -> None:
    answer = api.post(f"/users/{volunteer_of_churu.id}/move", {"home_area": "rj-bhilwara"}, headquarters)
    assert (answer.status_code, answer.json["handed_over"], answer.json["returned"]) == (200, 0, 1)
    assert answer.json["user"]["home_area"] == "rj-bhilwara"
    assert services.stores.batches.get(batch_id)["state"] == "recalled"


@pytest.mark.usefixtures("batch_id")
@pytest.mark.parametrize("how", ["move", "suspend"])
def test_the_work_goes_to_a_colleague(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person, how: str
) -> None:
    colleague = make_user(services)
    body = {"hand_over_to": colleague.id} | ({"home_area": "rj-bhilwara"} if how == "move" else {})
    answer = api.post(f"/users/{volunteer_of_churu.id}/{how}", body, headquarters)
    assert answer.status_code == 200
    assert _in_hand(services, volunteer_of_churu.id, colleague.id) == [0, 1]
    if how == "move":
        assert (answer.json["handed_over"], answer.json["returned"]) == (1, 0)


@pytest.mark.usefixtures("batch_id")
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"home_area": "ac-24"}, {"home_area": ["area_unknown"]}),
        ({"home_area": "rj-bhilwara", "hand_over_to": "nobody"}, {"hand_over_to": ["user_unknown"]}),
    ],
)
def test_a_move_that_is_refused_moves_no_work(
    api: Api,
    services: Services,
    headquarters: Person,
    volunteer_of_churu: Person,
    body: dict[str, Any],
    errors: dict[str, list[str]],
) -> None:
    answer = api.post(f"/users/{volunteer_of_churu.id}/move", body, headquarters)
    assert (answer.status_code, answer.json["errors"]) == (422, errors)
    assert _in_hand(services, volunteer_of_churu.id) == [1]


@pytest.mark.usefixtures("batch_id")
def test_a_coordinator_moves_nobody_away(
    api: Api, services: Services, coordinator_of_churu: Person, volunteer_of_churu: Person
) -> None:
    path = f"/users/{volunteer_of_churu.id}/move"
    assert api.post(path, {"home_area": "rj-bhilwara"}, coordinator_of_churu).status_code == 403
    assert _in_hand(services, volunteer_of_churu.id) == [1]


@pytest.mark.usefixtures("batch_id")
def test_a_duplicate_is_merged(
    api: Api, services: Services, coordinator_of_churu: Person, volunteer_of_churu: Person
) -> None:
    kept = make_user(services, languages=("hi",), channels=("call",))
    body = {"duplicate_id": volunteer_of_churu.id}
    merged = api.post(f"/users/{kept.id}/merge", body, coordinator_of_churu)
    assert (merged.status_code, merged.json["handed_over"], merged.json["returned"]) == (200, 1, 0)
    assert merged.json["user"]["channels"] == ["call", "whatsapp"]
    over = api.get(f"/users/{volunteer_of_churu.id}", coordinator_of_churu).json
    assert (over["state"], over["merged_into"]) == ("suspended", kept.id)
    assert api.get("/me", volunteer_of_churu).json["code"] == "session_revoked"
    assert api.post(f"/users/{kept.id}/merge", body, coordinator_of_churu).status_code == 200
    assert len(audited(services, "user.merge")) == 1
    back = api.post(f"/users/{volunteer_of_churu.id}/activate", None, coordinator_of_churu)
    assert (back.status_code, back.json["code"]) == (409, "state_conflict")


def test_what_is_no_duplicate(
    api: Api,
    coordinator_of_churu: Person,
    volunteer_of_churu: Person,
    volunteer_of_bhilwara: Person,
    headquarters: Person,
) -> None:
    path = f"/users/{volunteer_of_churu.id}/merge"
    same = api.post(path, {"duplicate_id": volunteer_of_churu.id}, coordinator_of_churu)
    assert (same.status_code, same.json["code"]) == (409, "state_conflict")
    foreign = api.post(path, {"duplicate_id": volunteer_of_bhilwara.id}, coordinator_of_churu)
    assert (foreign.status_code, foreign.json["errors"]) == (422, {"duplicate_id": ["user_unknown"]})
    other_role = api.post(path, {"duplicate_id": coordinator_of_churu.id}, headquarters)
    assert other_role.status_code == 409


def test_outsiders_are_named_once_campaigning_has_ended(
    api: Api,
    services: Services,
    headquarters: Person,
    volunteer_of_churu: Person,
    volunteer_of_bhilwara: Person,
    clock: FrozenClock,
    person: Callable[..., Person],
) -> None:
    make_campaign(services, constituencies=[AC])
    elsewhere = person(home_area="rj-bhilwara", areas=("ac-179",))
    closes = MORNING + timedelta(hours=47)
    poll = {"opens_at": (closes - timedelta(hours=11)).isoformat(), "closes_at": closes.isoformat()}
    assert api.put(f"/areas/{AC}/poll", poll, headquarters).status_code == 200

    def warned() -> dict[str, list[dict[str, str]]]:
        items = api.get("/users", headquarters, query_string={"role": "volunteer"}).json["items"]
        return {user["id"]: user["warnings"] for user in items if user["warnings"]}

    warning = {"code": "outsider", "area": AC, "from": "2026-11-23T04:00:00Z", "to": "2026-11-25T04:00:00Z"}
    assert warned() == {volunteer_of_bhilwara.id: [warning]}
    assert api.get(f"/users/{volunteer_of_bhilwara.id}", headquarters).json["warnings"] == [warning]
    assert elsewhere.id not in warned()
    clock.set(closes)
    assert warned() == {}
    clock.set(MORNING - timedelta(hours=2))
    assert warned() == {}
