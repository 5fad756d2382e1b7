"""Pauses: two people's complaints stop a volunteer's work, an appeal is heard, a coordinator lifts."""

from __future__ import annotations

from typing import Any

import pytest

from services.facade import Services
from tests.api.conftest import Api
from tests.api.telling import project, upload
from tests.factories import Person
from tests.fieldwork import Work, make_work


@pytest.fixture
def work(services: Services, headquarters: Person, volunteer_of_churu: Person) -> Work:
    opened = {"opened_at": services.clock.now(), "forming_since": None, "priority": "normal"}
    return make_work(services, headquarters=headquarters, holder=volunteer_of_churu, people=5, **opened)


def complain(api: Api, services: Services, work: Work, volunteer: Person, *numbers: int) -> None:
    upload(api, volunteer, *(work.told(number, disposition="legal_complaint") for number in numbers))
    project(services)


@pytest.fixture
def paused(api: Api, services: Services, work: Work, volunteer_of_churu: Person) -> Work:
    complain(api, services, work, volunteer_of_churu, 0, 1)
    return work


def test_one_complaint_pauses_nobody(api: Api, services: Services, work: Work, volunteer_of_churu: Person) -> None:
    complain(api, services, work, volunteer_of_churu, 0)
    assert api.get("/me/pause", volunteer_of_churu).json["state"] == "clear"
    assert api.get(f"/me/batches/{work.batch_id}", volunteer_of_churu).json["counts"]["ready"] == 4


def test_second_complaint_hides_every_number(api: Api, paused: Work, volunteer_of_churu: Person) -> None:
    assert api.get("/me/pause", volunteer_of_churu).json["state"] == "paused"
    items = api.get(f"/me/batches/{paused.batch_id}", volunteer_of_churu).json["items"]
    waiting = [item for item in items if item["state"] == "blocked"]
    assert [item["blocked_by"] for item in waiting] == [["volunteer_paused"]] * 3
    assert not any("phone" in item for item in items)
    answer = api.post(f"/me/batches/{paused.batch_id}/open", None, volunteer_of_churu)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["volunteer_paused"])


def test_paused_volunteer_claims_nothing_and_their_phone_knows(
    api: Api, paused: Work, volunteer_of_churu: Person
) -> None:
    body = {"campaign_id": paused.campaign_id, "channel": "call"}
    answer = api.post("/me/batches/claim", body, volunteer_of_churu)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["volunteer_paused"])
    page = api.get("/me/sync", volunteer_of_churu).json
    assert page["rules"]["paused"] is True
    assert not any("phone" in item for batch in page["batches"] for item in batch["items"])


def test_what_was_worked_is_still_taken(api: Api, paused: Work, volunteer_of_churu: Person) -> None:
    assert upload(api, volunteer_of_churu, paused.told(2))[0]["status"] == "stored"


def test_threats_against_a_volunteer_never_count(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person
) -> None:
    upload(api, volunteer_of_churu, *(work.told(number, disposition="abuse_or_threat") for number in range(3)))
    project(services)
    assert api.get("/me/pause", volunteer_of_churu).json["state"] == "clear"


def test_complaint_told_twice_is_one(api: Api, services: Services, work: Work, volunteer_of_churu: Person) -> None:
    told = work.told(0, disposition="legal_complaint")
    upload(api, volunteer_of_churu, told)
    stored = services.stores.outcomes.find_many([told["id"]])
    for _ in range(3):
        services.projecting.project(list(stored.values()))
    assert api.get("/me/pause", volunteer_of_churu).json["state"] == "clear"


def test_coordinator_is_asked_to_look(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    complain(api, services, work, volunteer_of_churu, 0, 1)
    tasks = api.get("/me/tasks", coordinator_of_churu).json["items"]
    assert "A volunteer's work is paused" in [task["title"]["en"] for task in tasks]
    (pause,) = api.get("/pauses?state=paused", coordinator_of_churu).json["items"]
    assert pause["user_id"] == volunteer_of_churu.id
    assert [one["kind"] for one in pause["complaints"]] == ["legal_complaint", "legal_complaint"]


def test_own_complaint_of_a_person_counts_until_it_is_refused(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, headquarters: Person
) -> None:
    upload(api, volunteer_of_churu, work.told(1))
    complain(api, services, work, volunteer_of_churu, 0)
    phone = work.phones[work.items[1]["id"]]
    request = api.post("/rights/requests", {"kind": "complain", "phone": phone}).json
    assert api.get("/me/pause", volunteer_of_churu).json["state"] == "paused"
    refused = {"result": "refused", "note": "Nobody called them"}
    api.post(f"/rights/requests/{request['id']}/resolve", refused, headquarters)
    assert api.get("/me/pause", volunteer_of_churu).json["state"] == "clear"


def test_complaint_about_a_number_that_nobody_tried_is_against_nobody(
    api: Api, work: Work, volunteer_of_churu: Person
) -> None:
    phone = work.phones[work.items[1]["id"]]
    assert api.post("/rights/requests", {"kind": "complain", "phone": phone}).status_code == 202
    assert api.get("/me/pause", volunteer_of_churu).json["state"] == "clear"


def test_appeal_is_kept_and_shown(
    api: Api, paused: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    said = {"text": "The caller before me was rude, not I."}
    assert api.post("/me/pause/appeal", said, volunteer_of_churu).json["appeal"]["text"] == said["text"]
    shown = api.get(f"/pauses/{volunteer_of_churu.id}", coordinator_of_churu).json
    assert shown["appeal"]["text"] == said["text"]


def test_who_is_not_paused_appeals_to_nobody(api: Api, volunteer_of_churu: Person) -> None:
    answer = api.post("/me/pause/appeal", {"text": "I did nothing"}, volunteer_of_churu)
    assert answer.json["code"] == "state_conflict"


def test_lifted_pause_gives_the_work_back_and_begins_anew(
    api: Api, services: Services, paused: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    path = f"/pauses/{volunteer_of_churu.id}/lift"
    lifted = api.post(path, {"reason": "Heard both sides"}, coordinator_of_churu).json
    assert (lifted["state"], [one["settled"] for one in lifted["complaints"]]) == ("clear", [True, True])
    assert api.post(path, {"reason": "Once more"}, coordinator_of_churu).json["code"] == "state_conflict"
    items = api.get(f"/me/batches/{paused.batch_id}", volunteer_of_churu).json["items"]
    assert sum("phone" in item for item in items) == 3
    complain(api, services, paused, volunteer_of_churu, 2)
    assert api.get("/me/pause", volunteer_of_churu).json["state"] == "clear"


@pytest.mark.parametrize(("actor", "status"), [("coordinator_of_bhilwara", 404), ("volunteer_of_churu", 403)])
def test_others_neither_see_nor_lift_a_pause(
    api: Api, paused: Work, volunteer_of_churu: Person, actor: str, status: int, request: pytest.FixtureRequest
) -> None:
    person: Any = request.getfixturevalue(actor)
    path = f"/pauses/{volunteer_of_churu.id}"
    assert api.get(path, person).status_code == status
    assert api.post(f"{path}/lift", {"reason": "Because"}, person).status_code == status


def test_threshold_is_a_rule_of_the_place(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, headquarters: Person
) -> None:
    api.put(f"/campaigns/{work.campaign_id}/rules?area=ac-24-17", {"complaints_pause": 1}, headquarters)
    complain(api, services, work, volunteer_of_churu, 0)
    assert api.get("/me/pause", volunteer_of_churu).json["state"] == "paused"
