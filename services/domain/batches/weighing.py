"""Asking the rules about the items of a batch: which may be handed out, and what becomes of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.domain.batches.batches import LASTING
from services.domain.rules.eligibility import Gate
from services.domain.rules.facts import Facts
from services.domain.rules.verdict import Verdict

Document = dict[str, Any]
# An item that is held or forbidden without a known end is offered again after this long.
_ASK_AGAIN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Items that are allowed now (with those people only who are), and the others with what forbids them.

    `for_others` are allowed too, but not for whom they were weighed.
    """

    kept: list[Document] = field(default_factory=list)
    dropped: list[tuple[Document, Verdict]] = field(default_factory=list)
    left_out: list[Document] = field(default_factory=list)
    for_others: list[Document] = field(default_factory=list)

    def reasons(self) -> Counter[str]:
        """Count the people of dropped items under each reason against their item."""
        counted: Counter[str] = Counter()
        for item, verdict in self.dropped:
            for code in verdict.codes:
                counted[code] += len(item["contacts"])
        return counted

    def waiting(self) -> list[Document]:
        """Return dropped items that may be allowed later."""
        return [item for item, verdict in self.dropped if not LASTING & set(verdict.codes)]

    def freed(self) -> list[Document]:
        """Return dropped items that no waiting helps, and people who were left out of kept ones."""
        lasting = [item for item, verdict in self.dropped if LASTING & set(verdict.codes)]
        return [*lasting, *self.left_out]

    def without(self, lost: Weighed | None) -> Weighed:
        """Return it with those kept items dropped that `lost` dropped."""
        if lost is None:
            return self
        gone = {item["id"] for item, _ in lost.dropped}
        kept = [item for item in self.kept if item["id"] not in gone]
        return replace(self, kept=kept, dropped=[*self.dropped, *lost.dropped])

    def only(self, meant: Callable[[Document], bool]) -> Weighed:
        """Return it with those kept items alone that are `meant` for somebody; the rest is for others."""
        others = [item for item in self.kept if not meant(item)]
        return replace(self, kept=[item for item in self.kept if meant(item)], for_others=others) if others else self

    def again_at(self, now: datetime) -> datetime:
        """Return when the waiting items are worth offering again."""
        waiting = [verdict for _, verdict in self.dropped if not LASTING & set(verdict.codes)]
        known = [verdict.allowed_from for verdict in waiting if verdict.allowed_from and verdict.allowed_from > now]
        return min([*known, now + _ASK_AGAIN])


def weigh(gate: Gate, facts: Facts, items: Iterable[Document], *, holder: str | None) -> Weighed:
    """Ask about each unworked item; numbers that `holder` has are not held by another."""
    weighed = Weighed()
    for item in items:
        verdict, each = gate.decide_item(facts.of_item(item, channel=gate.channel, holder=holder))
        if verdict.allowed:
            weighed.kept.append(_with_allowed(item, each))
            forbidden = _contacts(item, each, allowed=False)
            if forbidden:
                weighed.left_out.append({**item, "address": None, "contacts": forbidden})
        else:
            weighed.dropped.append((item, verdict))
    return weighed


def _with_allowed(item: Document, each: Sequence[Verdict]) -> Document:
    return {**item, "contacts": _contacts(item, each, allowed=True)}


def _contacts(item: Document, each: Sequence[Verdict], *, allowed: bool) -> list[str]:
    pairs = zip(item["contacts"], each, strict=True)
    return [contact for contact, verdict in pairs if verdict.allowed is allowed]
