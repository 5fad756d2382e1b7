"""`round_trips`: how many commands a request sends to the database, at two sizes of the collections.

Goal (guarantee 8): fixed and small, independent of size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from bench.fleet.phone import Phone

from .grounds import Watched, watched
from .table import Table
from .world import World, attempts, build, fill

GOAL = "fixed and small, the same at both sizes"
SIZES = (2_000, 20_000)
_LARGE = 100


def run() -> Table:
    """Measure."""
    found: list[dict[str, Counter[str]]] = []
    engine = ""
    for contacts in SIZES:
        with watched() as installation:
            engine = installation.grounds.engine
            with installation.worker():
                world = build(installation.grounds.url, volunteers=12)
                fill(world, contacts=contacts, size=_LARGE)
            found.append(dict(_requests(installation, world)))
    small, large = found
    rows = [
        (name, small[name].total(), large[name].total(), " ".join(f"{n}×{what}" for what, n in large[name].items()))
        for name in small
    ]
    columns = ("request", *(f"at {size:,} contacts" for size in SIZES), "commands")
    return Table("Round trips to the database per request", GOAL, engine, columns, rows)


def _requests(installation: Watched, world: World) -> Iterator[tuple[str, Counter[str]]]:
    def commands(do: Callable[[], object]) -> Counter[str]:
        with installation.commands.noted() as noted:
            do()
        return Counter(name for name, _ in noted)

    _warm_up(world, world.phones[1])
    phone = world.phones[0]
    phone.sync()
    yield "sync, nothing new", commands(phone.sync)
    yield "claim (a batch of up to 100)", commands(lambda: phone.claim(world.campaign_id, "call"))
    [batch_id] = phone.batches
    items = []
    yield "open (its numbers)", commands(lambda: items.extend(phone.open(batch_id)))
    yield "sync, the batch is new", commands(phone.sync)
    outcomes = attempts(phone, [{**item, "batch_id": batch_id} for item in items], seed="trips")
    yield "one outcome", commands(lambda: phone.send_one(outcomes[0]))
    yield "the same outcome again", commands(lambda: phone.send_one(outcomes[0]))
    # As many as are in the batch: a small collection's parts do not fill a hundred.
    yield "upload of up to 100", commands(lambda: phone.send(outcomes[1:]))
    installation.settle()
    desk = world.cast.desk
    yield "progress by constituency", commands(lambda: desk.progress(world.campaign_id, by="constituency"))
    yield "progress by part", commands(lambda: desk.progress(world.campaign_id, by="part"))


def _warm_up(world: World, phone: Phone) -> None:
    """Let caches fill that hold what hardly ever changes."""
    items = world.open_batch(phone)
    phone.send(attempts(phone, items[:2], seed="warm"))
    phone.sync()
    world.cast.desk.progress(world.campaign_id, by="constituency")
