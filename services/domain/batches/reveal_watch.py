"""When revealed numbers look like a harvest: opening and giving back, revealing without trying, far more than peers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

LOOPS, UNWORKED, ABOVE_PEERS = "open_release_loops", "reveals_without_attempts", "above_peers"
KINDS = (LOOPS, UNWORKED, ABOVE_PEERS)
OPEN, EXPLAINED, MISUSE = "open", "explained", "misuse"
STATES = (OPEN, EXPLAINED, MISUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRules:
    """The thresholds of `reveal_watch.json`.

    `after_hours` is longer than the look-ahead of an evening, for who prepares the next day has not tried anybody yet.
    """

    days: int
    every: timedelta
    loops: int
    loop_share: float
    unworked: int
    unworked_share: float
    unworked_after: timedelta
    peers_at_least: int
    peers_times: float
    fewest_peers: int

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> WatchRules:
        """Read the data file."""
        loops, unworked, peers = data["loops"], data["unworked"], data["peers"]
        return cls(
            days=data["days"],
            every=timedelta(minutes=data["every_minutes"]),
            loops=loops["times"],
            loop_share=loops["worked_share"],
            unworked=unworked["at_least"],
            unworked_share=unworked["worked_share"],
            unworked_after=timedelta(hours=unworked["after_hours"]),
            peers_at_least=peers["at_least"],
            peers_times=peers["times"],
            fewest_peers=peers["fewest"],
        )

    def worth_a_look(self, *, revealed: int, openings: int) -> bool:
        """Tell whether a day could break a rule at all, from its totals alone."""
        return openings >= self.loops or revealed >= min(self.unworked, self.peers_at_least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One opening: how many numbers it revealed, how many of them were tried, and whether the rest was given back."""

    batch_id: str
    at: datetime
    revealed: int
    attempted: int
    released: bool

    def to_plain(self) -> dict[str, Any]:
        """Return it as evidence."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealDay:
    """A volunteer's day, and how many numbers each of the others of the district was shown that day."""

    revealed: int
    openings: Sequence[Opened]
    peers: Sequence[int]


def suspicions(day: RevealDay, rules: WatchRules, *, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each kind of flag that a day deserves with its evidence: numbers and batches, nobody who was called."""
    loops = [one for one in day.openings if one.released and _share(one) < rules.loop_share]
    if len(loops) >= rules.loops:
        yield LOOPS, _evidence(day, loops)
    ripe = [one for one in day.openings if one.at <= now - rules.unworked_after]
    revealed, attempted = sum(one.revealed for one in ripe), sum(one.attempted for one in ripe)
    if revealed >= rules.unworked and attempted < rules.unworked_share * revealed:
        yield UNWORKED, _evidence(day, ripe)
    if len(day.peers) >= rules.fewest_peers:
        middle = median(day.peers)
        if day.revealed >= max(rules.peers_at_least, rules.peers_times * middle):
            yield ABOVE_PEERS, {**_evidence(day, day.openings), "peers": len(day.peers), "peers_median": middle}


def new_flag(
    day: str, user_id: str, district_id: str | None, kind: str, evidence: Mapping[str, Any], *, at: datetime
) -> dict[str, Any]:
    """Return a flag as it is stored; the same day, volunteer and kind are one flag."""
    return {
        "_id": f"{day}:{user_id}:{kind}",
        "day": day,
        "user_id": user_id,
        "district_id": district_id,
        "kind": kind,
        "evidence": dict(evidence),
        "state": OPEN,
        "settled_by": None,
        "settled_at": None,
        "created_at": at,
        "updated_at": at,
        "version": 1,
    }


def _evidence(day: RevealDay, openings: Sequence[Opened]) -> dict[str, Any]:
    return {
        "revealed": day.revealed,
        "attempted": sum(one.attempted for one in day.openings),
        "openings": [one.to_plain() for one in openings],
        "peers": None,
        "peers_median": None,
    }


def _share(opened: Opened) -> float:
    return opened.attempted / opened.revealed if opened.revealed else 1.0
