"""Phones upload while API and worker are killed under them: what was acknowledged is there once, and figures agree."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from api.factory import create_app
from config.settings import Settings
from services.container import build_services
from services.domain.ids import new_id
from services.facade import Services
from services.store.collection import open_client
from tests.factories import Person, make_person
from tests.faults.processes import Program, descendants, eventually, running
from tests.fieldwork import Work, make_work

PHONES = 4
ITEMS = 30
AT_ONCE = 3
PATIENCE = 90


@pytest.fixture
def settings(base_settings: Settings, mongodb_uri: str) -> Iterator[Settings]:
    """A database of this test's own on the server of this test process: it is not what is killed here."""
    name = f"sampark_killed_{new_id()}"
    yield replace(base_settings, mongodb_uri=mongodb_uri, mongodb_database=name)
    with open_client(mongodb_uri) as client:
        client.drop_database(name)


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    with open_client(settings.mongodb_uri or "") as client:
        services = build_services(settings, client=client)
        services.upkeep.prepare()
        yield services


@dataclass
class Phone:
    """Tells of every item twice, some at a time, and each time again until there is a receipt."""

    person: Person
    told: list[dict[str, Any]]
    port: int
    receipts: dict[str, str] = field(default_factory=dict)
    repeats: int = 0

    def work(self) -> None:
        for start in range(0, len(self.told), AT_ONCE):
            self._upload(self.told[start : start + AT_ONCE])

    def _upload(self, outcomes: list[dict[str, Any]]) -> None:
        deadline = time.monotonic() + PATIENCE
        while (receipts := self._try(outcomes)) is None:
            assert time.monotonic() < deadline, "the API did not come back"
            self.repeats += 1
            time.sleep(0.05)
        self.receipts |= {receipt["id"]: receipt["status"] for receipt in receipts}

    def _try(self, outcomes: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        headers = {**self.person.headers, "Content-Type": "application/json"}
        try:
            connection.request("POST", "/api/v1/me/outcomes", json.dumps({"outcomes": outcomes}), headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if answer.status == http.HTTPStatus.OK:
            return list(json.loads(body)["receipts"])
        assert answer.status in {429, 503}, body
        return None


class Installation:
    """`sampark serve` on one port, started again whenever it has gone."""

    def __init__(self, settings: Settings, port: int, place: Path, stack: ExitStack) -> None:
        self._environment = {
            "SAMPARK_MONGODB_URI": settings.mongodb_uri or "",
            "SAMPARK_MONGODB_DATABASE": settings.mongodb_database,
            "SAMPARK_PORT": str(port),
            "SAMPARK_API_PROCESSES": "2",
            "SAMPARK_LOG_LEVEL": "ERROR",
        }
        self._place, self._stack, self._starts = place, stack, 0
        self.program = self._start()

    def kill_an_api_process(self) -> None:
        """Kill one of gunicorn's workers; gunicorn starts another."""
        os.kill(next(iter(descendants(self._child("gunicorn")))), signal.SIGKILL)

    def kill_the_api(self) -> None:
        self._kill("gunicorn")

    def kill_the_worker(self) -> None:
        self._kill("api.cli worker")

    def run(self, *arguments: str) -> int:
        """Run another of our commands on the same database and return its exit status."""
        self._starts += 1
        with running(
            "-m", "api.cli", *arguments, place=self._place / str(self._starts), **self._environment
        ) as program:
            return program.process.wait(30)

    def _kill(self, name: str) -> None:
        """Kill one of the programs; the others end by themselves, and all is started again."""
        os.kill(self._child(name), signal.SIGKILL)
        self.program.process.wait(15)
        self.program = self._start()

    def _child(self, name: str) -> int:
        return next(pid for pid, command in descendants(self.program.process.pid).items() if name in command)

    def _start(self) -> Program:
        self._starts += 1
        program = self._stack.enter_context(
            running("-m", "api.cli", "serve", place=self._place / str(self._starts), **self._environment)
        )
        program.wait_for_line("ready ")
        return program


def tell_all(work: Work) -> list[dict[str, Any]]:
    """Return two outcomes of each item: an attempt, and what corrects it or comes after it."""
    told = []
    for number in range(ITEMS):
        first = work.told(number, disposition="busy")
        last = ("do_not_contact", "contacted", "no_answer")[number % 3]
        told += [first, work.told(number, disposition=last, corrects=first["id"] if number % 2 else None)]
    return told


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def make_phones(settings: Settings, services: Services, port: int) -> list[Phone]:
    app = create_app(settings, services)
    headquarters = make_person(app, role="hq_admin")
    people = [make_person(app, role="volunteer") for _ in range(PHONES)]
    works = [make_work(services, headquarters=headquarters, holder=one, people=ITEMS) for one in people]
    return [Phone(person, tell_all(work), port) for person, work in zip(people, works, strict=True)]


def kill_as_they_work(phones: list[Phone], kills: list[Callable[[], None]]) -> None:
    """Let the phones work, and kill whenever they have got one step further; return when all have their receipts."""
    threads = [threading.Thread(target=phone.work) for phone in phones]
    for thread in threads:
        thread.start()
    all_told = sum(len(phone.told) for phone in phones)
    for number, kill in enumerate(kills, start=1):
        enough = all_told * number // (len(kills) + 1)
        eventually(lambda enough=enough: sum(len(phone.receipts) for phone in phones) >= enough, seconds=PATIENCE)
        kill()
    for thread in threads:
        thread.join(PATIENCE)


@pytest.mark.timeout(240)
def test_what_was_acknowledged_is_there_once_and_counted_once(
    settings: Settings, services: Services, tmp_path: Path
) -> None:
    phones = make_phones(settings, services, port := free_port())
    with ExitStack() as stack:
        installation = Installation(settings, port, tmp_path, stack)
        kill_as_they_work(
            phones,
            [
                installation.kill_an_api_process,
                installation.kill_the_worker,
                installation.kill_an_api_process,
                installation.kill_the_api,
            ],
        )
        assert installation.program.end(signal.SIGTERM) == 0
        assert installation.run("worker", "--once") == 0
        assert installation.run("reconcile") == 0
    told = {one["id"]: one for phone in phones for one in phone.told}
    receipts = {key: status for phone in phones for key, status in phone.receipts.items()}
    assert set(receipts.values()) <= {"stored", "duplicate"}
    assert sum(phone.repeats for phone in phones) > 0, "no kill was noticed by any phone"
    assert receipts.keys() == told.keys() == {one["_id"] for one in services.stores.outcomes.walk({})}
    assert list(services.stores.outcomes.list_pending()) == []
    refused = {one["_id"] for one in services.stores.outcomes.walk({"disposition": "do_not_contact"})}
    asked = {one["address"] for one in services.stores.outcomes.walk({}) if one["_id"] in refused}
    assert services.suppressions.suppressed(asked) == asked
