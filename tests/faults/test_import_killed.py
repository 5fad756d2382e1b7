"""An import that is killed, at every write or at any moment: no row doubled, missing or counted otherwise."""

# The fixtures that are named below are those that are imported.
# ruff: noqa: F811

from __future__ import annotations

import io
import random
import signal
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from services.domain.jobs import Job
from services.domain.people.actor import Actor
from services.domain.sheets.sources import Source
from services.facade import Services
from services.imports.imports import Upload
from services.imports.job import COUNTS
from services.imports.rows import RowMaker
from tests.api.conftest import (  # noqa: F401 - pytest finds fixtures by the module they stand in
    MORNING,
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
from .processes import eventually, running

_HEADQUARTERS = Actor(user_id="hq", role="hq_admin", session_id="s")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_HEADER = ("ac_no", "part_no", "serial_no", "epic", "name", "gender", "age", "phone", "house_no", "Remark")
_ROLL = Source(
    name="Roll",
    kind="electoral_roll",
    lawful_basis="roll_public",
    collected_on=date(2026, 10, 1),
    field_basis={"phone": "consent"},
)
_WRITES = ("insert", "insert_new", "update", "change", "bulk", "delete")


@pytest.fixture
def campaign(services: Services) -> str:
    fields = {"name": "By-election", "constituencies": ["ac-24"], "channels": ["call"], "default_locale": "hi"}
    campaign_id = str(services.campaigns.create(_HEADQUARTERS, fields)["_id"])
    field = {"name": "remark", "label": {"hi": "टिप्पणी", "en": "Remark"}, "kind": "text", "options": None}
    services.audiences.custom_fields.define(_HEADQUARTERS, campaign_id, field)
    return campaign_id


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = RowMaker.chunks
    monkeypatch.setattr(
        RowMaker, "chunks", lambda self, table, after_line: chunks(self, table, after_line=after_line, size=4)
    )


def mixed_rows() -> list[dict[str, Any]]:
    """Rows of every fate: new, told twice, adding to another of the same sheet, refused, opted out, outside."""
    rows = [elector(number, phone=f"98765432{number:02}") for number in range(1, 7)]
    rows += [
        elector(2, Remark="a"),
        elector(3, house_no="12", Remark="b"),
        elector(4, age=12),
        elector(7, phone="9999999999"),
    ]
    rows += [elector(8, phone="9876543201"), elector(1, ac_no=155), elector(5, house_no="7", phone="9876500005")]
    return [*rows, elector(9, Remark="c"), elector(9), {"name": "Total"}]


def begin(services: Services, content: bytes, campaign: str, *, source: Source = _ROLL) -> Job:
    upload = Upload(
        content=io.BytesIO(content), file_name="x", source=source, campaign_id=campaign, mapping={}, dry_run=False
    )
    return services.imports.begin(_HEADQUARTERS, upload)


def run_jobs(services: Services) -> None:
    step = next(step for step in services.worker_steps if step.name == "imports")
    while step.run():
        pass


def prepare(services: Services) -> None:
    """Somebody is there already, somebody has opted out."""
    services.suppressions.suppress(_HEADQUARTERS, phone="9999999999", reason="opted_out")


def outcome(services: Services, job_id: str, campaign: str) -> dict[str, Any]:
    """Everything that an import leaves, without what differs from run to run."""
    job = services.stores.jobs.find(job_id)
    assert job is not None
    contacts = services.stores.contacts
    people = [one for part in ("ac-24-17", "ac-155-17", None) for one in contacts.in_part(part)]
    enrolled = services.stores.targets.in_part(campaign, "ac-24-17")
    return {
        "state": job.state,
        "result": job.result,
        "people": sorted((one.id, one.facts, one.addresses, one.keys, len(one.sources)) for one in people),
        "targets": sorted((one["contact_id"], one["keys"]) for one in enrolled),
        "fields": {one["contact_id"]: services.stores.candidates.opened(one) for one in enrolled},
        "tallies": services.stores.target_tallies.numbers(campaign, by="part_id"),
        "rejects": list(services.imports.rejects(_HEADQUARTERS, job_id, locale="en")),
    }


def wake(services: Services, job_id: str) -> None:
    """Let the killed worker's lease end."""
    services.stores.jobs._jobs.update({"_id": job_id}, {"$set": {"lease_until": _LONG_AGO}})


@pytest.mark.parametrize("half_done", [False, True], ids=["before", "amid"])
def test_import_killed_at_any_write_ends_as_if_it_never_was(
    services: Services,
    campaign: str,
    small_chunks: None,
    half_done: bool,
) -> None:
    content = sheet(mixed_rows(), _HEADER)
    prepare(services)
    undisturbed = begin(services, content, campaign)
    with killed_at(10**6, writes=_WRITES, half_done=False) as writes:
        run_jobs(services)
        total = writes()
    assert total > 20
    expected = outcome(services, undisturbed.id, campaign)
    assert expected["result"] == {
        **dict(zip(COUNTS, (16, 9, 3, 1, 2, 1), strict=True)),
        "quarantined": 0,
        "outside_campaign": 1,
        "unread_columns": [],
        "skipped_sheets": [],
    }
    assert sorted(one["remark"] for one in expected["fields"].values() if one) == ["a", "b", "c"]
    for number in range(1, total + 1):
        forget_people(services)
        job = begin(services, content, campaign)
        with killed_at(number, writes=_WRITES, half_done=half_done), pytest.raises(Killed):
            run_jobs(services)
        wake(services, job.id)
        run_jobs(services)
        assert outcome(services, job.id, campaign) == expected, f"killed at write {number} of {total}"


def forget_people(services: Services) -> None:
    for store in (services.stores.contacts._contacts, services.stores.targets._targets):
        store.delete({})
    services.stores.target_tallies._tallies.delete({})
    services.stores.jobs._jobs.delete({})


def test_worker_killed_while_importing_ends_as_if_it_never_was(
    services: Services,
    settings: Settings,
    campaign: str,
    tmp_path: Path,
) -> None:
    dice = random.Random(5)
    rows = [
        elector(number, part_no=1 + number % 40, phone=f"98{number // 3:08}", age=17 if number % 50 == 0 else 40)
        for number in range(1, 3001)
    ]
    rows += [{**dice.choice(rows), "house_no": str(number)} for number in range(600)]
    content = sheet(rows, _HEADER)
    undisturbed = begin(services, content, campaign)
    run_jobs(services)
    expected = whole(services, undisturbed.id, campaign)
    assert expected["result"]["rows"] == 3600
    forget_people(services)
    job = begin(services, content, campaign)
    environment = {
        "SAMPARK_MONGODB_URI": str(settings.mongodb_uri),
        "SAMPARK_MONGODB_DATABASE": settings.mongodb_database,
        "SAMPARK_CLOCK": MORNING.isoformat(),
    }
    for number in range(3):
        before = services.jobs.get(_HEADQUARTERS, job.id).done
        with running("-m", "tests.faults.importer", place=tmp_path / str(number), **environment) as worker:
            worker.wait_for_line("importing")
            eventually(lambda: services.jobs.get(_HEADQUARTERS, job.id).done > before, seconds=30)  # noqa: B023
            eventually(lambda: dice.random() < 0.2, seconds=5)
            worker.end(signal.SIGKILL)
    with running("-m", "tests.faults.importer", place=tmp_path / "last", **environment):
        eventually(lambda: services.jobs.get(_HEADQUARTERS, job.id).ended, seconds=60)
    assert whole(services, job.id, campaign) == expected


def whole(services: Services, job_id: str, campaign: str) -> dict[str, Any]:
    """What a large import leaves: its counts, who is there, who is enrolled, what was refused."""
    parts = [f"ac-24-{number}" for number in range(1, 41)]
    people = [one for part in parts for one in services.stores.contacts.in_part(part)]
    job = services.jobs.get(_HEADQUARTERS, job_id)
    return {
        "state": job.state,
        "result": job.result,
        "people": {one.id: (one.facts, one.also, one.addresses, len(one.sources)) for one in people},
        "targets": {one["_id"] for one in services.stores.targets.walk(campaign, parts)},
        "tallies": services.stores.target_tallies.numbers(campaign, by="part_id"),
        "rejects": list(services.imports.rejects(_HEADQUARTERS, job_id, locale="en")),
    }
