"""What the phones saw and were told, over time: who held which number when, and every receipt."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from .connection import Json

FOREVER = float("inf")


@dataclass(slots=True)
class Hold:
    """A number on one phone's screen: certainly from `start` to `end`, in seconds of this machine's steady clock.

    `asked` is when it was last asked for.
    """

    number: str
    user_id: str
    batch_id: str
    item_id: str
    people: int
    asked: float
    start: float
    end: float = FOREVER


@dataclass(slots=True)
class Sent:
    """An outcome that a phone has uploaded, and the status of its first receipt."""

    outcome: Json
    user_id: str
    status: str


@dataclass
class Ledger:
    """Shared by all phones of a fleet."""

    holds: dict[tuple[str, str], Hold] = field(default_factory=dict)
    outcomes: dict[str, Sent] = field(default_factory=dict)
    receipts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    changed: int = 0
    # Number → when its owner's wish was acknowledged.
    silenced: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def revealed(self, user_id: str, batch: Json, *, asked: float) -> None:
        """Note the numbers that an opened batch shows from now on, and when it was asked to."""
        now = time.monotonic()
        with self._lock:
            for item in batch["items"]:
                if number := item.get("phone"):
                    key = (batch["id"], item["id"])
                    hold = Hold(number, user_id, *key, people=len(item["people"]), asked=asked, start=now)
                    self.holds.setdefault(key, hold).asked = asked

    def let_go(self, batch_id: str, item_ids: Iterable[str] | None = None, *, at: float) -> None:
        """Note that some items of a batch, or all, were given up not before `at`."""
        with self._lock:
            chosen = None if item_ids is None else set(item_ids)
            for (batch, item), hold in self.holds.items():
                if batch == batch_id and (chosen is None or item in chosen):
                    hold.end = min(hold.end, at)

    def told(self, user_id: str, outcomes: Iterable[Json], receipts: Iterable[Json]) -> None:
        """Note the receipts of an upload; the first of an outcome says what became of it."""
        with self._lock:
            for outcome, receipt in zip(outcomes, receipts, strict=True):
                self.receipts[receipt["status"]] += 1
                if receipt["status"] == "rejected":
                    self.refusals[str(receipt.get("code"))] += 1
                self.outcomes.setdefault(outcome["id"], Sent(outcome, user_id, receipt["status"]))

    def sent_again(self, *, same: int = 0, other: int = 0) -> None:
        """Note how many outcomes are about to be sent another time, unchanged or changed."""
        with self._lock:
            self.repeats += same
            self.changed += other

    def silence(self, number: str) -> None:
        """Note that a number's owner wants no contact, and that the system has acknowledged it just now."""
        with self._lock:
            self.silenced.setdefault(number, time.monotonic())

    def number_of(self, batch_id: str, item_id: str) -> str | None:
        """Return the number that an item showed."""
        hold = self.holds.get((batch_id, item_id))
        return hold.number if hold else None

    def with_two_holders(self) -> list[str]:
        """Return the numbers that two people held at the same time."""
        by_number: defaultdict[str, list[Hold]] = defaultdict(list)
        for hold in self.holds.values():
            by_number[hold.number].append(hold)
        return [number for number, holds in by_number.items() if _overlap(holds)]

    def shown_against_wish(self) -> list[str]:
        """Return the numbers that were asked for, and shown, after their owner's wish was acknowledged."""
        return [hold.number for hold in self.holds.values() if hold.asked > self.silenced.get(hold.number, FOREVER)]

    def stored(self) -> list[Sent]:
        """Return the outcomes that count: stored in time."""
        return [sent for sent in self.outcomes.values() if sent.status == "stored"]


def _overlap(holds: list[Hold]) -> bool:
    """Whether two different people's times touch; each is taken at its certain length, so this never cries wolf."""
    ordered = sorted(holds, key=lambda hold: hold.start)
    for place, hold in enumerate(ordered):
        for later in ordered[place + 1 :]:
            if later.start >= hold.end:
                break
            if later.user_id != hold.user_id and later.end > later.start:
                return True
    return False
