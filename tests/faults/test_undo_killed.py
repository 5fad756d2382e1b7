"""An import that is taken back while the worker is killed at every write: what is left is what one run leaves."""

# The fixtures that are named below are those that are imported.
# ruff: noqa: F811

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.facade import Services
from services.store.collection import Collection
from tests.api.conftest import (  # noqa: F401 - pytest finds fixtures by the module they stand in
    _standing_app,
    _standing_clock,
    app,
    clock,
    commands,
    services,
    settings,
)
from tests.api.sheets import elector, sheet

from .dying import Killed, killed_at
from .test_import_killed import (  # noqa: F401
    _HEADER,
    _HEADQUARTERS,
    _LONG_AGO,
    _ROLL,
    _WRITES,
    begin,
    campaign,
    run_jobs,
)

_TOUCHED = ("contacts", "targets", "tallies", "target_tallies", "jobs", "sources")


def photograph(services: Services) -> dict[str, list[dict[str, Any]]]:
    return {name: Collection(database_of(services), name).many({}) for name in _TOUCHED}


def put_back(services: Services, before: dict[str, list[dict[str, Any]]]) -> None:
    for name, documents in before.items():
        database_of(services)[name].delete_many({})
        if documents:
            database_of(services)[name].insert_many(documents)


def database_of(services: Services) -> Any:
    return services.stores.contacts._contacts._raw.database


def left(services: Services, campaign: str, undo_id: str) -> dict[str, Any]:
    """Everything that an undo leaves, without what differs from run to run."""
    job = services.stores.jobs.find(undo_id)
    people = [one for part in ("ac-24-17", None) for one in services.stores.contacts.in_part(part)]
    targets = services.stores.targets.in_part(campaign, "ac-24-17")
    return {
        "result": job and (job.state, job.result),
        "people": sorted((one.id, one.facts, one.age, one.addresses, one.keys, one.sources) for one in people),
        "targets": sorted((one["contact_id"], one["keys"]) for one in targets),
        "fields": {one["contact_id"]: services.stores.candidates.opened(one) for one in targets},
        "tallies": services.stores.target_tallies.numbers(campaign, by="part_id"),
    }


@pytest.mark.parametrize("half_done", [False, True], ids=["before", "amid"])
def test_undo_killed_at_any_write_ends_as_if_it_never_was(services: Services, campaign: str, half_done: bool) -> None:
    first = sheet([elector(at, phone=f"98765432{at:02}") for at in range(1, 7)], _HEADER)
    begin(services, first, campaign)
    run_jobs(services)
    services.stores.targets.remove([campaign], [one.id for one in services.stores.contacts.in_part("ac-24-17")][:3])
    later = replace(_ROLL, collected_on=date(2026, 10, 20))
    changed = [elector(at, age=50, phone=f"98765400{at:02}", Remark="a") for at in range(1, 4)]
    content = sheet([*changed, *(elector(at) for at in range(4, 7)), elector(8), elector(9)], _HEADER)
    second = begin(services, content, campaign, source=later)
    run_jobs(services)
    before = photograph(services)

    def undo() -> str:
        return services.imports.undo(_HEADQUARTERS, second.id).id

    undo_id = undo()
    with killed_at(10**6, writes=_WRITES, half_done=False) as writes:
        run_jobs(services)
        total = writes()
    expected = left(services, campaign, undo_id)
    state, result = expected["result"]
    assert (state, result["removed"], result["restored"], result["kept"]) == ("succeeded", 2, 3, 0)
    assert {one[2] for one in expected["people"]} == {40}
    for number in range(1, total + 1):
        put_back(services, before)
        undo()
        with killed_at(number, writes=_WRITES, half_done=half_done), pytest.raises(Killed):
            run_jobs(services)
        services.stores.jobs._jobs.update({"_id": undo_id}, {"$set": {"lease_until": _LONG_AGO}})
        run_jobs(services)
        assert left(services, campaign, undo_id) == expected, f"killed at write {number} of {total}"
