"""Rotating the field keys: everything opens with the new one alone, and nothing that seals was forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from config.settings import Settings
from services.container import build_services
from services.domain.cipher import KeyRing
from services.domain.jobs import Job, RunPaused
from services.facade import Services
from services.operations.job_runner import JobRunner
from services.operations.resealing import RESEAL
from services.store.collection import Document, open_client
from services.store.keyring import KeyRingMismatch
from services.store.sealed import PLACES
from tests.api.conftest import Api
from tests.factories import Person
from tests.fieldwork import Work, make_work

# Another key opens what was told: the application of all tests cannot recount it.
pytestmark = pytest.mark.no_recount

SERVICES = Path(__file__).parents[2] / "services"
NEW = b"n" * 32


@pytest.fixture
def client(settings: Settings) -> Iterator[MongoClient[Document]]:
    with open_client(settings.mongodb_uri or "") as client:
        yield client


@pytest.fixture(autouse=True)
def vault(settings: Settings, client: MongoClient[Document]) -> Iterator[None]:
    """The tests share one index key: it is wrapped again as it was."""
    vault = client[settings.mongodb_database]["vault"]
    before = list(vault.find())
    yield
    for document in before:
        vault.replace_one({"_id": document["_id"]}, document)


@pytest.fixture
def worked_on(api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person) -> Work:
    """A batch of which something was told that is sealed, an opt-out, and a job that ended."""
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    told = [work.told(0, note="दोबारा शाम को"), work.told(1, disposition="do_not_contact")]
    api.post("/me/outcomes", {"outcomes": told}, volunteer_of_churu)
    api.post("/rights/requests", {"kind": "access", "phone": work.phones[work.items[0]["id"]]})
    while services.projecting.run():
        pass
    return work


@pytest.fixture
def rotated(services: Services, settings: Settings, client: MongoClient[Document]) -> Services:
    """The installation as it restarts with a new key in front."""
    return build_services(replace(settings, field_keys=(NEW, *settings.field_keys)), client=client)


def reseal(rotated: Services, api: Api, headquarters: Person) -> Job:
    job_id = api.post("/keys/reseal", {}, headquarters).json["id"]
    JobRunner(rotated.stores.jobs, {RESEAL: rotated.resealing}, clock=rotated.clock).run_next()
    return rotated.stores.jobs.find(job_id)


def sealed_values(document: Any) -> Iterator[bytes]:
    if isinstance(document, bytes):
        yield document
    elif isinstance(document, dict):
        for value in document.values():
            yield from sealed_values(value)
    elif isinstance(document, list):
        for value in document:
            yield from sealed_values(value)


def test_everything_opens_with_the_new_key_alone(
    api: Api,
    worked_on: Work,
    rotated: Services,
    settings: Settings,
    client: MongoClient[Document],
    headquarters: Person,
) -> None:
    job = reseal(rotated, api, headquarters)
    database = client[settings.mongodb_database]
    newest = KeyRing((NEW,))
    found = {
        name: [newest.is_newest(value) for stored in database[name].find() for value in sealed_values(stored)]
        for name in database.list_collection_names()
    }
    assert {name for name, values in found.items() if values} >= {"vault", "users", "contacts", "outcomes", "tallies"}
    assert {name: values for name, values in found.items() if not all(values)} == {}
    assert (job.state, job.result["older"]) == ("succeeded", 0)
    alone = build_services(replace(settings, field_keys=(NEW,)), client=client)
    assert alone.stores.users.get(headquarters.id).name == "Meera Joshi"
    assert alone.reconciling.run() == []


def test_the_old_key_alone_opens_nothing_afterwards(
    api: Api,
    worked_on: Work,
    rotated: Services,
    settings: Settings,
    client: MongoClient[Document],
    headquarters: Person,
) -> None:
    reseal(rotated, api, headquarters)
    with pytest.raises(KeyRingMismatch):
        build_services(settings, client=client)


def test_a_resealing_that_was_stopped_goes_on_where_it_was(
    api: Api, worked_on: Work, rotated: Services, headquarters: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = api.post("/keys/reseal", {}, headquarters).json["id"]
    runner = JobRunner(rotated.stores.jobs, {RESEAL: rotated.resealing}, clock=rotated.clock)
    renew, places = rotated.stores.sealed.renew, []

    def until_contacts(place: Any, documents: Any) -> int:
        places.append(place.collection)
        if place.collection == "contacts" and places.count("contacts") == 1:
            raise RunPaused
        return renew(place, documents)

    monkeypatch.setattr(rotated.stores.sealed, "renew", until_contacts)
    runner.run_next()
    assert rotated.stores.jobs.find(job_id).state == "queued"
    runner.run_next()
    assert rotated.stores.jobs.find(job_id).state == "succeeded"
    # Users were done before the stop and are not walked again for renewing, only for the last look.
    assert places.count("users") == 2


def test_a_value_written_meanwhile_is_left_as_it_is(
    worked_on: Work, rotated: Services, settings: Settings, client: MongoClient[Document]
) -> None:
    contacts = client[settings.mongodb_database]["contacts"]
    place = next(place for place in PLACES if place.collection == "contacts")
    read = [stored for portion in rotated.stores.sealed.portions(place) for stored in portion]
    written = rotated.cipher.seal(b"{}", bound_to=f"contact:{read[0]['_id']}")
    contacts.update_one({"_id": read[0]["_id"]}, {"$set": {"sealed": written}})
    rotated.stores.sealed.renew(place, read)
    after = contacts.find_one({"_id": read[0]["_id"]})
    assert after is not None
    assert after["sealed"] == written


def test_only_headquarters_may_begin_it(api: Api, coordinator_of_churu: Person) -> None:
    assert api.post("/keys/reseal", {}, coordinator_of_churu).status_code == 403


def test_every_place_that_seals_is_walked() -> None:
    known = "".join(repr(binding) for place in PLACES for binding in _kinds(place))
    source = "".join(path.read_text() for path in SERVICES.rglob("*.py") if path.name != "sealed.py")
    kinds = set(re.findall(r'seal(?:_text)?\([^\n]*bound_to=f?"([\w-]+):', source))
    assert kinds
    assert {kind for kind in kinds if f"{kind}:" not in known} == set()


def _kinds(place: Any) -> list[str]:
    document = {"_id": "ID", "items": {"ITEM": {}}, "outcome_id": "OUTCOME"}
    return [bound_to for _, bound_to in place.bindings(document)]
