"""Two contacts that are one person: what the survivor gets, what holds for both, and the exact way back."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain.contacts.contacts import Contact, Mention
from services.domain.contacts.suppressions import person_key
from services.domain.outcomes.standing import Standing
from services.facade import Services
from tests.api.conftest import Api
from tests.api.sheets import LIST, bring_in, counts, do_jobs, sheet
from tests.api.telling import project, put
from tests.batch_factories import HQ, address_of, enrol, make_campaign, make_contact
from tests.factories import Person, next_phone
from tests.fieldwork import make_work


@pytest.fixture
def campaign(services: Services) -> str:
    return make_campaign(services)


def stored(services: Services, contact: Contact) -> Contact:
    return services.stores.contacts.get(contact.id)


def merge(api: Api, actor: Person, other: Contact, into: Contact, **options: Any) -> Any:
    return api.post(f"/contacts/{other.id}/merge", {"into": into.id}, actor, **options)


def two(services: Services, **facts: Any) -> tuple[Contact, Contact]:
    """Return a person of the roll, and somebody of a list with another number, name, tag and house."""
    roll, a_list = (Mention(name, "import", 2, "2026-10-01", name) for name in ("roll", "list"))
    survivor = make_contact(services, name="Sita Devi", keys=("of the roll",), tags=("a",), sources=(roll,))
    addresses = (address_of(services, next_phone(), source_id="list", basis="consent"),)
    told = {"keys": ("of a list",), "tags": ("a", "b"), "addresses": addresses, "sources": (a_list,), **facts}
    other = make_contact(services, name="Seeta Bai", **told)
    return survivor, other


def test_the_survivor_gets_what_the_other_is_known_by(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    survivor, other = two(services)
    answer = merge(api, headquarters, other, survivor)
    assert answer.status_code == 200, answer.json
    assert (answer.json["id"], answer.json["merged_from"]) == (survivor.id, [other.id])
    after = stored(services, survivor)
    assert [one.value for one in after.addresses] == [one.addresses[0].value for one in (survivor, other)]
    assert [(one.source_id, one.basis) for one in after.addresses][1] == ("list", "consent")
    assert (after.tags, set(after.keys)) == (("a", "b"), {"of the roll", "of a list"})
    assert (after.facts["name"], [(one.field, one.value) for one in after.also]) == (
        "Sita Devi",
        [("name", "Seeta Bai")],
    )
    assert answer.json["told_differently"] == ["name"]


def test_the_merged_one_is_in_no_list_and_names_the_survivor(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    survivor, other = two(services)
    merge(api, headquarters, other, survivor)
    listed = api.get("/contacts", headquarters, query_string={"campaign_id": campaign}).json["items"]
    assert [one["id"] for one in listed] == [survivor.id]
    for answer in (
        api.get(f"/contacts/{other.id}", headquarters),
        api.patch(f"/contacts/{other.id}", {"house_no": "3"}, headquarters),
        api.get(f"/contacts/{other.id}/history", headquarters),
    ):
        assert (answer.status_code, answer.json["code"], answer.json["merged_into"]) == (
            409,
            "contact_merged",
            survivor.id,
        )


def test_caps_count_the_attempts_of_both(api: Api, services: Services, campaign: str, headquarters: Person) -> None:
    survivor, other = two(services)
    enrol(services, campaign, [survivor, other])
    at = services.clock.now()
    for number, contact in enumerate((survivor, other)):
        touch = {"o": f"outcome-{number}", "at": at, "ch": "call", "c": campaign, "i": f"item-{number}"}
        services.stores.marks.touch_contacts({contact.id: [touch]})
    standing = Standing(attempts={"call": 2}, total=2, last_at=at, last_channel="call")
    services.stores.marks.set_standings({f"{campaign}:{other.id}": (1, standing)})
    merge(api, headquarters, other, survivor)
    facts = services.stores.facts.read(campaign, [survivor.id, other.id], now=at, leases=False)
    subject = facts.subject(survivor.id, ("", ""), None)
    assert (len(subject.touches), subject.standing.total, dict(subject.standing.attempts)) == (2, 2, {"call": 2})
    assert facts.targets[f"{campaign}:{other.id}"]["state"] == "done"
    assert facts.targets[f"{campaign}:{survivor.id}"]["state"] == "open"
    assert services.reconciling.run() == []


@pytest.mark.parametrize("of_survivor", [True, False])
def test_an_opt_out_of_either_holds_for_both(
    api: Api, services: Services, campaign: str, headquarters: Person, of_survivor: bool
) -> None:
    survivor, other = two(services)
    stopped = survivor if of_survivor else other
    api.post("/suppressions", {"contact_id": stopped.id, "reason": "opted_out"}, headquarters)
    merge(api, headquarters, other, survivor)
    keys = [person_key(survivor.id), person_key(other.id), *stored(services, survivor).address_keys()]
    assert services.suppressions.suppressed(keys) == set(keys)
    api.post(f"/contacts/{other.id}/unmerge", actor=headquarters)
    left = {person_key(stopped.id), *stopped.address_keys()}
    assert services.suppressions.suppressed(keys) == left


def test_an_opt_out_after_a_merge_stays_when_it_is_taken_back(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    survivor, other = two(services)
    merge(api, headquarters, other, survivor)
    api.post("/suppressions", {"contact_id": survivor.id, "reason": "opted_out"}, headquarters)
    assert services.suppressions.suppressed([person_key(other.id)])
    api.post(f"/contacts/{other.id}/unmerge", actor=headquarters)
    keys = {person_key(survivor.id), *survivor.address_keys(), *other.address_keys()}
    assert keys <= services.suppressions.suppressed(keys)


@pytest.mark.parametrize("held", ["survivor", "other"])
def test_nobody_of_an_open_batch_is_merged(
    api: Api, services: Services, campaign: str, headquarters: Person, held: str
) -> None:
    survivor, other = two(services)
    one = survivor if held == "survivor" else other
    enrol(services, campaign, [one])
    batch = {"_id": "batch", "campaign_id": campaign, "items": [{"id": "item", "contacts": [one.id]}]}
    services.stores.target_marks.mark([batch])
    answer = merge(api, headquarters, other, survivor)
    assert (answer.status_code, answer.json["code"], answer.json["batches"]) == (409, "contact_in_batch", ["batch"])
    assert stored(services, survivor) == survivor


def test_an_unmerge_takes_exactly_back_what_the_merge_brought(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    survivor, other = two(services)
    enrol(services, campaign, [other])
    services.stores.marks.touch_contacts({other.id: [{"o": "outcome", "at": services.clock.now(), "ch": "call"}]})
    before = stored(services, other)
    merge(api, headquarters, other, survivor)
    edit = {"name": "Sita Kumari", "house_no": "99", "tags": ["a", "b", "own"]}
    assert api.patch(f"/contacts/{survivor.id}", edit, headquarters).status_code == 200
    answer = api.post(f"/contacts/{other.id}/unmerge", actor=headquarters)
    assert (answer.status_code, answer.json["id"], answer.json["state"]) == (200, other.id, "active")
    after, back = stored(services, survivor), stored(services, other)
    assert (back.facts, back.addresses, back.tags, back.keys) == (
        before.facts,
        before.addresses,
        before.tags,
        before.keys,
    )
    assert (after.addresses, after.touches, after.merges) == (survivor.addresses, (), ())
    assert (after.facts["name"], after.facts["house_no"], after.tags) == ("Sita Kumari", "99", ("a", "own"))
    assert {one.value for one in after.also} == {"Sita Devi", "12"}
    assert "of a list" not in after.keys
    targets = services.stores.targets.of_contacts([campaign], [survivor.id, other.id])
    assert {key: (one["state"], one["keys"]) for key, one in targets.items()} == {
        f"{campaign}:{other.id}": ("open", other.address_keys())
    }


def test_an_unmerge_may_be_asked_of_the_survivor(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    survivor, other = two(services)
    merge(api, headquarters, other, survivor)
    assert api.post(f"/contacts/{survivor.id}/unmerge", actor=headquarters).json["id"] == other.id
    again = api.post(f"/contacts/{survivor.id}/unmerge", actor=headquarters)
    assert (again.status_code, again.json["code"]) == (409, "state_conflict")


def test_a_merge_again_changes_nothing_and_into_another_is_refused(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    survivor, other = two(services)
    third = make_contact(services)
    assert merge(api, headquarters, other, survivor).status_code == 200
    once = stored(services, survivor)
    assert merge(api, headquarters, other, survivor).status_code == 200
    assert stored(services, survivor) == once
    assert merge(api, headquarters, other, third).json["code"] == "contact_merged"
    assert merge(api, headquarters, third, third).json["errors"] == {"into": ["contact_itself"]}
    assert merge(api, headquarters, third, Contact(id="nobody")).json["errors"] == {"into": ["contact_unknown"]}


def test_a_merge_heeds_the_version_and_the_key(
    api: Api, services: Services, campaign: str, headquarters: Person
) -> None:
    survivor, other = two(services)
    assert merge(api, headquarters, other, survivor, headers={"If-Match": '"7"'}).status_code == 412
    tagged = {"If-Match": '"1"', "Idempotency-Key": "once"}
    first = merge(api, headquarters, other, survivor, headers=tagged)
    assert (first.status_code, merge(api, headquarters, other, survivor, headers=tagged).json) == (200, first.json)


def test_a_coordinator_merges_within_reach_alone(
    api: Api, services: Services, coordinator_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    make_campaign(services, helpers=[{"constituency": "ac-24", "districts": ["rj-churu"]}])
    survivor, other = two(services)
    assert merge(api, coordinator_of_bhilwara, other, survivor).status_code == 404
    assert merge(api, coordinator_of_churu, other, survivor).status_code == 200


def test_a_sheet_finds_the_survivor_by_what_the_other_was_known_by(
    api: Api, services: Services, headquarters: Person
) -> None:
    people = sheet([{"ac_no": 24, "part_no": 17, "name": name, "phone": phone} for name, phone in (_GITA, _REKHA)])
    bring_in(api, services, headquarters, people, source=LIST)
    gita, rekha = sorted(services.stores.contacts.in_part("ac-24-17"), key=lambda one: one.facts["name"])
    merge(api, headquarters, rekha, gita)
    told = bring_in(api, services, headquarters, people, source={**LIST, "name": "The same again"})
    assert counts(told) == (2, 0, 0, 2, 0, 0)


def test_who_erases_one_erases_the_person(api: Api, services: Services, campaign: str, headquarters: Person) -> None:
    survivor, other = two(services)
    merge(api, headquarters, other, survivor)
    services.contacts.erase_known(HQ, other.id)
    do_jobs(services)
    for contact in (survivor, other):
        assert (stored(services, contact).state, stored(services, contact).facts) == ("erased", {})


_GITA, _REKHA = ("Gita Bai", "9876500011"), ("Rekha Vyas", "9876500012")


def test_what_was_told_of_somebody_who_is_gone_opens_nothing_again(
    api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person
) -> None:
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    assert put(api, volunteer_of_churu, work.told(0, disposition="busy")).status_code == 201
    project(services)
    services.contacts.erase_known(HQ, work.items[0]["contacts"][0])
    project(services)
    assert (work.target(0)["state"], services.reconciling.run()) == ("done", [])
