"""Looking for unclaimed work: which pools and parts are open to a volunteer now, nearest first."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.batches.desk import Seat
from services.campaigns.rulebook import Ruling
from services.domain.batches.batches import ANY_DISTRICT, pool_id
from services.domain.identifiers.channels import SERVED
from services.domain.rules.eligibility import Gate
from services.domain.rules.subject import Address, Subject
from services.domain.rules.verdict import Verdict
from services.store.batches.batches import BatchStore
from services.store.batches.pools import PoolStore

Document = dict[str, Any]


class Place(NamedTuple):
    """A part of a pool under which batches may lie."""

    pool: str
    part: str
    key: str
    token: str
    parts: frozenset[str] | None


@dataclass(slots=True)
class Search:
    """One volunteer's search in one campaign and channel; what is found against it is gathered in `reasons`."""

    ruling: Ruling
    channel: str
    gate: Gate
    seats: Sequence[Seat]
    district: str | None
    reasons: Counter[str] = field(default_factory=Counter)
    closed: list[Verdict] = field(default_factory=list)

    def closed_as_a_whole(self) -> bool:
        """Tell whether the rules forbid every seat now; parts with rules or polls of their own are looked at singly."""
        self.closed = [verdict for seat in self.seats if not (verdict := self._ground("", seat.id)).allowed]
        return bool(self.seats) and len(self.closed) == len(self.seats) and not self._own_rules()

    def pools(self) -> dict[str, Seat]:
        """Return the pools that are open to the volunteer, nearest first."""
        campaign, districts = self.ruling.campaign["_id"], [ANY_DISTRICT, *([self.district] if self.district else [])]
        return {
            pool_id(campaign, self.channel, seat.id, district): seat for seat in self.seats for district in districts
        }

    def places(self, pools: dict[str, Document]) -> list[Place]:
        """Return where batches may lie that the rules allow to take now: by nearness, else in no order.

        Chance keeps many claimers from meeting at one batch.
        """
        found: list[tuple[int, int, Place]] = []
        self.closed = []
        for pool, seat in self.pools().items():
            for part, token in (pools.get(pool, {}).get("parts") or {}).items():
                if seat.parts is not None and part not in seat.parts:
                    continue
                verdict = self._ground(part, seat.id)
                if verdict.allowed:
                    key = f"{_without_seat(pool)}|{part}"
                    found.append((seat.rank, secrets.randbits(30), Place(pool, part, key, token, seat.parts)))
                else:
                    self.closed.append(verdict)
        return [place for _, _, place in sorted(found)]

    def _own_rules(self) -> bool:
        return any(area.count("-") > 1 for area in (*self.ruling.rules.areas, *self.ruling.controls.polls))

    def _ground(self, part_id: str, seat_id: str) -> Verdict:
        """Ask about the place alone: about somebody of whom nothing is known that could forbid it."""
        own = part_id in self.ruling.rules.areas or part_id in self.ruling.controls.polls
        kind = next(kind for kind, channels in SERVED.items() if self.channel in channels)
        return self.gate.decide(Subject(part_id if own else "", seat_id, Address("", kind)))


def _without_seat(pool: str) -> str:
    """Return the beginning of a batch's pool key from the id of its pool: campaign, channel, district."""
    campaign, channel, _, district = pool.split("|")
    return f"{campaign}|{channel}|{district}"


def candidates(batches: BatchStore, pools: PoolStore, place: Place) -> Iterator[tuple[str, bool]]:
    """Yield the ids of batches that may be taken at a place, each with whether it is the last there.

    A place that has run empty loses its name.
    """
    there = batches.candidates(place.key)
    if not there:
        pools.forget(place.pool, place.part, place.token)
    usable = [
        batch["_id"]
        for batch in there
        if batch["forming_since"] is None and (place.parts is None or place.parts.issuperset(batch["part_ids"]))
    ]
    secrets.SystemRandom().shuffle(usable)
    for batch_id in usable:
        yield batch_id, len(there) == 1
