"""The recount of suppressions: whatever an opt-out asked for and nobody has any more is found, and put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.contacts.suppressions import person_key
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.api.telling import project, upload, work
from tests.factories import Person, next_phone
from tests.fieldwork import Work

__all__ = ["work"]  # a fixture

Lose = Callable[[str], None]


@pytest.fixture
def lose(services: Services) -> Lose:
    """Delete a suppression behind everybody's back."""

    def delete(key: str) -> None:
        assert services.stores.suppressions._suppressions.delete({"_id": key}) == 1

    return delete


@pytest.fixture
def second_number(services: Services, work: Work) -> str:
    """Give the first person another number; return its key."""
    contact = services.stores.contacts.get(work.items[0]["contacts"][0])
    phone = next_phone()
    key = services.cipher.index("phone", phone)
    other = replace(contact.addresses[0], key=key, value=phone, preferred=False)
    after = replace(contact, addresses=(*contact.addresses, other), keys=(*contact.keys, key))
    assert not services.stores.contacts.replace([(contact, after)], at=services.clock.now())
    return key


def repaired(services: Services) -> set[str]:
    """Repair, and return the suppressions that were missing."""
    found = services.reconciling.run(repair=True)
    assert {one.kind for one in found} <= {"suppression"}
    assert services.reconciling.run() == []
    return {one.subject for one in found}


def test_all_that_reaches_a_person_is_put_back(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, second_number: str, lose: Lose
) -> None:
    upload(api, volunteer_of_churu, work.told(disposition="do_not_contact"))
    project(services)
    keys = {work.items[0]["address"], second_number, person_key(work.items[0]["contacts"][0])}
    for key in keys:
        lose(key)
    assert repaired(services) == keys
    assert services.suppressions.suppressed(keys) == keys


@pytest.mark.parametrize("settled", [True, False])
def test_opt_out_in_a_conflict_is_put_back(
    api: Api,
    services: Services,
    work: Work,
    volunteer_of_churu: Person,
    coordinator_of_churu: Person,
    second_number: str,
    lose: Lose,
    settled: bool,
) -> None:
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "do_not_contact"})
    project(services)
    if settled:
        one = api.get("/outcomes/conflicts", coordinator_of_churu).json["items"][0]
        path = f"/outcomes/conflicts/{one['id']}/settle"
        assert api.post(path, {"keep": one["stored"]["fingerprint"]}, coordinator_of_churu).status_code == 200
    keys = {work.items[0]["address"], second_number}
    for key in keys:
        lose(key)
    assert repaired(services) == keys


def test_what_was_put_back_stops_the_work_on_it(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, lose: Lose
) -> None:
    told = work.told(1)
    upload(api, volunteer_of_churu, told, {**told, "disposition": "do_not_contact"})
    address = work.items[1]["address"]
    lose(address)
    repaired(services)
    next(step for step in services.worker_steps if step.name == "suppressions").run()
    assert work.item(1)["state"] == "blocked"


def test_what_headquarters_lifted_stays_lifted_when_consequences_are_drawn_again(
    api: Api, services: Services, work: Work, volunteer_of_churu: Person, headquarters: Person, second_number: str
) -> None:
    told = work.told(disposition="do_not_contact")
    upload(api, volunteer_of_churu, told)
    project(services)
    person, address = person_key(work.items[0]["contacts"][0]), work.items[0]["address"]
    for key in (person, address):
        assert api.delete(f"/suppressions/{key}", headquarters, body={"reason": "a mistake of ours"}).status_code == 204
    services.projecting.project([services.stores.outcomes.find_many([told["id"]])[told["id"]]])
    assert services.suppressions.suppressed([person, address, second_number]) == set()


def test_what_headquarters_lifted_is_not_missed_until_it_is_told_again(
    api: Api,
    services: Services,
    work: Work,
    volunteer_of_churu: Person,
    headquarters: Person,
    lose: Lose,
    clock: FrozenClock,
) -> None:
    upload(api, volunteer_of_churu, work.told(disposition="do_not_contact"))
    project(services)
    address = work.items[0]["address"]
    for key in (person_key(work.items[0]["contacts"][0]), address):
        assert api.delete(f"/suppressions/{key}", headquarters, body={"reason": "a mistake of ours"}).status_code == 204
    assert services.reconciling.run() == []
    clock.advance(timedelta(hours=1))
    upload(api, volunteer_of_churu, work.told(disposition="do_not_contact"))
    project(services)
    lose(address)
    assert address in repaired(services)
