"""Carrying plans out: part by part, slab by slab; gone on with after a kill, never twice, and it says what changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from services.audiences.membership import Membership, Memberships
from services.batches.desk import gate_for
from services.batches.forming import Forming
from services.batches.holding import Holding
from services.batches.planning import AT_ONCE, column_of
from services.batches.progress import Progress, Saving, resumed
from services.campaigns.rulebook import Rulebook, Ruling
from services.contacts.surveying import Part, Surveyor
from services.domain.batches.batches import (
    LIVE,
    NORMAL,
    NOTHING_LEFT,
    POOLED,
    Household,
    Origin,
    make_batch,
    make_item,
    pool_id,
    pool_key,
)
from services.domain.batches.changes import handing_over
from services.domain.batches.cutting import Cut, Cutter, slabs
from services.domain.batches.shares import Cell, Deal
from services.domain.ids import new_id
from services.domain.jobs import Run
from services.domain.people.users import User
from services.domain.rules.eligibility import Gate
from services.gateways.clock import Clock
from services.operations.ahead import ahead
from services.store.batches.batches import BatchStore
from services.store.batches.plans import PlanStore
from services.store.batches.pools import PoolStore
from services.store.people.users import UserStore

Document = dict[str, Any]
# So many batches are stored, marked and leased together: few round trips, and nothing is lost with one that fails.
_SLAB = 40
# The numbered cells of one part.
_Cells = Sequence[tuple[int, Cell]]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stays the same while a plan is carried out."""

    plan: Document
    ruling: Ruling
    gate: Gate
    users: Mapping[str, User]
    own: frozenset[str]
    now: datetime
    deals: Mapping[int, Sequence[Deal]]
    audience: Membership | None


