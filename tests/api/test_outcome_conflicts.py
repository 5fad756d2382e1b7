"""Two contents under one id: the second is kept for a coordinator, who says which one stands."""

from __future__ import annotations

from services.facade import Services
from tests.api.conftest import Api
from tests.api.telling import project, put, upload, work
from tests.factories import Person
from tests.fieldwork import Work

__all__ = ["work"]  # a fixture


def test_outcome_with_other_content_is_a_conflict_and_kept(
    api: Api, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    told = work.told()
    put(api, volunteer_of_churu, told)
    answer = put(api, volunteer_of_churu, {**told, "disposition": "busy"})
    assert (answer.status_code, answer.json["code"]) == (409, "outcome_conflict")
    listed = api.get("/outcomes/conflicts", coordinator_of_churu).json["items"]
    assert [one["other"]["disposition"] for one in listed] == ["busy"]


def test_conflicts_of_another_district_are_not_listed(
    api: Api, work: Work, volunteer_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "busy"})
    assert api.get("/outcomes/conflicts", coordinator_of_bhilwara).json["items"] == []


def test_settling_for_the_other_content_changes_the_figures(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "contacted"})
    conflict = api.get("/outcomes/conflicts", coordinator_of_churu).json["items"][0]
    path = f"/outcomes/conflicts/{conflict['id']}/settle"
    answer = api.post(path, {"keep": conflict["other"]["fingerprint"]}, coordinator_of_churu)
    assert answer.status_code == 200, answer.json
    project(services)
    assert work.target()["last_disposition"] == "contacted"
    assert work.target()["total"] == 1
    assert services.reconciling.run() == []


def test_settling_for_none_leaves_nothing_counted(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "busy"})
    conflict = api.get("/outcomes/conflicts", coordinator_of_churu).json["items"][0]
    api.post(f"/outcomes/conflicts/{conflict['id']}/settle", {"keep": "none"}, coordinator_of_churu)
    project(services)
    assert work.target()["total"] == 0
    assert services.reconciling.run() == []


def test_opt_out_bites_even_in_conflict(api: Api, services: Services, work: Work, volunteer_of_churu: Person) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "do_not_contact"})
    address = work.items[0]["address"]
    assert services.suppressions.suppressed([address]) == {address}
