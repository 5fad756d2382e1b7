"""Requests of people about their own data: a stop holds at once, nobody learns whether a number is known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.contacts.suppressions import person_key
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import MORNING, Api
from tests.api.sheets import bring_in, elector, sheet
from tests.factories import Person

PHONE = "+919876543210"


@pytest.fixture(autouse=True)
def unthrottled(api: Api) -> None:
    """Forget the requests of other tests."""
    from api.limits import limiter

    limiter.reset()


@pytest.fixture
def known(api: Api, services: Services, headquarters: Person) -> str:
    """Somebody in Churu with the number."""
    bring_in(api, services, headquarters, sheet([elector(1, phone=PHONE)]))
    return services.stores.contacts.in_part("ac-24-17")[0].id


def test_a_stop_holds_at_once(api: Api, services: Services) -> None:
    answer = api.post("/rights/requests", {"kind": "stop", "phone": "98765 43210"})
    assert answer.status_code == 202
    assert services.suppressions.suppressed([services.cipher.index("phone", PHONE)])


@pytest.mark.parametrize("kind", ["stop", "access", "correct", "erase", "complain"])
def test_a_known_and_an_unknown_number_get_the_same_answer(api: Api, known: str, kind: str) -> None:
    answers = [api.post("/rights/requests", {"kind": kind, "phone": phone}) for phone in (PHONE, "9811111111")]
    first, second = ({**answer.json, "id": ""} for answer in answers)
    assert [answer.status_code for answer in answers] == [202, 202]
    assert first == second


def test_a_request_is_due_in_ninety_days(api: Api, headquarters: Person) -> None:
    api.post("/rights/requests", {"kind": "access", "phone": PHONE, "note": "my data, please"})
    (request,) = api.get("/rights/requests", headquarters).json["items"]
    assert request["due_on"] == (MORNING + timedelta(days=90)).date().isoformat()
    assert (request["state"], request["phone_masked"], request["note"]) == ("open", "+91 98••••••10", "my data, please")


def test_the_same_request_of_a_day_is_kept_once(api: Api, headquarters: Person, clock: FrozenClock) -> None:
    ids = {api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json["id"] for _ in range(2)}
    clock.advance(timedelta(days=1))
    ids.add(api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json["id"])
    assert len(ids) == 2


def test_a_coordinator_sees_requests_about_people_of_the_district(
    api: Api, known: str, coordinator_of_churu: Person, coordinator_of_bhilwara: Person, headquarters: Person
) -> None:
    api.post("/rights/requests", {"kind": "access", "phone": PHONE})
    api.post("/rights/requests", {"kind": "access", "phone": "9811111111"})
    assert [one["contacts"] for one in api.get("/rights/requests", coordinator_of_churu).json["items"]] == [[known]]
    assert api.get("/rights/requests", coordinator_of_bhilwara).json["items"] == []
    assert len(api.get("/rights/requests", headquarters).json["items"]) == 2


def test_an_erasure_that_is_done_erases(api: Api, services: Services, known: str, coordinator_of_churu: Person) -> None:
    request = api.post("/rights/requests", {"kind": "erase", "phone": PHONE}).json
    assert services.stores.contacts.get(known).state == "active"
    path = f"/rights/requests/{request['id']}/resolve"
    answer = api.post(path, {"result": "done", "note": "called back"}, coordinator_of_churu)
    assert (answer.status_code, answer.json["state"], answer.json["result"]) == (200, "resolved", "done")
    assert services.stores.contacts.get(known).state == "erased"
    assert services.suppressions.suppressed([person_key(known)])
    again = api.post(path, {"result": "refused"}, coordinator_of_churu)
    assert (again.status_code, again.json["code"]) == (409, "state_conflict")


def test_a_refused_erasure_erases_nobody(api: Api, services: Services, known: str, headquarters: Person) -> None:
    request = api.post("/rights/requests", {"kind": "erase", "phone": PHONE}).json
    api.post(f"/rights/requests/{request['id']}/resolve", {"result": "not_proven"}, headquarters)
    assert services.stores.contacts.get(known).state == "active"


def test_anothers_request_cannot_be_resolved(api: Api, known: str, coordinator_of_bhilwara: Person) -> None:
    request = api.post("/rights/requests", {"kind": "access", "phone": PHONE}).json
    answer = api.post(f"/rights/requests/{request['id']}/resolve", {"result": "done"}, coordinator_of_bhilwara)
    assert answer.status_code == 404


@pytest.mark.parametrize("phone", ["123", "nobody", "9876543210 / 9876500000", "+1 202 555 0100"])
def test_what_is_no_number_is_refused(api: Api, phone: str) -> None:
    answer = api.post("/rights/requests", {"kind": "stop", "phone": phone})
    assert (answer.status_code, answer.json["errors"]) == (422, {"phone": ["phone_invalid"]})


def test_the_public_is_throttled(api: Api) -> None:
    answers = [api.post("/rights/requests", {"kind": "stop", "phone": f"98765432{number:02}"}) for number in range(12)]
    assert [answer.status_code for answer in answers[:10]] == [202] * 10
    assert (answers[-1].status_code, answers[-1].json["code"]) == (429, "too_many_requests")
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_volunteers_and_observers_see_no_request(api: Api, volunteer_of_churu: Person, observer: Person) -> None:
    for person in (volunteer_of_churu, observer):
        assert api.get("/rights/requests", person).status_code == 403
