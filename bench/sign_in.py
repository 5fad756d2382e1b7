"""`sign_in`: what a password check costs at argon2's chosen cost, a login, a refresh, and knowing who asks.

Times are of one client against the API's own process. An authorised GET is the same view declared twice, once open and
once with a verb, so that the difference is what asking who is there costs; beside it stands the one read that it does,
by nothing but pymongo. On a machine that does other things the processor's time says more than the clock.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import requests
from argon2 import PasswordHasher
from flask import Flask

from api.factory import create_app
from api.limits import PUBLIC
from api.operations import Resource
from services.domain.people.actor import Actor
from services.people.passwords import MEMORY_KIB, PASSES

from .grounds import Watched, raw, watched
from .table import Table
from .timing import timed

GOAL = "an authorised GET costs at most 1 ms and one round trip more than an open one"
_TIMES = 300
_HASHES = 20
_PASSWORD = "seven tall lamps at dusk"  # noqa: S105 - of a made-up person
_PHONE = "+919800000001"
# OWASP's first, second and last configuration, and RFC 9106's second.
# As many checks at once as the API has threads by default.
_AT_ONCE = 16
_COSTS = ((47_104, 1), (19_456, 2), (7_168, 5), (65_536, 3))


Row = tuple[str, float, float, float, int]


def run() -> Table:
    """Measure."""
    rows: list[Row] = []
    with watched() as installation:
        services = installation.services
        services.roster.create_headquarters(phone=_PHONE, name="Bench", password=_PASSWORD)
        tokens = _login(installation)
        refresh = _Refreshing(installation, tokens["refresh_token"])
        rows += [
            _row("login (argon2 at its cheapest)", installation, partial(_login, installation)),
            _row("refresh", installation, refresh),
            *_gets(installation, tokens["access_token"]),
        ]
        nobody, known, hand = rows[-3:]
        more = known[1] - nobody[1]
        said = f"knowing who asks: {more:.2f} ms and {known[4] - nobody[4]} round trip(s) more"
        of_it = f"of which {known[3] - nobody[3]:.2f} ms of processor; {more / hand[1]:.1f} times the read by pymongo"
        notes = [said, of_it, *_costs()]
        columns = ("request", "median ms", "p95 ms", "processor ms", "round trips")
        return Table("Signing in, and knowing who asks", GOAL, installation.grounds.engine, columns, rows, notes)


def _row(name: str, installation: Watched, do: Callable[[], object]) -> Row:
    do()
    with installation.commands.noted() as noted:
        do()
    began = time.process_time()
    timing = timed([[do] * _TIMES])
    processor_ms = (time.process_time() - began) * 1000 / _TIMES
    return name, timing.median_ms, timing.p95_ms, processor_ms, len(noted)


def _login(installation: Watched) -> dict[str, str]:
    return _post(installation, "/auth/login", json={"phone": _PHONE, "password": _PASSWORD})


class _Refreshing:
    """Uses each refresh token once, as a phone does."""

    def __init__(self, installation: Watched, token: str) -> None:
        self._installation = installation
        self._token = token

    def __call__(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        self._token = _post(self._installation, "/auth/refresh", headers=headers)["refresh_token"]


def _post(installation: Watched, path: str, **options: object) -> dict[str, str]:
    answer = _LINE.post(f"{installation.grounds.url}/api/v1{path}", timeout=30, **options)  # type: ignore[arg-type]
    answer.raise_for_status()
    found: dict[str, str] = answer.json()
    return found


_LINE = requests.Session()


def _gets(installation: Watched, token: str) -> list[Row]:
    """Ask an open and an authorised route that do nothing, without a network between."""
    client = _bare_app(installation).test_client()
    headers = {"Authorization": f"Bearer {token}"}

    def ask(path: str) -> None:
        answer = client.get(f"/bench/{path}", headers=headers)
        if answer.status_code != 204:
            raise RuntimeError(answer.get_data(as_text=True))

    with raw(installation.grounds) as line:
        users = line[installation.grounds.database]["users"]
        [user_id] = [found["_id"] for found in users.find({}, {"_id": 1}).limit(1)]
        return [
            _row("open GET, in process", installation, partial(ask, "open")),
            _row("authorised GET, in process", installation, partial(ask, "known")),
            _row("the same read by pymongo", installation, lambda: users.find_one({"_id": user_id}, {"role": 1})),
        ]


def _bare_app(installation: Watched) -> Flask:
    app = create_app(installation.services.settings, installation.services)
    resource = Resource("bench", __name__, url_prefix="/bench")

    @resource.operation("GET", "/open", verb=PUBLIC, status=204)
    def get_open() -> None:
        """Do nothing for anybody."""

    @resource.operation("GET", "/known", verb="users.read", status=204)
    def get_known(actor: Actor) -> None:
        """Do nothing for somebody."""

    app.register_blueprint(resource)
    return app


def _costs() -> list[str]:
    """Return a line for each cost of argon2id: the processor time of a check, and what the threads hold together."""
    lines = []
    for memory_kib, passes in _COSTS:
        hasher = PasswordHasher(memory_cost=memory_kib, time_cost=passes, parallelism=1)
        encoded = hasher.hash(_PASSWORD)
        took = []
        for _ in range(_HASHES):
            began = time.process_time()
            hasher.verify(encoded, _PASSWORD)
            took.append((time.process_time() - began) * 1000)
        chosen = "  <- chosen" if (memory_kib, passes) == (MEMORY_KIB, PASSES) else ""
        cost = f"argon2id {memory_kib / 1024:.0f} MiB, {passes} pass(es)"
        held = memory_kib * _AT_ONCE / 1024
        lines.append(f"{cost}: {statistics.median(took):.0f} ms, {_AT_ONCE} at once hold {held:.0f} MiB{chosen}")
    return lines
