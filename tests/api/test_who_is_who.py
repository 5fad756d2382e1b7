"""Who is who across sheets: the roll's serial means its person, a list's own numbering means nobody."""

from __future__ import annotations

import pytest

from services.facade import Services
from tests.api.conftest import Api
from tests.api.sheets import LIST, bring_in, counts, elector, sheet
from tests.factories import Person

VISIT = {**LIST, "kind": "field_visit", "name": "Door to door", "lawful_basis": "voluntary"}


@pytest.mark.parametrize("collected_on", ["2026-10-01", "2026-11-01"])
@pytest.mark.parametrize("heading", ["क्रम", "S. No.", "क्रम संख्या"])
def test_a_running_number_makes_no_elector_of_a_stranger(
    api: Api, services: Services, headquarters: Person, heading: str, collected_on: str
) -> None:
    bring_in(api, services, headquarters, sheet([elector(2, name="Shobha", name_hi="शोभा", age=31)]))
    (elector_before,) = services.stores.contacts.in_part("ac-24-17")
    visited = f"विधानसभा,भाग संख्या,{heading},नाम,उम्र,मोबाइल\n24,17,2,सीता,30,9876543210\n".encode()
    told = bring_in(api, services, headquarters, visited, source={**VISIT, "collected_on": collected_on})
    assert counts(told) == (1, 1, 0, 0, 0, 0)
    found = {one.facts["name"]: one for one in services.stores.contacts.in_part("ac-24-17")}
    assert found["Shobha"] == elector_before
    assert (found["सीता"].serial_no, found["सीता"].age, found["सीता"].addresses[0].state) == (None, 30, "ok")
    assert counts(bring_in(api, services, headquarters, visited, source=VISIT)) == (1, 0, 0, 1, 0, 0)


def test_a_serial_with_the_name_finds_the_elector(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, sheet([elector(2, name="Shobha Devi", age=31)]))
    visited = "ac,part,voter serial no,name,mobile\n24,17,2,शोभा देवी,9876543210\n".encode()
    assert counts(bring_in(api, services, headquarters, visited, source=VISIT)) == (1, 0, 1, 0, 0, 0)
    (found,) = services.stores.contacts.in_part("ac-24-17")
    assert (found.addresses[0].state, found.addresses[0].why) == ("quarantined", "joined")


def test_a_withdrawn_consent_is_freed_by_the_persons_own_word_alone(
    api: Api, services: Services, headquarters: Person
) -> None:
    people = sheet([elector(3, name="Gita Bai", phone="9876500011")])
    bring_in(api, services, headquarters, people, source=LIST)
    (gita,) = services.stores.contacts.in_part("ac-24-17")
    path, key = f"/contacts/{gita.id}", gita.addresses[0].key
    answer = api.patch(path, {"addresses": [{"id": key, "why": "withdrawn"}]}, headquarters)
    assert [(one["state"], one["why"]) for one in answer.json["addresses"]] == [("quarantined", "withdrawn")]
    assert api.get(f"{path}/history", headquarters).json["items"][-1]["kind"] == "withdrawn"
    bring_in(api, services, headquarters, people, source={**LIST, "name": "Another list"})
    assert api.get(path, headquarters).json["addresses"][0]["why"] == "withdrawn"
    used = api.patch(path, {"addresses": [{"id": key, "state": "ok", "why": "withdrawn"}]}, headquarters)
    assert (used.status_code, used.json["errors"]) == (422, {"addresses": ["withdrawn_and_used"]})
    again = api.patch(path, {"addresses": [{"id": key, "state": "ok"}]}, headquarters)
    assert (again.status_code, again.json["errors"]) == (422, {"addresses": ["basis_missing"]})
    given = {"id": key, "state": "ok", "basis": "consent"}
    assert api.patch(path, {"addresses": [given]}, headquarters).json["addresses"][0]["state"] == "ok"
