"""Taking an import back: what it alone made goes, what it changed is as before, what was worked on stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.api.sheets import LIST, ROLL, bring_in, campaign_in, do_jobs, elector, hand_in, sheet
from tests.api.test_sources import attesting
from tests.factories import Person

__all__ = ["attesting"]  # fixtures

SECOND = {**ROLL, "collected_on": "2026-10-20"}


def undone(api: Api, services: Services, actor: Person, import_id: str) -> dict[str, Any]:
    answer = api.post(f"/contacts/imports/{import_id}/undo", actor=actor)
    assert answer.status_code == 202, answer.json
    do_jobs(services)
    result = api.get(f"/jobs/{answer.json['id']}", actor).json["result"]
    return {name: number for name, number in result.items() if name != "unenrolled" or number}


def test_people_whom_only_this_import_brought_are_removed(api: Api, services: Services, headquarters: Person) -> None:
    campaign = campaign_in(api, headquarters, ["ac-24"])
    told = bring_in(api, services, headquarters, sheet([elector(1), elector(2)]), campaign_id=campaign)
    assert undone(api, services, headquarters, told["id"]) == {"removed": 2, "restored": 0, "kept": 0}
    assert services.stores.contacts.in_part("ac-24-17") == []
    assert services.stores.targets.in_part(campaign, "ac-24-17") == []
    assert services.stores.target_tallies.numbers(campaign, by="part_id") == {"ac-24-17": 0}


def test_what_it_changed_is_as_before(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, sheet([elector(1, phone="9876543210")]))
    (before,) = services.stores.contacts.in_part("ac-24-17")
    told = bring_in(api, services, headquarters, sheet([elector(1, age=41, phone="9876500000")]), source=SECOND)
    assert undone(api, services, headquarters, told["id"]) == {"removed": 0, "restored": 1, "kept": 0}
    (after,) = services.stores.contacts.in_part("ac-24-17")
    assert (after.age, after.facts, after.addresses) == (before.age, before.facts, before.addresses)


def test_people_without_a_place_are_removed_as_well(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, b"name,phone\nSita Devi,9876543210\n", source=LIST)
    assert undone(api, services, headquarters, told["id"])["removed"] == 1
    assert services.stores.contacts.in_part(None) == []


def test_people_whom_another_sheet_told_of_since_are_kept(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1), elector(2)]))
    bring_in(api, services, headquarters, sheet([elector(1, phone="9876543210")]), source=SECOND)
    assert undone(api, services, headquarters, told["id"]) == {"removed": 1, "restored": 0, "kept": 1}


def test_people_who_were_planned_or_corrected_since_are_kept(
    api: Api, services: Services, headquarters: Person
) -> None:
    campaign = campaign_in(api, headquarters, ["ac-24"])
    content = sheet([elector(1), elector(2), elector(3)])
    told = bring_in(api, services, headquarters, content, campaign_id=campaign)
    planned, corrected, untouched = services.stores.contacts.in_part("ac-24-17")
    services.stores.targets._targets.update({"_id": f"{campaign}:{planned.id}"}, {"$set": {"batch_id": "b"}})
    assert api.patch(f"/contacts/{corrected.id}", {"age": 44}, headquarters).status_code == 200
    assert undone(api, services, headquarters, told["id"]) == {"removed": 1, "restored": 0, "kept": 2}
    assert services.stores.contacts.find(untouched.id) is None


def test_dead_numbers_and_attested_sources_of_before_stay_what_they_have_become(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person, attesting: None
) -> None:
    content = sheet([elector(1, phone="9876543210"), elector(2, phone="9876543211")])
    first = bring_in(api, services, headquarters, content)
    second = bring_in(api, services, headquarters, sheet([elector(1, age=41), elector(2, age=41)]), source=SECOND)
    assert api.post(f"/sources/{first['source_id']}/attest", actor=second_headquarters).status_code == 202
    do_jobs(services)
    dead = next(one for one in services.stores.contacts.in_part("ac-24-17") if one.serial_no == 2)
    services.stores.contact_effects.kill_numbers([(dead.id, dead.addresses[0].key, "call", "outcome")])
    assert undone(api, services, headquarters, second["id"]) == {"removed": 0, "restored": 2, "kept": 0}
    people = sorted(services.stores.contacts.in_part("ac-24-17"), key=lambda one: one.serial_no or 0)
    assert [(one.age, one.addresses[0].state, one.addresses[0].why) for one in people] == [
        (40, "ok", None),
        (40, "dead", None),
    ]


def test_basis_that_a_later_attested_source_gave_is_taken_back(
    api: Api, services: Services, headquarters: Person, second_headquarters: Person, attesting: None
) -> None:
    phone = "9876543210"
    voluntary = {**ROLL, "field_basis": {"phone": "voluntary"}}
    campaign = campaign_in(api, headquarters, ["ac-24"])
    bring_in(api, services, headquarters, sheet([elector(1, phone=phone)]), source=voluntary, campaign_id=campaign)
    (before,) = services.stores.contacts.in_part("ac-24-17")
    later = hand_in(api, headquarters, sheet([elector(1, phone=f"{phone};9876500000")]), source=SECOND).json
    source_id = api.get(f"/contacts/imports/{later['id']}", headquarters).json["source_id"]
    api.post(f"/sources/{source_id}/attest", actor=second_headquarters)
    do_jobs(services)
    (changed,) = services.stores.contacts.in_part("ac-24-17")
    assert [(one.basis, one.why) for one in changed.addresses] == [("consent", None)] * 2
    assert undone(api, services, headquarters, later["id"]) == {"removed": 0, "restored": 1, "kept": 0}
    (after,) = services.stores.contacts.in_part("ac-24-17")
    assert (after.addresses, after.facts) == (before.addresses, before.facts)
    (target,) = services.stores.targets.in_part(campaign, "ac-24-17")
    assert target["keys"] == after.address_keys()


def test_imports_are_undone_one_after_the_other_the_last_first(
    api: Api, services: Services, headquarters: Person
) -> None:
    bring_in(api, services, headquarters, sheet([elector(1)]))
    second = bring_in(api, services, headquarters, sheet([elector(1, age=41)]), source=SECOND)
    third = bring_in(
        api, services, headquarters, sheet([elector(1, age=42)]), source={**ROLL, "collected_on": "2026-11-01"}
    )
    ages = []
    for told in (third, second):
        assert undone(api, services, headquarters, told["id"])["restored"] == 1
        ages += [one.age for one in services.stores.contacts.in_part("ac-24-17")]
    assert ages == [41, 40]


def test_people_whom_it_only_enrolled_are_no_targets_any_more(
    api: Api, services: Services, headquarters: Person
) -> None:
    content = sheet([elector(1), elector(2)])
    campaign = campaign_in(api, headquarters, ["ac-24"])
    bring_in(api, services, headquarters, content)
    told = bring_in(api, services, headquarters, content, campaign_id=campaign)
    planned = services.stores.contacts.in_part("ac-24-17")[0]
    services.stores.targets._targets.update({"_id": f"{campaign}:{planned.id}"}, {"$set": {"batch_id": "b"}})
    result = undone(api, services, headquarters, told["id"])
    assert result == {"removed": 0, "restored": 0, "kept": 0, "unenrolled": 1}
    assert [one["contact_id"] for one in services.stores.targets.in_part(campaign, "ac-24-17")] == [planned.id]
    assert services.stores.target_tallies.numbers(campaign, by="part_id") == {"ac-24-17": 1}


def test_undoing_twice_is_one_undoing(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1)]))
    first = api.post(f"/contacts/imports/{told['id']}/undo", actor=headquarters).json
    again = api.post(f"/contacts/imports/{told['id']}/undo", actor=headquarters).json
    assert first["id"] == again["id"]
    do_jobs(services)
    shown = api.get(f"/contacts/imports/{told['id']}", headquarters).json
    assert (shown["undo"]["state"], shown["undo"]["result"]["removed"]) == ("succeeded", 1)


def test_an_import_that_still_waits_cannot_be_undone(api: Api, headquarters: Person) -> None:
    job = hand_in(api, headquarters, sheet([elector(1)])).json
    answer = api.post(f"/contacts/imports/{job['id']}/undo", actor=headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "state_conflict")


def test_after_seven_days_it_is_too_late(
    api: Api, services: Services, headquarters: Person, clock: FrozenClock
) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1)]))
    clock.advance(timedelta(days=7, minutes=1))
    answer = api.post(f"/contacts/imports/{told['id']}/undo", actor=headquarters)
    assert (answer.status_code, answer.json["code"]) == (409, "undo_too_late")


def test_the_same_sheet_after_undoing_brings_them_back(api: Api, services: Services, headquarters: Person) -> None:
    content = sheet([elector(1), elector(2)])
    told = bring_in(api, services, headquarters, content)
    undone(api, services, headquarters, told["id"])
    assert bring_in(api, services, headquarters, content)["created"] == 2