class BatchRuns:
    """Turns plans into batches."""

    def __init__(
        self,
        *,
        plans: PlanStore,
        batches: BatchStore,
        pools: PoolStore,
        users: UserStore,
        surveyor: Surveyor,
        audiences: Memberships,
        forming: Forming,
        holding: Holding,
        rulebook: Rulebook,
        clock: Clock,
    ) -> None:
        self._plans = plans
        self._batches = batches
        self._pools = pools
        self._users = users
        self._surveyor = surveyor
        self._audiences = audiences
        self._forming = forming
        self._holding = holding
        self._rulebook = rulebook
        self._clock = clock

    def carry_out(self, plan: Document, run: Run | None = None) -> Document:
        """Make the batches of a plan and return `{batches, contacts, changed}`; a plan that was done stays as done."""
        if plan["done"] is not None:
            return dict(plan["done"])
        frame = self._frame(plan)
        progress, cutter = resumed(plan, run)
        parts = _parts(plan)
        saving = Saving(run, total=len(parts))
        cuts: list[Cut[Household]] = []
        # The next parts are looked at while the batches of the last ones are written.
        with ahead(self._surveyed(frame, parts[progress.at :])) as surveyed:
            for some in surveyed:
                for cells, part in some:
                    progress.blocked += part.funnel.blocked
                    for number, cell in cells:
                        cuts += self._dealt(frame, number, cell, part, cutter)
                    progress.at += 1
                if len(cuts) >= _SLAB:
                    self._form(frame, cuts, progress)
                    cuts.clear()
                    saving.slab_done(progress, cutter)
        self._form(frame, [*cuts, *cutter.rest()], progress)
        self._tell_pools(plan)
        done = {"batches": progress.batches, "contacts": progress.contacts, "changed": _changed(plan, progress)}
        self._plans.finish(plan["_id"], done)
        return done

    def made(self, plan: Document) -> list[Document]:
        """Return the batches that a plan has become, without their items; none that others left nothing for."""
        own = [batch for batch in self._batches.of_run(plan["_id"]) if batch["parent_id"] is None]
        return [one for one in own if one["counts"]["total"] or one["close_reason"] not in {None, NOTHING_LEFT}]

    def _frame(self, plan: Document) -> _Frame:
        now = self._clock.now()
        ruling = self._rulebook.of(plan["request"]["campaign_id"], now)
        deals: dict[int, list[Deal]] = defaultdict(list)
        for dealt in (Deal(*dealt) for dealt in plan["deals"]):
            deals[dealt.cell].append(dealt)
        users = self._users.by_ids({one.owner for some in deals.values() for one in some if one.owner is not None})
        active = {key: user for key, user in users.items() if user.state == "active" and user.paused_at is None}
        own = frozenset(batch["_id"] for batch in self._batches.of_run(plan["_id"]))
        wanted, campaign_id = plan["request"].get("audience_id"), plan["request"]["campaign_id"]
        audience = self._audiences.find(wanted, campaign_id=campaign_id) if wanted is not None else None
        gate = gate_for(ruling, plan["request"]["channel"], now)
        return _Frame(plan, ruling, gate, active, own, now, deals, audience)

    def _surveyed(self, frame: _Frame, parts: Sequence[_Cells]) -> Iterator[list[tuple[_Cells, Part]]]:
        """Yield the plan's parts with what they hold now, some at a time."""
        request = frame.plan["request"]
        only = {"own": frame.own, "audience": frame.audience, "marks": frozenset(frame.plan.get("marks", ()))}
        how: dict[str, Any] = {"column": column_of(request), **only}
        for some in slabs(parts, weight=_items, most=AT_ONCE):
            places = [(cells[0][1].part_id, cells[0][1].constituency_id) for cells in some]
            found = self._surveyor.parts(places, frame.gate, request["campaign_id"], **how)
            yield list(zip(some, found, strict=True))

    def _dealt(
        self, frame: _Frame, number: int, cell: Cell, part: Part, cutter: Cutter[Household]
    ) -> Iterator[Cut[Household]]:
        """Deal a cell's households as planned; whose volunteer is gone meanwhile stays for the next plan."""
        households = part.groups.get(cell.group, [])
        start = 0
        for dealt in frame.deals.get(number, ()):
            share = households[start : start + dealt.size]
            start += dealt.size
            if dealt.owner is None or dealt.owner in frame.users:
                yield from cutter.add(dealt.owner, cell.constituency_id, share)

    def _form(self, frame: _Frame, cuts: Sequence[Cut[Household]], progress: Progress) -> None:
        for start in range(0, len(cuts), _SLAB):
            made = []
            for cut in cuts[start : start + _SLAB]:
                made.append(self._batch(frame, cut, progress.number))
                progress.number += 1
            formed = self._forming.form(made, frame.gate)
            # Whoever was suspended or moved since the plan was looked at keeps none of it.
            self._holding.mend(formed)
            for batch in formed:
                if batch["state"] in {POOLED, *LIVE}:
                    progress.batches += 1
                    progress.contacts += sum(len(item["contacts"]) for item in batch["items"])

    def _batch(self, frame: _Frame, cut: Cut[Household], number: int) -> Document:
        plan, request = frame.plan, frame.plan["request"]
        origin = Origin(
            run_id=plan["_id"],
            number=number,
            campaign_id=request["campaign_id"],
            channel=request["channel"],
            created_by=plan["actor"]["user_id"],
            at=plan["made_at"],
        )
        items = [make_item(plan["_id"], household) for household in cut.items]
        batch = make_batch(origin, items, due_at=request["due_at"])
        batch["priority"] = request.get("priority") or NORMAL
        if cut.owner is None:
            batch["pool_districts"] = [plan["pool_district"]] if plan["pool_district"] else None
            return batch | {"pool_key": pool_key(batch)}
        due_at = request["due_at"] or frame.now + frame.ruling.rules.batch_expires
        user = frame.users[cut.owner]
        given = handing_over(
            batch, user_id=user.id, district_id=user.home_area, lease_id=new_id(), now=frame.now, due_at=due_at
        )
        return batch | given

    def _tell_pools(self, plan: Document) -> None:
        """Keep why the rest of each seat was not planned, for volunteers who find the pool empty."""
        if plan["request"]["assign"]["mode"] == "pool":
            request = plan["request"]
            seats = plan["seats_blocked"]
            self._pools.note_blocked(
                {pool_id(request["campaign_id"], request["channel"], seat): seats[seat] for seat in seats}
            )


def _parts(plan: Document) -> list[list[tuple[int, Cell]]]:
    """Return the plan's cells, numbered, those of one part together."""
    numbered = [(number, Cell(*cell)) for number, cell in enumerate(plan["cells"])]
    return [list(cells) for _, cells in groupby(numbered, key=lambda pair: pair[1].part_id)]


def _items(cells: Sequence[tuple[int, Cell]]) -> int:
    return sum(cell.size for _, cell in cells)


def _changed(plan: Document, progress: Progress) -> list[Document]:
    """Return what came otherwise than planned, nothing when it came exactly so."""
    pairs = [(name, plan[name], getattr(progress, name)) for name in ("batches", "contacts")]
    before: Counter[str] = sum((Counter(reasons) for reasons in plan["blocked"].values()), Counter())
    pairs += [
        (f"blocked.{reason}", before[reason], progress.blocked[reason])
        for reason in sorted({*before, *progress.blocked})
    ]
    return [{"what": what, "planned": planned, "done": done} for what, planned, done in pairs if planned != done]
