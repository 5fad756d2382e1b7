"""Opt-outs over HTTP: they hold at once, cover a person's addresses, and stay until headquarters says why not."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from services.domain.contacts.suppressions import person_key
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import Api
from tests.api.sheets import LIST, bring_in, counts, elector, sheet
from tests.factories import Person
from tests.fieldwork import DISTRICT, SEAT, make_campaign, make_contact

STOP = {"reason": "opted_out"}
_NUMBERS = count(1)


def key_of(services: Services, phone: str) -> str:
    return services.cipher.index("phone", phone)


def test_a_number_is_suppressed_from_the_answer_on(api: Api, services: Services, coordinator_of_churu: Person) -> None:
    answer = api.post("/suppressions", {"phone": "98765 43210", **STOP}, coordinator_of_churu)
    assert (answer.status_code, answer.json["masked"]) == (201, "+91 98••••••10")
    assert services.suppressions.suppressed([key_of(services, "+919876543210")])


def test_coordinator_is_not_told_who_else_noted_an_opt_out(
    api: Api, headquarters: Person, coordinator_of_churu: Person, coordinator_of_bhilwara: Person
) -> None:
    api.post("/suppressions", {"phone": "98765 43210", **STOP}, coordinator_of_churu)
    seen = [
        api.get("/suppressions", actor).json["items"][0]["by"]
        for actor in (coordinator_of_churu, coordinator_of_bhilwara, headquarters)
    ]
    assert seen == [coordinator_of_churu.user.id, None, coordinator_of_churu.user.id]


def test_coordinator_is_told_of_people_within_reach_alone(
    api: Api,
    services: Services,
    headquarters: Person,
    coordinator_of_churu: Person,
    coordinator_of_bhilwara: Person,
) -> None:
    make_campaign(services, headquarters, helpers=[{"constituency": SEAT, "districts": [DISTRICT]}])
    contact = make_contact(services, phone="+919876543210")
    body = {"contact_id": contact.id, "note": "Their son called", **STOP}
    assert api.post("/suppressions", body, coordinator_of_bhilwara).status_code == 404
    assert api.post("/suppressions", body, headquarters).status_code == 201
    near, far = (
        {
            one["kind"]: (one["contact_id"], one["note"], one["by"])
            for one in api.get("/suppressions", actor).json["items"]
        }
        for actor in (coordinator_of_churu, coordinator_of_bhilwara)
    )
    assert near == {"person": (contact.id, "Their son called", None), "phone": (None, "Their son called", None)}
    # That the number is stopped is everybody's business, whose it is is not.
    assert far == {"phone": (None, None, None)}
    found = api.get("/suppressions", coordinator_of_bhilwara, query_string={"phone": "9876543210"})
    assert [one["note"] for one in found.json["items"]] == [None]


def test_a_handle_is_suppressed_on_its_channel(api: Api, services: Services, headquarters: Person) -> None:
    body = {"channel": "instagram", "handle": "https://instagram.com/Sita.Devi", **STOP}
    answer = api.post("/suppressions", body, headquarters)
    assert answer.status_code == 201
    assert answer.json["id"] == services.cipher.index("instagram", "sita.devi")


def test_a_person_is_suppressed_with_every_address(api: Api, services: Services, headquarters: Person) -> None:
    header = ("ac_no", "part_no", "serial_no", "name", "phone", "phone_2")
    bring_in(
        api, services, headquarters, sheet([elector(1, phone="9876543210", phone_2="9876500000")], header), source=LIST
    )
    (contact,) = services.stores.contacts.in_part("ac-24-17")
    answer = api.post("/suppressions", {"contact_id": contact.id, **STOP}, headquarters)
    assert (answer.status_code, answer.json["contact_id"]) == (201, contact.id)
    keys = {person_key(contact.id), *contact.address_keys()}
    assert len(keys) == 3
    assert services.suppressions.suppressed(keys) == keys


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"handle": "sita"}, "channel"),
        ({"channel": "x"}, "handle"),
        ({"phone": "9876543210", "contact_id": "someone"}, "contact_id"),
        ({"channel": "instagram", "handle": "no handle at all!"}, "handle"),
    ],
)
def test_who_is_meant_must_be_clear(api: Api, headquarters: Person, body: dict[str, Any], field: str) -> None:
    answer = api.post("/suppressions", {**body, **STOP}, headquarters)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_number_suppressed_twice_is_suppressed_once(api: Api, headquarters: Person) -> None:
    for _ in range(2):
        assert api.post("/suppressions", {"phone": "9876543210", **STOP}, headquarters).status_code == 201
    assert len(api.get("/suppressions", headquarters).json["items"]) == 1


def test_one_number_can_be_looked_up(api: Api, headquarters: Person) -> None:
    api.post("/suppressions", {"phone": "9876543210", **STOP}, headquarters)
    api.post("/suppressions", {"phone": "9876500000", **STOP}, headquarters)
    answer = api.get("/suppressions", headquarters, query_string={"phone": "09876500000"})
    assert [one["masked"] for one in answer.json["items"]] == ["+91 98••••••00"]


def test_only_headquarters_lifts_and_says_why(
    api: Api, services: Services, headquarters: Person, coordinator_of_churu: Person
) -> None:
    key = api.post("/suppressions", {"phone": "9876543210", **STOP}, headquarters).json["id"]
    path = f"/suppressions/{key}"
    assert api.delete(path, coordinator_of_churu, query_string={"reason": "asked to"}).status_code == 403
    without = api.delete(path, headquarters)
    assert (without.status_code, without.json["errors"]) == (422, {"reason": ["required"]})
    assert api.delete(path, headquarters, body={"reason": "wrote to us"}).status_code == 204
    assert not services.suppressions.suppressed([key])
    assert api.delete(path, headquarters, query_string={"reason": "again"}).status_code == 404


def test_lifting_a_person_frees_only_numbers_that_stand_for_nobody_else(
    api: Api, services: Services, headquarters: Person
) -> None:
    rows = [elector(1, phone="9876543210 / 9876500000"), elector(2, phone="9876543210")]
    bring_in(api, services, headquarters, sheet(rows), source=LIST)
    contacts = {one.serial_no: one for one in services.stores.contacts.in_part("ac-24-17")}
    for contact in contacts.values():
        api.post("/suppressions", {"contact_id": contact.id, **STOP}, headquarters)
    api.delete(f"/suppressions/{person_key(contacts[1].id)}", headquarters, query_string={"reason": "wrote to us"})
    shared, own = (key_of(services, phone) for phone in ("+919876543210", "+919876500000"))
    assert services.suppressions.suppressed([shared, own]) == {shared}


def test_an_opted_out_number_is_stripped_from_a_sheet(api: Api, services: Services, headquarters: Person) -> None:
    api.post("/suppressions", {"phone": "9876543210", **STOP}, headquarters)
    told = bring_in(api, services, headquarters, sheet([elector(1, phone="9876543210"), elector(2)]))
    assert counts(told) == (2, 1, 0, 0, 0, 1)
    contacts = {one.serial_no: one for one in services.stores.contacts.in_part("ac-24-17")}
    assert contacts[1].addresses == ()
    assert contacts[1].stripped == (key_of(services, "+919876543210"),)


def test_of_two_numbers_the_one_that_opted_out_is_stripped(api: Api, services: Services, headquarters: Person) -> None:
    api.post("/suppressions", {"phone": "9876543210", **STOP}, headquarters)
    told = bring_in(api, services, headquarters, sheet([elector(1, phone="9876543210 / 9876500000")]))
    assert counts(told) == (1, 1, 0, 0, 0, 0)
    (contact,) = services.stores.contacts.in_part("ac-24-17")
    assert [address.value for address in contact.addresses] == ["+919876500000"]


def test_nothing_is_kept_of_a_listed_person_who_opted_out(api: Api, services: Services, headquarters: Person) -> None:
    api.post("/suppressions", {"phone": "9876543210", **STOP}, headquarters)
    told = bring_in(api, services, headquarters, b"name,phone\nSita Devi,9876543210\n", source=LIST)
    assert counts(told) == (1, 0, 0, 0, 0, 1)
    assert services.stores.contacts.in_part(None) == []


def test_a_person_who_opted_out_gets_no_new_number(api: Api, services: Services, headquarters: Person) -> None:
    bring_in(api, services, headquarters, sheet([elector(1, phone="9876543210")]))
    (contact,) = services.stores.contacts.in_part("ac-24-17")
    api.post("/suppressions", {"contact_id": contact.id, **STOP}, headquarters)
    told = bring_in(api, services, headquarters, sheet([elector(1, phone="9876500000")]))
    assert counts(told) == (1, 0, 0, 0, 0, 1)
    (after,) = services.stores.contacts.in_part("ac-24-17")
    assert after.address_keys() == contact.address_keys()


def test_what_an_outcome_stops_covers_number_people_and_their_other_numbers(
    api: Api, services: Services, headquarters: Person
) -> None:
    bring_in(api, services, headquarters, sheet([elector(1, phone="9876543210 / 9876500000")]))
    (contact,) = services.stores.contacts.in_part("ac-24-17")
    told = {
        "_id": "an-outcome",
        "address": key_of(services, "+919876543210"),
        "contact_ids": [contact.id],
        "disposition": "do_not_contact",
        "user_id": "someone",
    }
    keys = services.suppressions.from_outcomes([told], now=services.clock.now())
    assert set(keys) == set(contact.address_keys())
    everything = {person_key(contact.id), *contact.address_keys()}
    assert services.suppressions.suppressed(everything) == everything


def test_the_same_outcome_again_changes_nothing(api: Api, services: Services, headquarters: Person) -> None:
    told = {
        "_id": "an-outcome",
        "address": key_of(services, "+919876543210"),
        "contact_ids": ["gone"],
        "disposition": "opted_out",
        "user_id": "someone",
    }
    for _ in range(2):
        assert services.suppressions.from_outcomes([told], now=services.clock.now()) == [told["address"]]
    assert len(api.get("/suppressions", headquarters).json["items"]) == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_observers_and_experts_see_no_suppression(api: Api, observer: Person, expert: Person, method: str) -> None:
    for person in (observer, expert):
        body = {"phone": "9876543210", **STOP} if method == "POST" else None
        assert api.ask(method, "/suppressions", person, body=body).status_code == 403


def test_the_list_walks_back_through_time_without_repeats(api: Api, headquarters: Person, clock: FrozenClock) -> None:
    for days in (0, 0, 0, 5, 200, 0):
        clock.advance(timedelta(days=days))
        for _ in range(2):
            phone = f"98{next(_NUMBERS):08}"
            assert api.post("/suppressions", {"phone": phone, **STOP}, headquarters).status_code == 201
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query = {"limit": 5, **({"cursor": cursor} if cursor else {})}
        page = api.get("/suppressions", headquarters, query_string=query).json
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len({one["id"] for one in seen}) == len(seen) == 12
    assert [one["at"] for one in seen] == sorted((one["at"] for one in seen), reverse=True)


@pytest.mark.parametrize("cursor", ["WzFd", "WyJhIiwiYiJd", "Wzk5OTk5OTk5OTk5OTk5OTk5OTksIngiXQ"])
def test_a_foreign_cursor_is_refused(api: Api, headquarters: Person, cursor: str) -> None:
    answer = api.get("/suppressions", headquarters, query_string={"cursor": cursor})
    assert (answer.status_code, answer.json["errors"]) == (422, {"cursor": ["cursor_invalid"]})
