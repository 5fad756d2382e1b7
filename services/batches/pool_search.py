"""Looking for unclaimed work: which pools and parts are open to a volunteer now, nearest first."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from services.batches.desk import Seat
from services.campaigns.rulebook import Ruling
from services.domain.batches.batches import ANY_DISTRICT, SLOTS, part_and_rank, pool_id
from services.domain.errors import BlockedByRule, NotFound
from services.domain.rules.eligibility import Gate
from services.domain.rules.verdict import Verdict
from services.store.batches.batches import BatchStore
from services.store.batches.looks import BatchLook, LookStore
from services.store.batches.pools import PoolStore, together

Document = dict[str, Any]
# So many names are looked at first, and then together.
_FIRST, _THEN = 2, 40
# More batches than this under one name are not read all at once.
_MANY = 8


class Place(NamedTuple):
    """A shelf of a pool on which batches may lie: those of one part and priority."""

    pool: str
    shelf: str
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
    _grounds: dict[tuple[str, str], Verdict] = field(default_factory=dict)

    def closed_as_a_whole(self) -> bool:
        """Tell whether the rules forbid every seat now; parts with rules or polls of their own are looked at singly."""
        self.closed = [verdict for seat in self.seats if not (verdict := self._ground("", seat.id)).allowed]
        return bool(self.seats) and len(self.closed) == len(self.seats) and not self._own_rules()

    def pools(self) -> dict[str, Seat]:
        """Return the pools that are open to the volunteer, nearest first."""
        return pools_of(self.ruling.campaign["_id"], self.channel, self.seats, self.district)

    def places(self, pools: Mapping[str, Document]) -> Iterator[list[Place]]:
        """Yield where batches may lie that the rules allow to take now: by priority, then nearness, else by chance.

        A few come first and then many together: the first few mostly have something, and of many names most are
        never looked at. Chance keeps many claimers from meeting at one batch.
        """
        self.closed = []
        tiers: dict[tuple[int, int], list[tuple[str, str, Seat]]] = {}
        for pool, seat in self.pools().items():
            for shelf in (pools.get(pool) or {}).get("parts") or {}:
                part, priority = part_and_rank(shelf)
                if seat.parts is None or part in seat.parts:
                    tiers.setdefault((priority, seat.rank), []).append((pool, shelf, seat))
        for _, named in sorted(tiers.items(), key=lambda tier: tier[0]):
            for some in _by_chance(named):
                places = [self._place(pools, *one) for one in some]
                if found := [place for place in places if place is not None]:
                    yield found

    def forbidden(self) -> BlockedByRule:
        """Return the error that names what the rules say against every place, and when the first of them opens."""
        reasons = dict.fromkeys(code for verdict in self.closed for code in verdict.codes)
        starts = [verdict.allowed_from for verdict in self.closed if verdict.allowed_from is not None]
        return BlockedByRule(list(reasons), allowed_from=min(starts, default=None))

    def nothing(self, pools: Mapping[str, Document]) -> BlockedByRule | NotFound:
        """Return why there is nothing: the hour, or what the last plan and this search found against the contacts."""
        if self.closed and not self.reasons:
            return self.forbidden()
        reasons = sum((Counter(pool.get("blocked") or {}) for pool in pools.values()), self.reasons)
        return NotFound("no_batch", details={"reasons": dict(reasons)})

    def _place(self, pools: Mapping[str, Document], pool: str, shelf: str, seat: Seat) -> Place | None:
        verdict = self._ground(part_and_rank(shelf)[0], seat.id)
        if not verdict.allowed:
            self.closed.append(verdict)
            return None
        return Place(pool, shelf, f"{_without_seat(pool)}|{shelf}", pools[pool]["parts"][shelf], seat.parts)

    def _own_rules(self) -> bool:
        return any(area.count("-") > 1 for area in (*self.ruling.rules.areas, *self.ruling.controls.polls))

    def _ground(self, part_id: str, seat_id: str) -> Verdict:
        """Ask about the place alone: about somebody of whom nothing is known that could forbid it."""
        own = part_id in self.ruling.rules.areas or part_id in self.ruling.controls.polls
        place = (part_id if own else "", seat_id)
        verdict = self._grounds.get(place)
        if verdict is None:
            verdict = self._grounds[place] = self.gate.of_place(*place)[0]
        return verdict


def pools_of(campaign_id: str, channel: str, seats: Sequence[Seat], district: str | None) -> dict[str, Seat]:
    """Return the pools of some seats that are open to people of a district, in the order of the seats."""
    districts = [ANY_DISTRICT, *([district] if district else [])]
    return {pool_id(campaign_id, channel, seat.id, one): seat for seat in seats for one in districts}


def _by_chance(named: list[tuple[str, str, Seat]]) -> Iterator[list[tuple[str, str, Seat]]]:
    """Yield a few names, then all others, none twice, in no order."""
    dice = secrets.SystemRandom()
    first = dice.sample(range(len(named)), min(_FIRST, len(named)))
    yield [named[at] for at in first]
    if len(named) > len(first):
        seen = set(first)
        rest = [one for at, one in enumerate(named) if at not in seen]
        dice.shuffle(rest)
        for start in range(0, len(rest), _THEN):
            yield rest[start : start + _THEN]


def _without_seat(pool: str) -> str:
    """Return the beginning of a batch's pool key from the id of its pool: campaign, channel, district."""
    campaign, channel, _, district = pool.split("|")
    return f"{campaign}|{channel}|{district}"


def drawn(looks: LookStore, places: Sequence[Place], *, now: datetime) -> BatchLook | None:
    """Return a batch that may be taken at one of some places, drawn by chance with its people; None for a blank."""
    place = secrets.choice(places)
    slot = secrets.randbelow(SLOTS) if together(place.token) > _MANY else None
    look = looks.of_shelf(place.key, slot=slot, now=now)
    return look if look is not None and _is_usable(look.batch, place) else None


def candidates(batches: BatchStore, pools: PoolStore, places: Sequence[Place]) -> list[str]:
    """Return the ids of batches that may be taken at some places, in no order; places that ran empty lose their names.

    Of a place where many lie one slot is read at first.
    """
    slot = secrets.randbelow(SLOTS) if any(together(place.token) > _MANY for place in places) else None
    by_key = {place.key: place for place in places}
    there = batches.candidates(list(by_key), slot=slot)
    if slot is not None and not (usable := _usable(there, by_key)):
        slot, there = None, batches.candidates(list(by_key))
    usable = _usable(there, by_key)
    if slot is None:
        full = {batch["pool_key"] for batch in there}
        pools.forget([(place.pool, place.shelf, place.token) for place in places if place.key not in full])
    secrets.SystemRandom().shuffle(usable)
    return usable


def _usable(there: Sequence[Document], by_key: Mapping[str, Place]) -> list[str]:
    return [batch["_id"] for batch in there if _is_usable(batch, by_key[batch["pool_key"]])]


def _is_usable(batch: Document, place: Place) -> bool:
    return batch["forming_since"] is None and (place.parts is None or place.parts.issuperset(batch["part_ids"]))
