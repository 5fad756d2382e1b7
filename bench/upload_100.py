"""`upload_100`: a phone that was offline brings a hundred outcomes in one body, alone and beside 15 others.

Goal: under a second on a phone's line when it is alone.
"""

from __future__ import annotations

from functools import partial

from .grounds import served
from .table import Table
from .timing import timed
from .world import attempts, build, fill

GOAL = "5,000 outcomes/s; alone: median under 300 ms"
_CONTACTS = 10_000
_CLIENTS = 16
_ALONE = 4
_HUNDRED = 100


def run() -> Table:
    """Measure."""
    with served() as grounds:
        world = build(grounds.url, volunteers=_CLIENTS + _ALONE)
        fill(world, contacts=_CONTACTS, size=_HUNDRED)
        rows = []
        for phones, clients in ((world.phones[_CLIENTS:], 1), (world.phones[:_CLIENTS], _CLIENTS)):
            uploads = []
            for phone in phones:
                outcomes = attempts(phone, world.open_batch(phone), seed=phone.installation_id)
                uploads.append(partial(phone.send, outcomes))
            timing = timed([uploads] if clients == 1 else [[upload] for upload in uploads])
            rows.append((clients, timing.rate, timing.rate * _HUNDRED, timing.median_ms, timing.p95_ms))
        columns = ("clients", "uploads/s", "outcomes/s", "median ms", "p95 ms")
        return Table("Uploads of 100 outcomes", GOAL, grounds.engine, columns, rows)
