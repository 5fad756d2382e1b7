"""How a volunteer goes through a round of calls: what people answer, when the line is bad, what is sent twice."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .connection import Json
from .ledger import Ledger
from .phone import Phone

CHANNEL = "call"
# Disposition → how many in a hundred calls end so; made up, but of the order that phone banks report.
ANSWERS = {
    "contacted": 39,
    "no_answer": 24,
    "switched_off": 8,
    "busy": 7,
    "call_back": 6,
    "refused": 5,
    "wrong_number": 3,
    "partial": 2,
    "do_not_contact": 2,
    "left_message": 1,
    "disconnected": 1,
    "moved": 1,
    "minor_answered": 1,
}
_SAID_BY_SOMEBODY = frozenset({"contacted", "partial", "refused", "moved"})
_SUPPORT = (0, 1, 1, 2, 2, 3, 3, 4, 5)
_CALLBACK_MINUTES = (100, 170)


@dataclass(frozen=True, slots=True)
class Habits:
    """What is particular about a volunteer."""

    offline: bool = False  # records without a line for a while, uploads late
    repeats: bool = False  # the answer to an upload gets lost, so it is sent again
    changes_mind: bool = False  # changes an outcome that was uploaded already and sends it under the same id


class Volunteer:
    """A person with a phone; everything they do follows from the seed."""

    def __init__(self, phone: Phone, ledger: Ledger, *, habits: Habits, seed: str) -> None:
        self.phone = phone
        self.habits = habits
        self._ledger = ledger
        self._dice = random.Random(seed)

    def work(self, campaign_id: str, *, offline: bool = False) -> int:
        """Do a round: sync, finish what is due, take a new batch, call everybody on it; return the calls made."""
        self.phone.sync()
        held = {batch["id"]: batch["state"] for batch in self.phone.batches.values()}
        called = sum(self._call_all(batch_id) for batch_id, state in held.items() if state in ("assigned", "active"))
        if "assigned" not in held.values() and (batch := self.phone.claim(campaign_id, CHANNEL)):
            called += self._call_all(batch["id"])
        if not offline:
            self.come_online()
        return called

    def come_online(self) -> None:
        """Upload what was recorded, acknowledge tasks, fetch what is new."""
        if self.phone.outbox and self._dice.random() < 0.5:
            self.phone.send_one(self.phone.outbox.pop(0))
        sent = list(self.phone.upload())
        if self.habits.repeats and sent:
            self._ledger.sent_again(same=len(sent))
            self.phone.send(sent)
        if self.habits.changes_mind and sent:
            self._ledger.sent_again(other=1)
            self.phone.send([_changed(sent[0])])
        self.phone.acknowledge()
        self.phone.sync()

    def _call_all(self, batch_id: str) -> int:
        items = self.phone.open(batch_id)
        for item in items:
            self.phone.record(self._call(batch_id, item))
        return len(items)

    def _call(self, batch_id: str, item: Json) -> Json:
        disposition = self._dice.choices(list(ANSWERS), weights=list(ANSWERS.values()))[0]
        said: dict[str, Any] = {"duration_s": self._dice.randrange(5, 240)}
        if disposition in _SAID_BY_SOMEBODY:
            said["contact_id"] = self._dice.choice(item["people"])["contact_id"]
        if disposition == "contacted":
            said["support"] = self._dice.choice(_SUPPORT)
        if disposition == "call_back":
            wanted = self.phone.now() + timedelta(minutes=self._dice.randint(*_CALLBACK_MINUTES))
            said["callback_at"] = wanted.isoformat(timespec="seconds").replace("+00:00", "Z")
        outcome_id = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
        return self.phone.outcome(batch_id, item, outcome_id=outcome_id, disposition=disposition, **said)


def _changed(outcome: Json) -> Json:
    """Return the outcome with another content under the same id."""
    return {**outcome, "duration_s": outcome["duration_s"] + 1}
