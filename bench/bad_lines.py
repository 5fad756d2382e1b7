"""`bad_lines`: 300 phones on bad lines with wrong clocks, three days long; in the end the server knows what they did.

Goal: nothing lost, nothing twice, every receipt right, no number on two phones or against the rules. What must not be
shown is judged by `fleet.witness`, which knows nothing of our rules; what was kept is read from the database itself.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from pymongo import MongoClient

from bench.fleet.bad_line import BadLine
from bench.fleet.connection import Json
from bench.fleet.phone import Phone
from bench.fleet.stage import sampark
from bench.fleet.volunteer import CHANNEL
from bench.fleet.witness import Showing, Try, Witness

from .grounds import Grounds, served
from .table import Table
from .world import World, attempts, build, fill

GOAL = "0 in every row but the first four"
_PHONES = 300
_SIZE = 25
_CONTACTS = 20_000
_AT_ONCE = 16
_ROUNDS = 60
_DAYS = 3
_NIGHT_MINUTES = 24 * 60 + 30
# Of a hundred phones so many have no line after they were opened in the morning, for the whole day.
_OFFLINE = 25
_ANSWERS = ("no_answer", "busy", "switched_off", "wrong_number", "do_not_contact")
_ENDS = frozenset({"wrong_number", "do_not_contact"})
_PATIENCE_S = 600.0
# A time is set right by when the upload came in, which may be a while after it was sent.
_NEAR = timedelta(seconds=60)
_SKEW = timedelta(minutes=2)


def run() -> Table:
    """Measure."""
    with served() as grounds:
        world = build(grounds.url, volunteers=_PHONES)
        fill(world, contacts=_CONTACTS, size=_SIZE)
        began = time.perf_counter()
        witness = Witness(closes=announce_a_poll(world))
        callers = [Caller(world.campaign_id, phone, witness) for phone in world.phones]
        play(callers)
        seconds = time.perf_counter() - began
        rows = [("phones", len(callers)), *figures(callers, witness, _stored(grounds))]
        against = Counter(why for _, why in witness.against_rules())
        notes = (f"in {seconds:.0f} s", *(f"shown against `{why}`: {number}" for why, number in against.items()))
        return Table("Phones on bad lines", GOAL, grounds.engine, ("what", "number"), rows, notes)


class Caller:
    """A volunteer who opens what there is in the morning, tells of each item, and uploads when there is a line."""

    def __init__(self, campaign_id: str, phone: Phone, witness: Witness) -> None:
        self._campaign_id = campaign_id
        self._phone = phone
        self._witness = witness
        self._dice = random.Random(phone.installation_id)
        self._numbers: dict[tuple[str, str], str] = {}
        self.line = BadLine(phone, seed=phone.installation_id, heard=self._heard)
        self.due_at: dict[str, datetime] = {}

    def day(self, *, last: bool) -> None:
        """Work for a day; on the last one everything is uploaded in the end."""
        self._phone.sync()
        for batch_id in list(self._phone.batches):
            self._work(batch_id)
        if (batch := self._phone.claim(self._campaign_id, CHANNEL)) is not None:
            self._work(batch["id"])
        if not last and self._dice.randrange(100) < _OFFLINE:
            return
        for _ in range(_ROUNDS):
            if self.line.upload():
                return
        raise RuntimeError("a phone never got rid of what it recorded")

    def _work(self, batch_id: str) -> None:
        asked, tick = self._phone.now(), time.monotonic()
        items = self._phone.open(batch_id)
        if not (shown := self._phone.batches[batch_id]).get("opened_at"):
            return
        for item in shown["items"]:
            if item.get("phone"):
                self._showing(shown, item, asked, tick)
        told = attempts(self._phone, [{**item, "batch_id": batch_id} for item in items], seed=f"{batch_id} {asked}")
        told = [{**one, "disposition": self._dice.choice(_ANSWERS)} for one in told]
        self.line.record(told, gaps=(timedelta(0),))
        for one in told:
            self.due_at[one["id"]] = _time(shown["due_at"])
            if one["disposition"] in _ENDS:
                self._witness.let_go(self._phone.person.id, (batch_id, one["item_id"]), at=self._phone.now())

    def _showing(self, batch: Json, item: Json, asked: datetime, tick: float) -> None:
        self._numbers[batch["id"], item["id"]] = item["phone"]
        ahead, after = item.get("not_before"), item.get("not_after")
        self._witness.saw(
            Showing(
                number=item["phone"],
                user_id=self._phone.person.id,
                place=(batch["id"], item["id"]),
                seat=str(item["people"][0]["part"]).partition("/")[0],
                asked=asked,
                tick=tick,
                start=max(asked, _time(ahead)) if ahead else asked,
                end=_time(batch["due_at"]),
                not_after=_time(after) if after else None,
            )
        )

    def _heard(self, outcome: Json, at: datetime) -> None:
        number = self._numbers[outcome["batch_id"], outcome["item_id"]]
        self._witness.heard(Try(number, outcome["disposition"], at, time.monotonic()))


def announce_a_poll(world: World) -> dict[str, datetime]:
    """Let a seat's poll close so that its silence begins between the first day and the second; return when, by code."""
    phone = world.phones[0]
    phone.sync()
    seat_id, seat = next(iter(world.cast.seats.items()))
    closes = (phone.now() + timedelta(hours=60)).replace(microsecond=0)
    world.cast.desk.person.put(
        f"/areas/{seat_id}/poll",
        {"opens_at": (closes - timedelta(hours=11)).isoformat(), "closes_at": closes.isoformat()},
    )
    return {str(seat["code"]): closes}


