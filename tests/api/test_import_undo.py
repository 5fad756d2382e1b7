"""Taking an import back: what it alone made goes, what it changed is as before, what was worked on stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.api.sheets import LIST, ROLL, bring_in, campaign_in, do_jobs, elector, sheet
from tests.factories import Person

SECOND = {**ROLL, "collected_on": "2026-10-20"}


def undone(api: Api, services: Services, actor: Person, import_id: str) -> dict[str, Any]:
    answer = api.post(f"/contacts/imports/{import_id}/undo", actor=actor)
    assert answer.status_code == 202, answer.json
    do_jobs(services)
    return dict(api.get(f"/jobs/{answer.json['id']}", actor).json["result"])


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


def test_undoing_twice_is_one_undoing(api: Api, services: Services, headquarters: Person) -> None:
    told = bring_in(api, services, headquarters, sheet([elector(1)]))
    first = api.post(f"/contacts/imports/{told['id']}/undo", actor=headquarters).json
    again = api.post(f"/contacts/imports/{told['id']}/undo", actor=headquarters).json
    assert first["id"] == again["id"]
    do_jobs(services)
    shown = api.get(f"/contacts/imports/{told['id']}", headquarters).json
    assert (shown["undo"]["state"], shown["undo"]["result"]["removed"]) == ("succeeded", 1)


def test_an_import_that_still_waits_cannot_be_undone(api: Api, headquarters: Person) -> None:
    from tests.api.sheets import hand_in

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
