"""Declared sources: listed, shown, and attested by a second person before claimed consent is used."""

from __future__ import annotations

import pytest

from services.facade import Services
from tests.api.conftest import Api
from tests.api.sheets import LIST, ROLL, bring_in, do_jobs, elector, sheet
from tests.factories import Person

_PHONE = "9876543210"


@pytest.fixture
def attesting(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Consent waits for a second person, as in production."""
    step = next(step for step in services.worker_steps if step.name == "imports")
    monkeypatch.setattr(step.run.__self__._handlers["import"], "_attesting", True)  # type: ignore[attr-defined]
    monkeypatch.setattr(services.imports, "_attesting", True)


def whys(services: Services) -> list[str | None]:
    """What keeps the addresses of the part in quarantine."""
    people = services.stores.contacts.in_part("ac-24-17")
    return [address.why for one in sorted(people, key=lambda one: one.serial_no or 0) for address in one.addresses]


def test_claimed_consent_waits_until_another_person_attests_it(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person, attesting: None
) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1, phone=_PHONE), elector(2)]))
    assert told["quarantined"] == 1
    assert told["consent"] == {"claimed": True, "required": True, "attested_by": None}
    assert whys(services) == ["unattested"]
    path = f"/sources/{told['source_id']}"
    assert api.post(f"{path}/attest", None, headquarters).json["code"] == "own_approval"
    job = api.post(f"{path}/attest", None, second_headquarters)
    assert job.status_code == 202
    do_jobs(services)
    assert whys(services) == [None]
    shown = api.get(path, headquarters).json
    assert (shown["declared_by"], shown["attested_by"]) == (headquarters.id, second_headquarters.id)
    assert api.post(f"{path}/attest", None, second_headquarters).json["id"] == job.json["id"]


def test_what_an_attested_source_brings_later_is_free(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person, attesting: None
) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1)]))
    api.post(f"/sources/{told['source_id']}/attest", None, second_headquarters)
    bring_in(api, services, headquarters, sheet([elector(2, phone=_PHONE)]))
    assert whys(services) == [None]


def test_attesting_frees_no_address_that_was_joined_to_the_roll(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person, attesting: None
) -> None:
    bring_in(api, services, headquarters, sheet([elector(1)]))
    told = bring_in(api, services, headquarters, sheet([elector(1, phone=_PHONE)]), source=LIST)
    api.post(f"/sources/{told['source_id']}/attest", None, second_headquarters)
    do_jobs(services)
    assert whys(services) == ["joined"]


def test_an_address_without_a_place_waits_for_one_after_it_was_attested(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person, attesting: None
) -> None:
    told = bring_in(api, services, headquarters, sheet([{"name": "Sita", "phone": _PHONE}]), source=LIST)
    api.post(f"/sources/{told['source_id']}/attest", None, second_headquarters)
    do_jobs(services)
    assert [one.addresses[0].why for one in services.stores.contacts.in_part(None)] == ["no_place"]


def test_attesting_is_recorded_where_nothing_waits(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person
) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1, phone=_PHONE)]))
    assert whys(services) == [None]
    assert told["consent"] == {"claimed": True, "required": False, "attested_by": None}
    assert api.post(f"/sources/{told['source_id']}/attest", None, second_headquarters).status_code == 202
    again = api.get(f"/contacts/imports/{told['id']}", headquarters).json
    assert again["consent"]["attested_by"] == second_headquarters.id
    listed = api.get("/sources", headquarters).json["items"]
    assert [(one["id"], one["attested_by"]) for one in listed] == [(told["source_id"], second_headquarters.id)]


def test_a_source_without_consent_is_not_attested(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person
) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1)]), source={**ROLL, "field_basis": {}})
    answer = api.post(f"/sources/{told['source_id']}/attest", None, second_headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")
    assert api.get("/sources/source-unknown", headquarters).status_code == 404


def test_sources_are_for_headquarters(api: Api, coordinator_of_churu: Person) -> None:
    assert api.get("/sources", coordinator_of_churu).status_code == 403
