"""The application on a real server, a clock that stands still, and the people whom tests name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database
from pymongo.monitoring import CommandListener
from werkzeug.test import TestResponse

from api.factory import create_app
from api.streams import Streams
from config.places import load_places
from config.settings import Settings
from services.container import build_services
from services.domain.areas import build_tree
from services.facade import Services
from services.gateways.clock import FrozenClock
from services.store.collection import open_client
from tests.api.watch import Watch
from tests.factories import Person, make_person

MORNING = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # a Monday, 10:30 in Jaipur
# What an installation has before anybody works with it: it stays from test to test.
_LASTING = {"areas", "vault", "migrations"}


class Commands(CommandListener):
    """Notes the name of every command that goes to the database."""

    counting = 0

    def __init__(self) -> None:
        self.names: list[str] = []
        self.whole: list[tuple[str, dict[str, Any]]] | None = None

    def started(self, event: Any) -> None:
        self.names.append(event.command_name)
        if self.whole is not None:
            self.whole.append((event.command_name, dict(event.command)))

    def succeeded(self, event: Any) -> None:
        """Nothing to note."""

    def failed(self, event: Any) -> None:
        """Nothing to note."""

    @contextmanager
    def noted(self) -> Iterator[list[str]]:
        """Give the list that fills with the commands of the block."""
        before = self.names
        self.names = []
        Commands.counting += 1
        try:
            yield self.names
        finally:
            self.names = before
            Commands.counting -= 1


class Api:
    """The routes below /api/v1, asked by a person or by nobody; every answer is held against its route's promise."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()
        self._watch = Watch(app)

    def get(self, path: str, actor: Person | None = None, **options: Any) -> TestResponse:
        return self.ask("GET", path, actor, **options)

    def post(self, path: str, body: Any = None, actor: Person | None = None, **options: Any) -> TestResponse:
        return self.ask("POST", path, actor, body=body, **options)

    def put(self, path: str, body: Any = None, actor: Person | None = None, **options: Any) -> TestResponse:
        return self.ask("PUT", path, actor, body=body, **options)

    def patch(self, path: str, body: Any = None, actor: Person | None = None, **options: Any) -> TestResponse:
        return self.ask("PATCH", path, actor, body=body, **options)

    def delete(self, path: str, actor: Person | None = None, **options: Any) -> TestResponse:
        return self.ask("DELETE", path, actor, **options)

    def ask(
        self,
        method: str,
        path: str,
        actor: Person | None = None,
        *,
        body: Any = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """Send one request; `options` go to werkzeug's client (`query_string`, `data`, …)."""
        sent = dict(actor.headers) if actor else {}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            options["json"] = body
        url = path if path.startswith(("/health", "/metrics")) else f"/api/v1{path}"
        sent.update(headers or {})

        def send(more: Mapping[str, str]) -> TestResponse:
            return self._client.open(url, method=method, headers={**sent, **more}, **options)

        # A form's files can be sent once; trips to the database are counted for the request that the test means.
        quiet = "data" in options or Commands.counting > 0
        return self._watch.over(method, url, send, sent, quiet=quiet)


@pytest.fixture(scope="session")
def commands() -> Commands:
    return Commands()


@pytest.fixture(scope="session")
def settings(base_settings: Settings, mongodb_uri: str, database_name: str) -> Settings:
    return replace(base_settings, mongodb_uri=mongodb_uri, mongodb_database=database_name, log_level="WARNING")


@pytest.fixture(scope="session")
def _standing_clock() -> FrozenClock:
    return FrozenClock(MORNING)


@pytest.fixture(scope="session")
def _standing_app(settings: Settings, _standing_clock: FrozenClock, commands: Commands) -> Iterator[Flask]:
    client = open_client(settings.mongodb_uri or "", listeners=[commands])
    services = build_services(settings, client=client, clock=_standing_clock)
    services.stores.ensure_indexes()
    services.stores.areas.load(build_tree(load_places()))
    app = create_app(settings, services)
    # A stream tells what there is and ends: whoever reads an answer whole would wait for its end.
    app.extensions["streams"] = Streams(most=2, seconds=0)
    with open_client(settings.mongodb_uri or "", pool_size=1) as own:
        # Commands that go here are nobody's to count.
        app.extensions["tests_own_line"] = own[settings.mongodb_database]
        yield app
    client.drop_database(settings.mongodb_database)
    client.close()


@pytest.fixture
def clock(_standing_clock: FrozenClock) -> FrozenClock:
    """The product's clock; it stands at MORNING until a test moves it."""
    _standing_clock.set(MORNING)
    return _standing_clock


@pytest.fixture
def app(_standing_app: Flask, clock: FrozenClock) -> Flask:
    """The application over a database that has its places and nothing else."""
    database: Database[dict[str, Any]] = _standing_app.extensions["tests_own_line"]
    for name in database.list_collection_names():
        if name == "controls":
            database[name].delete_many({"_id": {"$ne": "areas-loaded"}})
        elif name not in _LASTING:
            database[name].delete_many({})
    return _standing_app


@pytest.fixture(autouse=True)
def figures_equal_a_recount(request: pytest.FixtureRequest) -> Iterator[None]:
    """Recount after every test in which something was told; unless it is marked `no_recount`."""
    yield
    if "app" not in request.fixturenames or request.node.get_closest_marker("no_recount"):
        return
    found: Services = request.getfixturevalue("_standing_app").extensions["sampark"]
    if found.stores.outcomes.campaigns():
        while found.projecting.run():
            pass
        assert found.reconciling.run() == []


@pytest.fixture
def services(app: Flask) -> Services:
    found: Services = app.extensions["sampark"]
    return found


@pytest.fixture
def api(app: Flask) -> Api:
    return Api(app)


@pytest.fixture
def person(app: Flask) -> Callable[..., Person]:
    """Make somebody with the facts that matter to a test, already signed in."""
    return lambda **facts: make_person(app, **facts)


@pytest.fixture
def headquarters(app: Flask) -> Person:
    return make_person(app, role="hq_admin", name="Meera Joshi")


@pytest.fixture
def second_headquarters(app: Flask) -> Person:
    return make_person(app, role="hq_admin", name="Kailash Purohit")


@pytest.fixture
def coordinator_of_churu(app: Flask) -> Person:
    return make_person(app, role="coordinator", home_area="rj-churu", name="Ramesh Saini")


@pytest.fixture
def coordinator_of_bhilwara(app: Flask) -> Person:
    return make_person(app, role="coordinator", home_area="rj-bhilwara", name="Sunita Jat")


@pytest.fixture
def volunteer_of_churu(app: Flask) -> Person:
    return make_person(app, role="volunteer", home_area="rj-churu", name="सीता देवी")


@pytest.fixture
def volunteer_of_bhilwara(app: Flask) -> Person:
    return make_person(app, role="volunteer", home_area="rj-bhilwara", name="Mohan Lal")


@pytest.fixture
def observer(app: Flask) -> Person:
    return make_person(app, role="observer", name="Vijay Mathur")


@pytest.fixture
def expert(app: Flask) -> Person:
    return make_person(app, role="expert", name="Leela Nair")
