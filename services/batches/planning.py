"""Plans: who would get how many of whom, shown before it is done, and kept so that it can be done as shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.batches.desk import gate_for
from services.batches.plan_requests import PlanRequests, Task
from services.contacts.standing_surveys import Counted, StandingSurveys
from services.contacts.surveying import Funnel, Part, Surveyor
from services.domain.batches.cutting import Cutter, slabs
from services.domain.batches.shares import Cell, Deal, deal, limited, warnings
from services.domain.errors import Conflict, Invalid
from services.domain.ids import new_id
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.store.batches.plans import PlanStore

Document = dict[str, Any]
VALID_FOR = timedelta(minutes=15)
# So many targets are looked at together.
AT_ONCE = 1000
# What a request looks at by itself; a part has about 840 targets, looked at in some 20 ms.
WALKED = 30_000


@dataclass(slots=True)
class _Walked:
    """What was seen on the way: `people` holds, by cell, how many people each household has."""

    funnel: Funnel = field(default_factory=Funnel)
    cells: list[Cell] = field(default_factory=list)
    people: list[list[int]] = field(default_factory=list)
    blocked: dict[str, dict[str, int]] = field(default_factory=dict)
    by_seat: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, part: Part) -> None:
        """Note what a part holds."""
        self._add(part.part_id, part.constituency_id, part.funnel)
        for group, households in sorted(part.groups.items()):
            self.cells.append(Cell(part.part_id, part.constituency_id, group, len(households)))
            self.people.append([len(household.contacts) for household in households])

    def add_counted(self, part: Counted) -> None:
        """Note what a part holds by its standing survey."""
        self._add(part.part_id, part.constituency_id, part.funnel)
        if part.people:
            self.cells.append(Cell(part.part_id, part.constituency_id, "", len(part.people)))
            self.people.append(part.people)

    def _add(self, part_id: str, seat: str, funnel: Funnel) -> None:
        self.funnel.add(funnel)
        self.blocked[part_id] = dict(funnel.blocked)
        self.by_seat[seat] = dict(Counter(self.by_seat.get(seat)) + funnel.blocked)


class Planning:
    """Makes plans and finds them again."""

    def __init__(
        self,
        *,
        requests: PlanRequests,
        surveyor: Surveyor,
        surveys: StandingSurveys,
        plans: PlanStore,
        clock: Clock,
    ) -> None:
        self._requests = requests
        self._surveyor = surveyor
        self._surveys = surveys
        self._plans = plans
        self._clock = clock

    def size(self, actor: Actor, request: Document) -> int:
        """Return how many targets a plan would look at; raise Invalid for a request that cannot be planned.

        A small plan looks at everybody as they are now; of a large one only at what no standing survey tells.
        """
        task = self._requests.understand(actor, request, self._clock.now())
        if not _by_surveys(task):
            return task.targets
        return sum(targets for _, _, targets in self._surveys.stale(task.ruling, task.parts))

    def make(self, actor: Actor, request: Document, *, plan_id: str | None = None) -> Document:
        """Walk the parts and store a plan; with `plan_id` the one that is there already is returned."""
        kept = self._plans.find(plan_id) if plan_id else None
        if kept is not None:
            return kept
        now = self._clock.now()
        task = self._requests.understand(actor, request, now)
        plan = self._plan(task, now) | {"_id": plan_id or new_id(), "actor": _told(actor), "request": request}
        self._plans.insert_once(plan)
        return plan

    def take(self, actor: Actor, plan_id: str) -> Document:
        """Return an own plan that is still valid or was done; raise Invalid, or Conflict once it is too old."""
        plan = self._plans.find(plan_id)
        if plan is None or plan["actor"]["user_id"] != actor.user_id:
            raise Invalid(plan_id="plan_unknown")
        if plan["done"] is None and plan["valid_until"] <= self._clock.now():
            raise Conflict("plan_expired")
        return plan

    def _plan(self, task: Task, now: datetime) -> Document:
        request = task.request
        walked = self._walk(task, now)
        cells = limited(walked.cells, request["limit"])
        deals = deal(cells, task.volunteers, request["assign"]["strategy"], place_of=task.place_of)
        parts = {cell.part_id for cell in cells}
        odd = warnings(cells, deals, task.volunteers, languages=walked.funnel.languages, place_of=task.place_of)
        return {
            "funnel": walked.funnel.to_wire(),
            "cells": [list(cell) for cell in cells],
            "deals": [list(dealt) for dealt in deals],
            "blocked": {part: reasons for part, reasons in walked.blocked.items() if part in parts},
            "seats_blocked": walked.by_seat,
            "batches": _number_of_batches(cells, deals, task.size),
            "contacts": _contacts(deals, walked.people),
            "shares": _shares(deals, walked.people, task),
            "warnings": [*task.notes, *odd],
            "pool_district": task.pool_district,
            "size": task.size,
            "marks": sorted(task.marks),
            "made_at": now,
            "valid_until": now + VALID_FOR,
            "recorded_at": datetime.now(UTC),
            "done": None,
        }

    def _walk(self, task: Task, now: datetime) -> _Walked:
        request, walked = task.request, _Walked()
        gate = gate_for(task.ruling, request["channel"], now)
        if _by_surveys(task):
            self._bring_up_to_date(task)
            for counted in self._surveys.read(task.ruling, task.parts, gate):
                walked.add_counted(counted)
            return walked
        for some in slabs(task.parts, weight=lambda part: part[2], most=AT_ONCE):
            places = [(part_id, seat_id) for part_id, seat_id, _ in some]
            column = column_of(request)
            for part in self._surveyor.parts(
                places, gate, request["campaign_id"], column=column, audience=task.audience, marks=task.marks
            ):
                walked.add(part)
        return walked

    def _bring_up_to_date(self, task: Task) -> None:
        stale = self._surveys.stale(task.ruling, task.parts)
        for some in slabs(stale, weight=lambda part: part[2], most=AT_ONCE):
            self._surveys.count(task.ruling, [(part_id, seat_id) for part_id, seat_id, _ in some])


def _by_surveys(task: Task) -> bool:
    """Tell whether a plan reads sums alone: one over many that asks nothing of single people."""
    sums_alone = column_of(task.request) is None and task.audience is None and not task.marks
    return task.targets > WALKED and sums_alone


def shown(plan: Document) -> Document:
    """Return a plan as the wire has it."""
    names = ("valid_until", "funnel", "batches", "shares", "warnings")
    return {"plan_id": plan["_id"], **{name: plan[name] for name in names}}


def actor_of(plan: Document) -> Actor:
    """Return who made a plan, for the job that carries it out."""
    return Actor(session_id="job", **plan["actor"])


def _told(actor: Actor) -> Document:
    return {"user_id": actor.user_id, "role": actor.role, "home_area": actor.home_area}


def column_of(request: Document) -> str | None:
    """Return the column that decides, None where another strategy does."""
    assign = request["assign"]
    return assign["column"] if assign["strategy"] == "column" else None


def _by_owner(deals: Sequence[Deal], people: Sequence[Sequence[int]]) -> Counter[str | None]:
    """Count people by owner, each deal taking the households of its cell that come next."""
    contacts: Counter[str | None] = Counter()
    used: Counter[int] = Counter()
    for dealt in deals:
        start = used[dealt.cell]
        used[dealt.cell] = start + dealt.size
        contacts[dealt.owner] += sum(people[dealt.cell][start : start + dealt.size])
    return contacts


def _contacts(deals: Sequence[Deal], people: Sequence[Sequence[int]]) -> int:
    return _by_owner(deals, people).total()


def _shares(deals: Sequence[Deal], people: Sequence[Sequence[int]], task: Task) -> list[Document]:
    """Return how many people each volunteer would get, and how many numbers they may be shown a day."""
    contacts = _by_owner(deals, people)
    return [
        {"user_id": volunteer.id, "contacts": contacts[volunteer.id], "capacity": volunteer.capacity}
        for volunteer in task.volunteers
    ]


def _number_of_batches(cells: Sequence[Cell], deals: Sequence[Deal], size: int) -> int:
    """Cut as it will be cut, with nothing in the pieces but their number."""
    cutter: Cutter[None] = Cutter(size)
    cut = sum(len(cutter.add(dealt.owner, cells[dealt.cell].constituency_id, [None] * dealt.size)) for dealt in deals)
    return cut + len(cutter.rest())
