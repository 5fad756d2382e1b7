"""`one_outcome`: outcomes per second, each in a request of its own, beside pymongo doing the very same writes.

The writes are taken from the API itself: the commands that it sends for each outcome are noted and then replayed, on a
copy of the same collections on the same server, by nothing but pymongo. Goal: with one client at least half of what
pymongo does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from bench.fleet.connection import Json
from bench.fleet.phone import Phone

from .again import copy_indexes
from .grounds import Document, Grounds, Watched, raw, served, watched
from .table import Table
from .timing import Timing, timed
from .world import World, attempts, build, fill

GOAL = "with one client at least 0.5 of raw pymongo, and 332/s; with 16 clients 464/s"
_CONTACTS = 10_000
_CLIENTS = 16
# One client goes through so many phones' batches after each other, so that the time is long enough to mean something.
_IN_TURN = 8
# As many as a volunteer is given where nobody says otherwise.
_SIZE = 25
_WRITES = ("insert", "update", "findAndModify", "delete")
# What names the session and the server's time belongs to the connection, not to the write.
_OF_THE_LINE = ("lsid", "$db", "$clusterTime", "txnNumber", "$readPreference")
Script = list[tuple[str, Document]]


def run() -> Table:
    """Measure."""
    rows = []
    with served() as grounds:
        world = build(grounds.url, volunteers=_IN_TURN + _CLIENTS)
        fill(world, contacts=_CONTACTS, size=_SIZE)
        by_api = {clients: _through_api(world, clients) for clients in (1, _CLIENTS)}
        with watched(uri=grounds.uri) as installation:
            by_hand, writes = _by_hand(installation)
        for clients in (1, _CLIENTS):
            api, hand = by_api[clients], by_hand[clients]
            rows.append((clients, api.rate, api.median_ms, api.p99_ms, hand.rate, hand.median_ms, api.rate / hand.rate))
        columns = ("clients", "API/s", "median ms", "p99 ms", "pymongo/s", "median ms", "ratio")
        title = "One outcome a request, and the same writes by pymongo"
        return Table(title, GOAL, grounds.engine, columns, rows, (f"writes per outcome: {writes}",))


def _through_api(world: World, clients: int) -> Timing:
    """Send each phone's outcomes by a client of its own, or all of them by one."""
    phones = world.phones[:_IN_TURN] if clients == 1 else world.phones[_IN_TURN:]
    work = [[partial(phone.send_one, outcome) for outcome in _outcomes(world, phone)] for phone in phones]
    return timed([list(chain(*work))] if clients == 1 else work)


def _outcomes(world: World, phone: Phone) -> list[Json]:
    return attempts(phone, world.open_batch(phone), seed=phone.installation_id)


def _by_hand(installation: Watched) -> tuple[dict[int, Timing], str]:
    """Note what the API writes for each of sixteen phones' outcomes, then write it again without the API."""
    grounds = installation.grounds
    with installation.worker():
        world = build(grounds.url, volunteers=_CLIENTS)
        fill(world, contacts=_CONTACTS, size=_SIZE)
        told = {phone.installation_id: _outcomes(world, phone) for phone in world.phones}
    with raw(grounds) as client:
        before = _Copy(client, grounds)
        scripts = [[_noted(installation, phone, one) for one in told[phone.installation_id]] for phone in world.phones]
        first = " ".join(f"{name} {command[name]}" for name, command in scripts[0][0])
        found = {}
        for clients, work in ((1, [[one for script in scripts for one in script]]), (_CLIENTS, scripts)):
            with before.laid_out(scripts) as database:
                found[clients] = timed([[partial(_replay, database, one) for one in script] for script in work])
        return found, first


def _noted(installation: Watched, phone: Phone, outcome: Json) -> Script:
    with installation.commands.noted() as noted:
        phone.send_one(outcome)
    return [
        (name, {key: value for key, value in command.items() if key not in _OF_THE_LINE})
        for name, command in noted
        if name in _WRITES
    ]


def _replay(database: Database[Document], script: Script) -> None:
    for _, command in script:
        database.command(command)


class _Copy:
    """The collections as they were before the outcomes."""

    def __init__(self, client: MongoClient[Document], grounds: Grounds) -> None:
        self._client = client
        self._source = grounds.database
        names = client[grounds.database].list_collection_names()
        self._documents: dict[str, list[Any]] = {name: list(client[grounds.database][name].find()) for name in names}

    def laid_out(self, scripts: Sequence[Sequence[Script]]) -> _LaidOut:
        """Give a database that holds what the scripts write to, as it was."""
        touched = {command[name] for script in scripts for one in script for name, command in one}
        return _LaidOut(self._client, self._source, {name: self._documents.get(name, []) for name in touched})


class _LaidOut:
    """A database for the time of a block."""

    def __init__(self, client: MongoClient[Document], source: str, documents: dict[str, list[Any]]) -> None:
        self._client = client
        self._source = source
        self._documents = documents

    def __enter__(self) -> Database[Document]:
        """Write the documents, with their indexes."""
        database = self._client[f"{self._source}_raw"]
        for name, documents in self._documents.items():
            copy_indexes(self._client, self._source, database.name, name)
            for start in range(0, len(documents), 1000):
                database[name].insert_many(documents[start : start + 1000], ordered=False)
        return database

    def __exit__(self, *_: object) -> None:
        """Drop it."""
        self._client.drop_database(f"{self._source}_raw")
