"""Contacts in the database: sealed, found by any key, changed only as they were read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.contacts.contacts import Contact, ContactAddress, Mention, Place
from services.store.collection import Document
from services.store.contacts.contacts import ContactStore
from services.store.contacts.effects import ContactEffectStore

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
PLACE = Place("rj", "rj-churu", "ac-24", "ac-24-17")


@pytest.fixture
def contacts(database: Database[Document], cipher: Cipher) -> ContactStore:
    store = ContactStore(database, cipher)
    store.ensure_indexes()
    return store


def person(contact_id: str = "one", **facts: object) -> Contact:
    number = ContactAddress(
        key="number", kind="mobile", value="+919876543210", basis="consent", source_id="s", collected_on="2026-10-01"
    )
    known: dict[str, object] = {
        "place": PLACE,
        "facts": {"name": "Sita Devi"},
        "addresses": (number,),
        "keys": (contact_id, "number", "word"),
        "sources": (Mention("s", "import", 2, "2026-10-01", "g"),),
        **facts,
    }
    return Contact(id=contact_id, **known)  # type: ignore[arg-type]


def test_a_contact_is_read_as_it_was_stored(contacts: ContactStore) -> None:
    contacts.insert_new([person(age=40, tags=("a",))], at=NOW)
    assert contacts.get("one") == person(age=40, tags=("a",))


def test_a_taken_id_is_told_and_the_others_are_stored(contacts: ContactStore) -> None:
    contacts.insert_new([person("one")], at=NOW)
    assert contacts.insert_new([person("one"), person("two")], at=NOW) == {"one"}
    assert contacts.get("two").id == "two"


def test_a_contact_is_found_by_each_of_its_keys(contacts: ContactStore) -> None:
    contacts.insert_new([person("one"), person("two", keys=("two", "word"))], at=NOW)
    assert {one.id for one in contacts.with_keys(["number"])} == {"one"}
    assert {one.id for one in contacts.with_keys(["word"])} == {"one", "two"}
    assert contacts.with_keys(["nothing"]) == []


def test_a_change_is_written_if_nobody_was_quicker(contacts: ContactStore) -> None:
    contacts.insert_new([person()], at=NOW)
    before = contacts.get("one")
    assert contacts.replace([(before, replace(before, age=41))], at=NOW) == set()
    assert contacts.replace([(before, replace(before, age=42))], at=NOW) == {"one"}
    assert (contacts.get("one").age, contacts.get("one").version) == (41, 2)


def test_who_has_found_a_number_dead_was_quicker(contacts: ContactStore, database: Database[Document]) -> None:
    contacts.insert_new([person()], at=NOW)
    before = contacts.get("one")
    ContactEffectStore(database).kill_numbers([("one", "number", "call", "outcome")])
    assert contacts.replace([(before, replace(before, age=41))], at=NOW) == {"one"}
    assert [number.state for number in contacts.get("one").addresses] == ["dead"]


def test_attempts_that_were_noted_meanwhile_stay(contacts: ContactStore, database: Database[Document]) -> None:
    contacts.insert_new([person()], at=NOW)
    before = contacts.get("one")
    database.contacts.update_one({"_id": "one"}, {"$push": {"touches": {"o": "outcome", "at": NOW}}})
    contacts.replace([(before, replace(before, age=41))], at=NOW)
    assert [touch["o"] for touch in contacts.get("one").touches] == ["outcome"]


def test_the_state_before_an_import_is_kept_for_going_back(
    contacts: ContactStore, database: Database[Document]
) -> None:
    contacts.insert_new([person()], at=NOW)
    for age in (41, 42):
        before = contacts.get("one")
        contacts.replace([(before, replace(before, age=age))], undo="import-2", at=NOW)
    stored = database.contacts.find_one({"_id": "one"})
    assert stored is not None
    contacts.restore([stored])
    assert replace(contacts.get("one"), version=1) == person()


def test_a_value_that_looks_like_an_expression_is_a_value(contacts: ContactStore) -> None:
    contacts.insert_new([person()], at=NOW)
    before = contacts.get("one")
    contacts.replace([(before, replace(before, tags=("$age", "a.b")))], at=NOW)
    assert contacts.get("one").tags == ("$age", "a.b")


def test_an_edit_keeps_what_ended_a_number_so_that_it_can_live_again(
    contacts: ContactStore, database: Database[Document]
) -> None:
    contacts.insert_new([person()], at=NOW)
    effects = ContactEffectStore(database)
    effects.kill_numbers([("one", "number", "call", "outcome")])
    before = contacts.get("one")
    assert contacts.replace([(before, replace(before, tags=("a",)))], at=NOW) == set()
    effects.revive_numbers([("one", "number", "call", "outcome")])
    assert contacts.get("one").addresses[0].state == "ok"