def play(callers: Sequence[Caller]) -> None:
    """Let everybody work for some days."""
    for day in range(_DAYS):
        if day:
            sampark("clock", "advance", f"{_NIGHT_MINUTES}m")
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda one, last=day == _DAYS - 1: one.day(last=last), callers))


def figures(callers: Sequence[Caller], witness: Witness, stored: dict[str, Json]) -> Iterator[tuple[str, int]]:
    """Yield how much there was, and what is wrong with what the server makes of it."""
    lines = [one.line for one in callers]
    recorded = {key: told for line in lines for key, told in line.recorded.items()}
    both = recorded.keys() & stored.keys()
    yield "numbers shown", len(witness.showings)
    yield "outcomes recorded", len(recorded)
    yield "of them late", sum(issued[0] == "late" for line in lines for issued in line.issued.values())
    yield "outcomes that the server does not have", len(recorded.keys() - stored.keys())
    yield "outcomes that nobody recorded", len(stored.keys() - recorded.keys())
    yield "outcomes kept with another content", sum(_differs(recorded[key], stored[key]) for key in both)
    yield "outcomes whose time was not set right", sum(_off(line, stored[key]) for line in lines for key in line.issued)
    yield "outcomes without a receipt", sum(line.recorded.keys() != line.receipts.keys() for line in lines)
    yield "outcomes with a wrong receipt", sum(len(line.wrongly_answered()) for line in lines)
    yield "outcomes called late before their time", sum(_too_soon(one) for one in callers)
    yield "numbers on two phones", len(witness.with_two_holders())
    yield "numbers shown against the rules", len(witness.against_rules())
    yield "figures that differ from a recount", len(sampark("reconcile", foreseen=(0, 1))["differences"])


def _stored(grounds: Grounds) -> dict[str, Json]:
    """Return all outcomes of the database, once the worker has come to the last of them."""
    deadline = time.monotonic() + _PATIENCE_S
    with MongoClient[dict[str, Any]](grounds.uri, tz_aware=True) as client:
        outcomes = client[grounds.database]["outcomes"]
        while outcomes.find_one({"pending": True}, ["_id"]) and time.monotonic() < deadline:
            time.sleep(0.5)
        return {one["_id"]: one for one in outcomes.find({})}


def _differs(told: Json, kept: Json) -> bool:
    named = ("batch_id", "item_id", "channel", "disposition", "duration_s")
    return _time(told["occurred_at"]) != kept["told_at"] or any(told[name] != kept[name] for name in named)


def _off(line: BadLine, kept: Json) -> bool:
    wrong_clock = abs(line.skew) > _SKEW
    return (
        abs(kept["occurred_at"] - line.true_at[kept["_id"]]) > _NEAR or ("clock_skew" in kept["flags"]) != wrong_clock
    )


def _too_soon(caller: Caller) -> int:
    issued, first = caller.line.issued, caller.line.first_issued_at
    return sum(issued[key][0] == "late" and at < caller.due_at[key] - _NEAR for key, at in first.items())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
