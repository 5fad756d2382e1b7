"""Where a person stands in a campaign: a fold over what was told, the same in whatever order it arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from services.domain.outcomes.dispositions import Catalogue, next_at
from services.domain.outcomes.results import results_of
from services.domain.rules.rules import Rules

RulesAt = Callable[[datetime], Rules]
# What a coordinator puts in the place of an outcome that nobody stands by: a correction that counts for nothing.
VOID = "void"


class Mark(NamedTuple):
    """What of an outcome the standing needs; `corrects` names the outcome that this one replaces."""

    id: str
    at: datetime
    channel: str
    disposition: str
    item_id: str
    callback_at: datetime | None = None
    corrects: str | None = None


class Standing(NamedTuple):
    """Attempts so far and what the last one allows next; `marks` are what it was counted from, sorted by time.

    `results` are the final dispositions by channel and over all, for the rates.
    """

    attempts: Mapping[str, int] = MappingProxyType({})
    total: int = 0
    last_at: datetime | None = None
    last_channel: str | None = None
    last_disposition: str | None = None
    next_at: datetime | None = None
    callback_at: datetime | None = None
    final: bool = False
    marks: tuple[Mark, ...] = ()
    results: Mapping[str, str] = MappingProxyType({})


UNTOUCHED = Standing()


def apply(standing: Standing, mark: Mark, *, catalogue: Catalogue, rules_at: RulesAt) -> Standing:
    """Return the standing with one more outcome; one that it knows changes nothing."""
    return recount((*standing.marks, mark), catalogue=catalogue, rules_at=rules_at)


def recount(marks: Iterable[Mark], *, catalogue: Catalogue, rules_at: RulesAt) -> Standing:
    """Return the standing that outcomes lead to, each by the rules in effect when it happened.

    The steps of a message on one item are one attempt, worth the furthest; a corrected outcome counts as its
    correction says. Caps hold the number of marks small, so counting anew is cheap and cannot drift.
    """
    known = tuple(sorted({mark.id: mark for mark in marks}.values(), key=_when))
    attempts = attempts_of(standing_marks(known), catalogue)
    if not attempts:
        return Standing(marks=known)
    last = attempts[-1]
    row = catalogue.by_name[last.disposition]
    final = any(_ends(attempts, number, catalogue, rules_at) for number in range(len(attempts)))
    following = next_at(row, occurred_at=last.at, rules=rules_at(last.at), callback_at=last.callback_at)
    return Standing(
        attempts=MappingProxyType(dict(Counter(attempt.channel for attempt in attempts))),
        total=len(attempts),
        last_at=last.at,
        last_channel=last.channel,
        last_disposition=last.disposition,
        next_at=None if final else following,
        callback_at=None if final or "callback" not in row.effects else last.callback_at,
        final=final,
        marks=known,
        results=MappingProxyType(results_of([(one.channel, one.disposition) for one in attempts], catalogue)),
    )


def standing_marks(marks: Iterable[Mark]) -> list[Mark]:
    """Return what holds after corrections: of every chain of corrections the one that nothing corrects.

    Where two correct the same, the later one holds; a circle, which only a broken phone makes, counts once.
    """
    by_id = {mark.id: mark for mark in marks}
    named = {mark.corrects for mark in by_id.values()}
    held: dict[str, Mark] = {}
    for mark in sorted(by_id.values(), key=lambda mark: (mark.id not in named, *_when(mark))):
        held[_root(mark, by_id)] = mark
    return sorted((mark for mark in held.values() if mark.disposition != VOID), key=_when)


def _root(mark: Mark, by_id: Mapping[str, Mark]) -> str:
    path = [mark.id]
    while (corrected := by_id[path[-1]].corrects if path[-1] in by_id else None) is not None:
        if corrected in path:
            return min(path[path.index(corrected) :])
        path.append(corrected)
    return path[-1]


def attempts_of(marks: Iterable[Mark], catalogue: Catalogue) -> list[Mark]:
    """Join the steps of each message: the furthest step, at the time of the latest."""
    calls: list[Mark] = []
    messages: dict[tuple[str, str], Mark] = {}
    for mark in marks:
        if catalogue.by_name[mark.disposition].step is None:
            calls.append(mark)
            continue
        before = messages.get((mark.item_id, mark.channel))
        step = catalogue.further(before.disposition, mark.disposition) if before else mark.disposition
        messages[mark.item_id, mark.channel] = mark._replace(disposition=step)
    return sorted([*calls, *messages.values()], key=_when)


def _ends(attempts: list[Mark], number: int, catalogue: Catalogue, rules_at: RulesAt) -> bool:
    """Tell whether the attempt ends the standing: its disposition does, or its retries are used up."""
    attempt = attempts[number]
    row = catalogue.by_name[attempt.disposition]
    retry = rules_at(attempt.at).retry.get(row.retry)
    if row.final or retry is None or retry.times is None:
        return row.final
    same = sum(catalogue.by_name[earlier.disposition].retry == row.retry for earlier in attempts[: number + 1])
    return same > retry.times


def _when(mark: Mark) -> tuple[datetime, str]:
    return mark.at, mark.id
