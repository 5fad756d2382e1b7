"""`sampark audit`: verifies, seals and hands out, on an installation of its own."""

from __future__ import annotations

import csv
import io
import json

import pytest

from services.domain.people.actor import Actor
from services.facade import Services
from tests.api.test_commands import Run, installation, made, run

__all__ = ["installation", "made", "run"]  # fixtures

MEERA = Actor(user_id="meera", role="hq_admin", session_id="s-1", address="10.0.0.1")


@pytest.fixture
def written(made: Services) -> Services:
    """An installation in which a batch was opened and a person suspended."""
    made.upkeep.prepare()
    made.audit.record(MEERA, "batch.open", subject="batch:b1", contacts=["c1", "c2"], revealed=2)
    made.audit.record(MEERA, "user.suspend", subject="user:u1")
    return made


def test_a_whole_trail_verifies(written: Services, run: Run) -> None:
    assert json.loads(run("audit", "verify", "--json").output)["pending"] == 2
    assert json.loads(run("audit", "seal", "--json").output.splitlines()[-1]) == {"sealed": 2}
    answer = run("audit", "verify", "--json")
    told = json.loads(answer.output)
    assert (answer.exit_code, told["ok"], told["chunks"], told["entries"], told["pending"]) == (0, True, 1, 2, 0)
    noted = f"{told['head']['number']}:{told['head']['head']}"
    assert run("audit", "verify", "--expect", noted).exit_code == 0
    assert run("audit", "verify", "--expect", "1:another").exit_code == 1
    assert run("audit", "verify", "--expect", "nonsense").exit_code == 2


def test_an_edited_trail_ends_with_status_1_and_names_the_entry(written: Services, run: Run) -> None:
    run("audit", "seal")
    entry = written.stores.audit._entries.many({"action": "user.suspend"})[0]
    written.stores.audit._entries.update({"_id": entry["_id"]}, {"$set": {"subject": "user:u2"}})
    answer = run("audit", "verify", "--json")
    told = json.loads(answer.output)
    assert (answer.exit_code, told["ok"]) == (1, False)
    assert told["problems"] == [{"kind": "entry_changed", "chunk": 1, "entry": entry["_id"]}]


def test_whose_data_was_seen_is_written_as_csv(written: Services, run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("audit", "disclosures", "--actor", "meera").output)))
    assert [(row["contact_id"], row["actor"], row["address"]) for row in rows] == [
        ("c1", "meera", "10.0.0.1"),
        ("c2", "meera", "10.0.0.1"),
    ]
    assert run("audit", "disclosures", "--from", "2001-01-01", "--to", "2001-01-02").output.count("\n") == 1


def test_entries_are_written_as_csv_and_that_they_were_is_noted(written: Services, run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("audit", "export", "--action", "user.suspend").output)))
    assert [row["subject"] for row in rows] == ["user:u1"]
    again = list(csv.DictReader(io.StringIO(run("audit", "export", "--action", "audit.export").output)))
    # The present one may stand in its own file, when the clock still shows the same millisecond.
    assert [(row["action"], row["subject"]) for row in again[:1]] == [("audit.export", "database")]
