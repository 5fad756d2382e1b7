"""An installation's backup put back elsewhere goes on where it was; the command line says what became of it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pymongo import MongoClient

from config.settings import Settings
from services.container import build_services
from services.domain.ids import new_id
from services.facade import Services
from services.store.collection import Document, open_client
from tests.api.conftest import Api
from tests.factories import Person
from tests.fieldwork import Work, make_work

ROOT = Path(__file__).parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def client(settings: Settings) -> Iterator[MongoClient[Document]]:
    with open_client(settings.mongodb_uri or "") as client:
        yield client


@pytest.fixture
def elsewhere(settings: Settings, client: MongoClient[Document]) -> Iterator[Settings]:
    """An empty database on the same server."""
    name = f"sampark_restored_{new_id()}"
    yield replace(settings, mongodb_database=name)
    client.drop_database(name)


@pytest.fixture
def run(settings: Settings) -> Run:
    """Run `sampark …` on the database that the settings name."""

    def sampark(*arguments: str, on: Settings = settings) -> subprocess.CompletedProcess[str]:
        named = {"ENV": "test", "MONGODB_URI": on.mongodb_uri, "MONGODB_DATABASE": on.mongodb_database}
        environment = os.environ | {f"SAMPARK_{name}": str(value) for name, value in named.items()}
        command = [sys.executable, "-m", "api.cli", *arguments]
        return subprocess.run(command, env=environment, cwd=ROOT, text=True, capture_output=True, check=False)

    return sampark


@pytest.fixture
def worked_on(api: Api, services: Services, headquarters: Person, volunteer_of_churu: Person) -> Work:
    """A batch with one result and one opt-out."""
    work = make_work(services, headquarters=headquarters, holder=volunteer_of_churu)
    told = [work.told(0), work.told(1, disposition="do_not_contact")]
    api.post("/me/outcomes", {"outcomes": told}, volunteer_of_churu)
    while services.projecting.run():
        pass
    return work


def test_restored_installation_recounts_clean(
    run: Run, worked_on: Work, elsewhere: Settings, client: MongoClient[Document], tmp_path: Path
) -> None:
    written = run("backup", str(tmp_path / "backup"), "--json")
    assert written.returncode == 0, written.stderr
    done = run("restore", str(tmp_path / "backup"), "--json", on=elsewhere)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["collections"] == json.loads(written.stdout)["collections"]
    restored = build_services(elsewhere, client=client)
    assert restored.reconciling.run() == []
    user_id = worked_on.batch()["assignee"]
    assert restored.stores.users.get(user_id).name == "सीता देवी"
    address = worked_on.items[1]["address"]
    assert restored.suppressions.suppressed([address]) == {address}


def test_restore_over_an_installation_is_refused_in_one_line(
    run: Run, services: Services, tmp_path: Path, headquarters: Person
) -> None:
    run("backup", str(tmp_path / "backup"))
    refused = run("restore", str(tmp_path / "backup"))
    assert refused.returncode == 1
    assert refused.stderr.startswith("sampark: the database sampark_test_")
    assert refused.stderr.count("\n") == 1
    assert services.stores.users.get(headquarters.id).name == "Meera Joshi"


def test_personal_data_are_not_readable_in_the_file(
    run: Run, services: Services, tmp_path: Path, volunteer_of_churu: Person
) -> None:
    run("backup", str(tmp_path / "backup"))
    plain = gzip.decompress((tmp_path / "backup").read_bytes()[64 * 1024 :])
    assert volunteer_of_churu.id.encode() in plain
    assert "सीता".encode() not in plain
    assert volunteer_of_churu.user.phone.encode() not in plain


def test_missing_file_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    assert run("restore", str(tmp_path / "none")).returncode == 2
    assert run("backup").returncode == 2


def test_folder_that_is_not_there_is_told_in_one_line(run: Run, services: Services, tmp_path: Path) -> None:
    refused = run("backup", str(tmp_path / "none" / "backup"))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "cannot write in" in refused.stderr


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_help_says_that_the_keys_are_needed(run: Run, command: str) -> None:
    assert "SAMPARK_FIELD_KEYS" in run(command, "--help").stdout
