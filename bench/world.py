"""What benchmarks measure on: a campaign with contacts, volunteers on their phones, batches in the pool."""

from __future__ import annotations

import random
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.fleet.cast import Cast, enrol_everybody, headquarters
from bench.fleet.connection import Json
from bench.fleet.ledger import Ledger
from bench.fleet.phone import Phone
from bench.fleet.sheet import Sheet, generate
from bench.fleet.stage import Stage
from bench.fleet.volunteer import CHANNEL

_SEED = 11
# More than one person calls a day: the caps are not what is measured.
_RULES = {"daily": {"call": 1000, "message": 1000}}
_NOBODY_THERE = ("no_answer", "busy", "switched_off")


@dataclass
class World:
    """Everything made over HTTP, by the fleet."""

    cast: Cast
    campaign_id: str

    @property
    def phones(self) -> list[Phone]:
        """The volunteers' phones."""
        return [one.phone for one in self.cast.volunteers]

    def open_batch(self, phone: Phone) -> list[Json]:
        """Have a phone claim a batch and open it; return its items."""
        phone.sync()
        batch = phone.claim(self.campaign_id, CHANNEL)
        if batch is None:
            raise RuntimeError("the pool is empty: the world is too small for this benchmark")
        return [{**item, "batch_id": batch["id"]} for item in phone.open(batch["id"])]


def build(url: str, *, volunteers: int) -> World:
    """Make people and a campaign over all seats."""
    stage = Stage(url)
    cast = headquarters(stage)
    enrol_everybody(stage, cast, Ledger(), volunteers=volunteers, seed=_SEED)
    wish = {
        "name": "Bench",
        "constituencies": list(cast.seats),
        "helpers": [{"constituency": seat, "districts": homes} for seat, homes in cast.helpers.items()],
        "channels": [CHANNEL],
    }
    campaign_id = cast.desk.start_campaign(wish)
    cast.desk.set_rules(campaign_id, _RULES, second=cast.second)
    return World(cast, campaign_id)


def fill(world: World, *, contacts: int, size: int) -> None:
    """Import contacts and put all of them into the pool, in batches of a size."""
    with tempfile.TemporaryDirectory(prefix="sampark-bench-") as directory:
        bring_in(world, generate(Path(directory), rows=contacts, seed=_SEED, mess=0.0))
    pool(world, size=size)


def bring_in(world: World, sheet: Sheet) -> Json:
    """Import a sheet to its end; return the counts."""
    desk = world.cast.desk
    day = datetime.now(UTC).date() - timedelta(days=7)
    job_id = desk.import_contacts(sheet.path, campaign_id=world.campaign_id, source=sheet.source(day.isoformat()))
    for _ in desk.person.job(job_id):
        pass
    return desk.import_counts(job_id)


def pool(world: World, *, size: int, limit: int | None = None) -> None:
    """Put contacts into the pool."""
    wish = {"campaign_id": world.campaign_id, "channel": CHANNEL, "size": size, "assign": {"mode": "pool"}}
    desk = world.cast.desk
    for _ in desk.hand_out(desk.plan(wish | ({"limit": limit} if limit else {}))):
        pass


def attempts(phone: Phone, items: Sequence[Json], *, seed: str) -> list[Json]:
    """Return an outcome for each item; nobody was reached, so the items stay."""
    dice = random.Random(seed)
    return [
        phone.outcome(
            item["batch_id"],
            item,
            outcome_id=str(uuid.UUID(int=dice.getrandbits(128), version=4)),
            disposition=dice.choice(_NOBODY_THERE),
            duration_s=dice.randrange(60),
        )
        for item in items
    ]
