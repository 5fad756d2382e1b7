"""Installations to measure: one of real processes, one inside this process whose database commands are noted."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pymongo import MongoClient
from pymongo.monitoring import CommandListener
from werkzeug.serving import WSGIRequestHandler, make_server

from api.cli.installation import running
from api.factory import create_app
from config.logging import configure
from config.settings import load_settings
from services.container import build_services
from services.domain.ids import new_id
from services.facade import Services
from services.gateways.clock import Clock
from services.operations.database import open_database
from services.store.collection import open_client
from services.worker import Worker

Document = dict[str, Any]
_MORNING = time(4, 45, tzinfo=UTC)


@dataclass(frozen=True)
class Grounds:
    """A running installation."""

    url: str
    uri: str
    database: str
    engine: str


class Commands(CommandListener):
    """Notes what goes to the database while it is told to."""

    def __init__(self) -> None:
        self._noted: list[tuple[str, Document]] | None = None

    @contextmanager
    def noted(self) -> Iterator[list[tuple[str, Document]]]:
        """Give the list that fills with (name, command) of the block."""
        found: list[tuple[str, Document]] = []
        self._noted = found
        try:
            yield found
        finally:
            self._noted = None

    def started(self, event: Any) -> None:
        """Note the command."""
        if self._noted is not None:
            self._noted.append((event.command_name, dict(event.command)))

    def succeeded(self, event: Any) -> None:
        """Nothing to note."""

    def failed(self, event: Any) -> None:
        """Nothing to note."""


@dataclass
class Watched:
    """An installation inside this process; its worker runs only while it is told to."""

    grounds: Grounds
    services: Services
    commands: Commands = field(default_factory=Commands)

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Let the worker run for the time of the block."""
        loop = Worker(self.services.worker_steps)
        thread = threading.Thread(target=loop.run, name="worker")
        thread.start()
        try:
            yield
        finally:
            loop.stop()
            thread.join()

    def settle(self) -> None:
        """Let the worker do all that is due."""
        Worker(self.services.worker_steps).run_once()


class _Quiet(WSGIRequestHandler):
    """Keeps the connection, as gunicorn does, and writes no line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[Grounds]:
    """Run API and worker as `sampark serve` does, on a database of their own."""
    with _environment(), running(load_settings()) as installation:
        database = installation.database
        yield Grounds(installation.url, database.uri, os.environ["SAMPARK_MONGODB_DATABASE"], _engine(database.line))


@contextmanager
def watched(*, uri: str | None = None) -> Iterator[Watched]:
    """Run the API in this process, on a database of its own; on the server at `uri` if one is given."""
    with _environment(uri=uri):
        settings = load_settings()
        configure(settings.log_level)
        with open_database(settings, guest_allowed=False) as database:
            ahead = datetime.combine(datetime.now(UTC) + timedelta(days=1), _MORNING) - datetime.now(UTC)
            commands = Commands()
            client = open_client(database.uri, listeners=[commands])
            # The development clock reads its offset from the database; production's reads nothing.
            services = build_services(settings, client=client, clock=Clock(lambda: ahead))
            services.upkeep.prepare()
            app = create_app(settings, services)
            server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
            thread = threading.Thread(target=server.serve_forever, name="api")
            thread.start()
            try:
                url = f"http://127.0.0.1:{server.port}"
                grounds = Grounds(url, database.uri, settings.mongodb_database, _engine(database.line))
                yield Watched(grounds, services, commands)
            finally:
                server.shutdown()
                thread.join()
                client.close()


@contextmanager
def raw(grounds: Grounds) -> Iterator[MongoClient[Document]]:
    """Give pymongo itself, with the durability that the product asks for."""
    with MongoClient[Document](grounds.uri, tz_aware=True, w="majority", journal=True) as client:
        yield client


@contextmanager
def _environment(*, uri: str | None = None) -> Iterator[None]:
    """Describe a fresh installation to ourselves and to the commands that are run on it."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="sampark-bench-") as directory:
        os.environ |= {
            # Cheap passwords: hashing them is not what is measured.
            "SAMPARK_ENV": "test",
            "SAMPARK_PORT": "0",
            "SAMPARK_DATA_DIR": directory,
            "SAMPARK_MONGODB_DATABASE": f"sampark_bench_{new_id()}",
            "SAMPARK_CLOCK": datetime.combine(datetime.now(UTC) + timedelta(days=1), _MORNING).isoformat(),
            "SAMPARK_LOG_LEVEL": "WARNING",
            "SAMPARK_TRUSTED_PROXIES": "1",
        } | ({"SAMPARK_MONGODB_URI": uri} if uri else {})
        try:
            yield
            _forget()
        finally:
            os.environ.clear()
            os.environ.update(before)


def _forget() -> None:
    """Drop the database where it lies on a server that goes on."""
    if uri := os.environ.get("SAMPARK_MONGODB_URI"):
        with MongoClient[Document](uri) as client:
            client.drop_database(os.environ["SAMPARK_MONGODB_DATABASE"])


def _engine(line: str) -> str:
    return line.removeprefix("database: ").split(",")[0]
