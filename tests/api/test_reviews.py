"""What a volunteer heard and a coordinator decides about: given numbers, deaths, and what corrections take back."""

from __future__ import annotations

from typing import Any

import pytest

from services.facade import Services
from tests.api.conftest import Api
from tests.api.telling import project, upload, work
from tests.factories import Person
from tests.fieldwork import Work

__all__ = ["work"]  # a fixture
NUMBER = "9812345678"


def given(work: Work, **facts: Any) -> dict[str, Any]:
    one = {"kind": "phone", "value": NUMBER, "consent": True, "notice_version": "v2", **facts}
    return work.told(disposition="contacted", contact_id=work.items[0]["contacts"][0], given=[one])


def the_review(api: Api, person: Person, state: str = "open") -> dict[str, Any]:
    (review,) = api.get(f"/reviews?state={state}", person).json["items"]
    return dict(review)


def person_of(services: Services, work: Work) -> Any:
    return services.stores.contacts.get(work.items[0]["contacts"][0])


def test_given_number_waits_masked_and_is_not_used(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    before = person_of(services, work).address_keys()
    upload(api, volunteer_of_churu, given(work))
    project(services)
    review = the_review(api, coordinator_of_churu)
    assert (review["kind"], review["given_kind"], review["masked"]) == ("given", "phone", "+91 98••••••78")
    assert person_of(services, work).address_keys() == before


def test_accepted_number_comes_into_use_with_basis_and_notice(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    upload(api, volunteer_of_churu, given(work))
    project(services)
    review = the_review(api, coordinator_of_churu)
    answer = api.post(f"/reviews/{review['id']}/accept", {}, coordinator_of_churu)
    assert (answer.status_code, answer.json["state"]) == (200, "accepted")
    address = next(one for one in person_of(services, work).addresses if one.value == f"+91{NUMBER}")
    assert (address.state, address.basis, address.notice_version, address.kind) == ("ok", "consent", "v2", "mobile")
    assert api.post(f"/reviews/{review['id']}/accept", {}, coordinator_of_churu).status_code == 409


def test_number_given_without_consent_needs_a_basis(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    upload(api, volunteer_of_churu, given(work, consent=False))
    project(services)
    path = f"/reviews/{the_review(api, coordinator_of_churu)['id']}/accept"
    answer = api.post(path, {}, coordinator_of_churu)
    assert (answer.status_code, answer.json["errors"]) == (422, {"basis": ["basis_missing"]})
    assert api.post(path, {"basis": "voluntary"}, coordinator_of_churu).status_code == 200


def test_what_is_no_number_is_said_so_and_can_only_be_declined(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    upload(api, volunteer_of_churu, given(work, value="12345"))
    project(services)
    review = the_review(api, coordinator_of_churu)
    assert (review["masked"], review["problem"]) == (None, "phone_invalid")
    assert api.post(f"/reviews/{review['id']}/accept", {}, coordinator_of_churu).json["errors"] == {
        "value": ["phone_invalid"]
    }
    assert api.post(f"/reviews/{review['id']}/decline", None, coordinator_of_churu).json["state"] == "declined"
    assert api.get(f"/reviews/{review['id']}", coordinator_of_churu).json["state"] == "declined"


def test_number_of_somebody_who_opted_out_never_comes_into_use(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_churu: Person
) -> None:
    upload(api, volunteer_of_churu, given(work))
    project(services)
    api.post("/suppressions", {"phone": NUMBER, "reason": "opted_out"}, coordinator_of_churu)
    answer = api.post(f"/reviews/{the_review(api, coordinator_of_churu)['id']}/accept", {}, coordinator_of_churu)
    assert (answer.status_code, answer.json["reasons"]) == (423, ["suppressed"])


def test_another_district_sees_and_decides_nothing(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, coordinator_of_bhilwara: Person, headquarters
) -> None:
    upload(api, volunteer_of_churu, given(work))
    project(services)
    assert api.get("/reviews", coordinator_of_bhilwara).json["items"] == []
    review = the_review(api, headquarters)
    assert api.post(f"/reviews/{review['id']}/accept", {}, coordinator_of_bhilwara).status_code == 404


@pytest.fixture
def death(api: Api, services: Services, work: Work, volunteer_of_churu: Person) -> dict[str, Any]:
    told = work.told(disposition="deceased", contact_id=work.items[0]["contacts"][0])
    upload(api, volunteer_of_churu, told)
    project(services)
    return told


def stored_person(services: Services, work: Work) -> dict[str, Any]:
    key = work.items[0]["contacts"][0]
    return services.stores.contacts.documents([key])[key]


def test_confirmed_death_stays_whatever_is_corrected(
    api: Api, services: Services, work: Work, death: dict[str, Any], volunteer_of_churu: Person, coordinator_of_churu
) -> None:
    review = the_review(api, coordinator_of_churu)
    assert api.post(f"/reviews/{review['id']}/accept", None, coordinator_of_churu).status_code == 200
    upload(api, volunteer_of_churu, work.told(disposition="no_answer", corrects=death["id"]))
    project(services)
    stored = stored_person(services, work)
    assert (stored["state"], stored["gone"]["confirmed"]) == ("deceased", True)


def test_declined_death_lets_the_person_be_called_again_and_counts_nothing(
    api: Api, services: Services, work: Work, death: dict[str, Any], coordinator_of_churu: Person
) -> None:
    assert stored_person(services, work)["state"] == "deceased"
    review = the_review(api, coordinator_of_churu)
    assert api.post(f"/reviews/{review['id']}/decline", None, coordinator_of_churu).status_code == 200
    project(services)
    assert (stored_person(services, work)["state"], stored_person(services, work)["gone"]) == ("active", None)
    assert (work.target()["final"], work.target()["total"]) == (False, 0)
    assert services.reconciling.run() == []


def test_corrected_death_is_taken_back_and_asks_nobody(
    api: Api, services: Services, work: Work, death: dict[str, Any], volunteer_of_churu: Person, coordinator_of_churu
) -> None:
    upload(api, volunteer_of_churu, work.told(disposition="no_answer", corrects=death["id"]))
    project(services)
    assert stored_person(services, work)["state"] == "active"
    assert the_review(api, coordinator_of_churu, "withdrawn")["outcome_id"] == death["id"]


@pytest.mark.parametrize("correction_first", [False, True])
def test_number_called_wrong_by_mistake_lives_again(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, correction_first: bool
) -> None:
    wrong = work.told(disposition="wrong_number")
    right = work.told(disposition="no_answer", corrects=wrong["id"])
    for told in (right, wrong) if correction_first else (wrong, right):
        upload(api, volunteer_of_churu, told)
        project(services)
    assert {one.state for one in person_of(services, work).addresses} == {"ok"}
