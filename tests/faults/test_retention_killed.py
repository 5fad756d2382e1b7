"""Retention that is killed, at every write or at any moment: what is left is what an undisturbed run leaves."""

# The fixtures that are named below are those that are imported.
# ruff: noqa: F811

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from config.settings import Settings
from services.facade import Services
from services.gateways.clock import FrozenClock
from tests.api.conftest import (  # noqa: F401 - pytest finds fixtures by the module they stand in
    MORNING,
    Api,
    _standing_app,
    _standing_clock,
    api,
    app,
    clock,
    commands,
    headquarters,
    make_person,
    person,
    services,
    settings,
    volunteer_of_churu,
)
from tests.api.sheets import LIST, bring_in, do_jobs, elector, sheet
from tests.api.telling import put
from tests.factories import Person
from tests.fieldwork import make_work

from .dying import Killed, killed_at
from .processes import eventually, running

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_WRITES = ("insert", "insert_new", "update", "update_many", "change", "change_if", "bulk", "delete")
_TOUCHED = ("contacts", "targets", "outcomes", "reviews", "campaigns", "suppressions", "tallies", "shown")
# What differs from run to run.
_RUN = {"write_id", "updated_at", "version", "at"}
Documents = dict[str, list[dict[str, Any]]]


@pytest.fixture
def database(services: Services) -> Database[dict[str, Any]]:
    raw: Database[dict[str, Any]] = services.stores.contacts._contacts._raw.database
    return raw


@pytest.fixture
def closed(
    api: Api,
    services: Services,
    headquarters: Person,
    volunteer_of_churu: Person,
    clock: FrozenClock,
) -> str:
    """A campaign whose time is over: people who said things, gave a number, were told of by lists, had fields."""
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    field = {"name": "remark", "label": {"hi": "टिप्पणी", "en": "Remark"}, "kind": "text"}
    api.post(f"/campaigns/{work.campaign_id}/fields", field, headquarters)
    header = ("ac_no", "part_no", "serial_no", "name", "phone", "tags", "Remark")
    people = [elector(at, Remark="Has a dog", tags="helper", phone=f"98765000{at:02}") for at in range(1, 5)]
    bring_in(api, services, headquarters, sheet(people, header), campaign_id=work.campaign_id)
    strangers = [
        {"ac_no": 24, "part_no": 3, "name": f"Gita {word}", "phone": f"98765100{at:02}"}
        for at, word in enumerate(("Bai", "Devi", "Rani"))
    ]
    bring_in(api, services, headquarters, sheet(strangers), source=LIST, campaign_id=work.campaign_id)
    given = [{"kind": "phone", "value": "9811122233", "consent": True, "notice_version": "1"}]
    told = work.told(0, disposition="contacted", support=4, note="Works at night", given=given)
    assert put(api, volunteer_of_churu, told).status_code == 201
    assert put(api, volunteer_of_churu, work.told(1, disposition="do_not_contact")).status_code == 201
    do_jobs(services)
    api.post(f"/campaigns/{work.campaign_id}/close", actor=headquarters)
    do_jobs(services)
    clock.advance(timedelta(days=91))
    return work.campaign_id


def let_go(services: Services) -> None:
    """Begin what is due and do it, as the worker's two steps do."""
    steps = {step.name: step for step in services.worker_steps}
    begin = steps["retention after the poll"].run
    begin.__self__._begun.clear()  # type: ignore[attr-defined]
    begin()
    while steps["jobs"].run():
        pass


def photograph(database: Database[dict[str, Any]]) -> Documents:
    return {name: list(database[name].find()) for name in (*_TOUCHED, "jobs")}


def put_back(database: Database[dict[str, Any]], before: Documents) -> None:
    for name, documents in before.items():
        database[name].delete_many({})
        if documents:
            database[name].insert_many(documents)


def bare(value: Any) -> Any:
    """A document without what differs from run to run; of what is sealed that it is there."""
    if isinstance(value, dict):
        return {key: bare(one) for key, one in value.items() if key not in _RUN}
    if isinstance(value, list):
        return [bare(one) for one in value]
    return "sealed" if isinstance(value, bytes) else value


def left(services: Services, database: Database[dict[str, Any]]) -> dict[str, Any]:
    """Everything that is kept, opened, without what differs from run to run."""
    contacts = {one["_id"]: services.stores.contacts.to_contact(one) for one in database["contacts"].find()}
    opened = {key: (one.facts, one.addresses, one.also, one.tags, one.keys, one.state) for key, one in contacts.items()}
    rest = {
        name: sorted(
            map(bare, database[name].find()),
            key=lambda one: str(one["_id"]),
        )
        for name in _TOUCHED
        if name not in {"contacts", "campaigns"}
    }
    said = [one["_id"] for name in ("outcomes", "reviews") for one in database[name].find() if one.get("sealed")]
    (job,) = database["jobs"].find({"kind": "retention"})
    result = services.stores.jobs.find(job["_id"])
    return {"people": opened, "rest": rest, "said": said, "state": job["state"], "result": result and result.result}


@pytest.fixture
def two_parts(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the seat's 418 parts only those that have people, so that there is little to write besides."""
    children = type(services.places).children
    wanted = {"ac-24-3", "ac-24-17"}
    monkeypatch.setattr(
        type(services.places),
        "children",
        lambda self, area_id: [one for one in children(self, area_id) if area_id != "ac-24" or one.id in wanted],
    )


def test_retention_killed_at_any_write_leaves_what_an_undisturbed_run_leaves(
    services: Services, database: Database[dict[str, Any]], closed: str, two_parts: None
) -> None:
    before = photograph(database)
    with killed_at(10**6, writes=_WRITES, half_done=False) as writes:
        let_go(services)
        total = writes()
    expected = left(services, database)
    assert (expected["state"], expected["said"], expected["result"]["people"]) == ("succeeded", [], 10)
    assert total > 15
    for number in range(1, total + 1):
        for half_done in (False, True):
            put_back(database, before)
            with killed_at(number, writes=_WRITES, half_done=half_done), pytest.raises(Killed):
                let_go(services)
            database["jobs"].update_many({"kind": "retention"}, {"$set": {"lease_until": _LONG_AGO}})
            let_go(services)
            assert left(services, database) == expected, f"killed at write {number} of {total}"


def test_worker_killed_while_letting_go_leaves_what_an_undisturbed_run_leaves(
    services: Services, settings: Settings, database: Database[dict[str, Any]], closed: str, tmp_path: Path
) -> None:
    before = photograph(database)
    let_go(services)
    expected = left(services, database)
    put_back(database, before)
    environment = {
        "SAMPARK_MONGODB_URI": str(settings.mongodb_uri),
        "SAMPARK_MONGODB_DATABASE": settings.mongodb_database,
        "SAMPARK_CLOCK": (MORNING + timedelta(days=91)).isoformat(),
    }

    def done() -> int:
        return sum(one["done"] for one in database["jobs"].find({"kind": "retention"}))

    with running("-m", "tests.faults.keeper", place=tmp_path / "first", **environment) as worker:
        worker.wait_for_line("keeping")
        eventually(lambda: done() > 10, seconds=30)
        worker.end(signal.SIGKILL)
    assert database["campaigns"].count_documents({"_id": closed, "retained_at": {"$ne": None}}) == 0
    with running("-m", "tests.faults.keeper", place=tmp_path / "last", **environment):
        eventually(
            lambda: database["jobs"].count_documents({"kind": "retention", "state": "succeeded"}) == 1, seconds=60
        )
    assert left(services, database) == expected
