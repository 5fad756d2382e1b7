"""A worker that is killed while it sends: nothing is lost, and what is sent twice carries the same push id."""

from __future__ import annotations

import random
import signal
from collections import defaultdict

from services.domain.people.actor import Actor
from services.store.people.devices import device_id
from tests.api.conftest import (  # noqa: F401 - pytest finds fixtures by the module they stand in
    MORNING,
    _standing_app,
    _standing_clock,
    app,
    clock,
    commands,
    services,
    settings,
    volunteer_of_churu,
)
from tests.contracts.phones import free_task
from tests.fcm.server import running as running_double

from .processes import eventually, running

_PHONES = 1200
_HEADQUARTERS = Actor(user_id="hq", role="hq_admin", session_id="s")


def test_worker_killed_while_sending_loses_nothing(services, settings, volunteer_of_churu, tmp_path):  # noqa: F811
    targets = bind_many(services, volunteer_of_churu.id)
    free_task(services, services.phones, _HEADQUARTERS, priority="high")
    with running_double() as double:
        environment = {
            "SAMPARK_MONGODB_URI": settings.mongodb_uri,
            "SAMPARK_MONGODB_DATABASE": settings.mongodb_database,
            "SAMPARK_FIREBASE_CREDENTIALS": str(double.write_credentials(tmp_path)),
            "SAMPARK_FCM_URL": double.url,
            "SAMPARK_CLOCK": MORNING.isoformat(),
        }
        for round_number in range(4):
            enough = len(double.log()) + random.Random(round_number).randrange(40, 200)
            with running("-m", "tests.faults.sender", place=tmp_path / str(round_number), **environment) as worker:
                worker.wait_for_line("sending")
                eventually(lambda: len(double.log()) >= enough or not waiting(services), seconds=30)  # noqa: B023
                worker.end(signal.SIGKILL)
        with running("-m", "tests.faults.sender", place=tmp_path / "last", **environment):
            eventually(lambda: not waiting(services), seconds=30)
        # A request that the kill cut off in its middle is refused.
        log = [entry for entry in double.log() if entry["accepted"]]

    push_ids = defaultdict(set)
    for entry in log:
        push_ids[entry["target"]].add(entry["data"]["push_id"])
    assert set(push_ids) == targets
    assert {len(ids) for ids in push_ids.values()} == {1}
    assert len(log) < 2 * _PHONES
    cell = rows(services)[0]["cell"]
    assert services.stores.outbox.count_by_state([cell])[cell] == {"accepted": _PHONES}


def bind_many(services, user_id):  # noqa: F811
    """Bind many phones to one person and return their targets."""
    store = services.stores.devices
    devices = [
        {
            "_id": device_id(user_id, f"phone-{number}"),
            "user_id": user_id,
            "installation_id": f"phone-{number}",
            **store.sealed(device_id(user_id, f"phone-{number}"), {"kind": "token", "value": f"t-{number}"}),
            "platform": "android",
            "app_version": "1",
            "locale": "hi",
            "last_seen_at": MORNING,
        }
        for number in range(_PHONES)
    ]
    store._devices.insert_new(devices)
    return {f"t-{number}" for number in range(_PHONES)}


def waiting(services):  # noqa: F811
    return [row for row in rows(services) if row["state"] == "waiting"]


def rows(services):  # noqa: F811
    return services.stores.outbox._rows.many({}, fields=["state", "cell"])
