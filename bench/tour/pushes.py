"""What the messaging double was sent, against what the fleet had reason to expect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench.fleet.cast import Cast
from bench.fleet.connection import Json
from bench.fleet.ledger import Ledger
from bench.fleet.stage import Stage
from bench.fleet.steps import until

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reach:
    """Of one kind of push: how many (installation, subject) pairs were to be reached, and how many were."""

    kind: str
    expected: int
    reached: int
    accepted: int


def wait_for_batches(stage: Stage, cast: Cast, batches: Iterable[Json], *, seconds: float) -> Reach:
    """Wait until every installation of each holder knows of each assigned batch."""
    expected = {(target, batch["id"]) for batch in batches for target in cast.targets.get(batch["assignee"], ())}
    return _wait(stage, "batch", expected, lambda push: push.get("batch_id", ""), seconds)


def wait_for_task(stage: Stage, cast: Cast, task: Json, *, seconds: float) -> Reach:
    """Wait until every installation of every volunteer knows of the broadcast."""
    expected = {(target, task["id"]) for one in cast.volunteers for target in cast.targets[one.phone.person.id]}
    return _wait(stage, "task", expected, lambda push: push.get("task_id", ""), seconds)


def wait_for_callbacks(stage: Stage, cast: Cast, ledger: Ledger, recalled: Iterable[str], *, seconds: float) -> Reach:
    """Wait until every installation of those who promised to call back is reminded; reminders of a slot are one."""
    given_up = set(recalled)
    promised = {
        sent.user_id
        for sent in ledger.stored()
        if sent.outcome["disposition"] == "call_back" and sent.outcome["batch_id"] not in given_up
    }
    expected = {(target, "") for user_id in promised for target in cast.targets[user_id]}
    return _wait(stage, "callback", expected, lambda _: "", seconds)


def telling(log: Iterable[Json], ledger: Ledger) -> int:
    """Return how many pushes hold a number that the phones saw."""
    numbers = {hold.number.removeprefix("+91") for hold in ledger.holds.values()}
    return sum(any(word in numbers for word in _digits(push)) for push in log)


def _digits(push: Json) -> list[str]:
    """Return every run of ten digits in what a phone would get, written together or apart."""
    text = f"{push.get('data')} {push.get('notification')} {push.get('android')}".replace("-", "").replace("+91", " ")
    digits = "".join(sign if sign.isdecimal() else " " for sign in text)
    return [word[-10:] for word in digits.split()]


def _wait(stage: Stage, kind: str, expected: set[Pair], subject: Callable[[Json], str], seconds: float) -> Reach:
    found = Reach(kind, len(expected), 0, 0)

    def all_there() -> bool:
        nonlocal found
        pushes = [push for push in stage.pushes() if push["accepted"] and (push["data"] or {}).get("kind") == kind]
        reached = {(push["target"], subject(push["data"])) for push in pushes}
        found = Reach(kind, len(expected), len(expected & reached), len(pushes))
        return found.reached == found.expected

    until(all_there, seconds=seconds)
    return found
