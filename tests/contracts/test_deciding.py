"""What waits for a coordinator's decision rings at the coordinator's phone, once in a while, and names nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.phone import work as let_worker_work
from tests.api.telling import upload, work
from tests.contracts.phones import bind, phones_with

__all__ = ["work"]  # a fixture
GIVEN = {"kind": "phone", "value": "9812345678", "consent": True, "notice_version": "v2"}


@pytest.fixture
def rung(services, clock, messaging, double):
    """Let the worker do what is due; return the pushes it made: to whom, and all that they say."""
    phones = phones_with(services, clock, messaging)

    def run():
        let_worker_work(services)
        while phones.pushing.send_due():
            pass
        entries = [entry for entry in double.log() if entry["data"]["kind"] == "task"]
        double.clear()
        return entries

    return run


def the_tasks(services, person):
    return [task["title"]["en"] for task, _ in services.tasks.open_of(person.id)]


def test_conflict_rings_at_the_coordinator_of_the_volunteers_district(
    api, services, work, rung, volunteer_of_churu, coordinator_of_churu, person
):
    phone = bind(services, coordinator_of_churu, "c", locale="en")
    bind(services, person(role="coordinator", home_area="rj-bhilwara"), "b")
    told = work.told(note="Kamla said no")
    upload(api, volunteer_of_churu, told, {**told, "disposition": "busy"})

    entries = rung()

    assert [entry["target"] for entry in entries] == [phone]
    assert the_tasks(services, coordinator_of_churu) == ["Two reports disagree"]
    assert "Kamla" not in str(entries)
    assert not any(number[3:] in str(entries) for number in work.phones.values())


@pytest.mark.parametrize("facts", [{"disposition": "deceased"}, {"disposition": "contacted", "given": [GIVEN]}])
def test_review_rings_at_the_coordinator(api, services, work, rung, volunteer_of_churu, coordinator_of_churu, facts):
    phone = bind(services, coordinator_of_churu, "c")
    upload(api, volunteer_of_churu, work.told(contact_id=work.items[0]["contacts"][0], **facts))

    entries = rung()

    assert [entry["target"] for entry in entries] == [phone]
    assert GIVEN["value"] not in str(entries)
    assert the_tasks(services, coordinator_of_churu) == ["Your decision is needed"]


def test_what_waits_within_minutes_rings_once_and_later_again(
    api, services, work, rung, clock, volunteer_of_churu, coordinator_of_churu
):
    bind(services, coordinator_of_churu, "c")
    rings = []
    for number in range(3):
        told = work.told(number)
        upload(api, volunteer_of_churu, told, {**told, "disposition": "busy"})
        rings.append(len(rung()))
        clock.advance(timedelta(minutes=(1, 15, 0)[number]))

    assert rings == [1, 0, 1]


def test_conflict_of_a_district_without_a_coordinator_rings_at_headquarters(
    api, services, work, rung, volunteer_of_churu, headquarters
):
    phone = bind(services, headquarters, "h")
    told = work.told()
    upload(api, volunteer_of_churu, told, {**told, "disposition": "busy"})

    assert [entry["target"] for entry in rung()] == [phone]
    assert rung() == []
