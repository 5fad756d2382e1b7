"""Puts together everything about batches: plans, claims, openings, what coordinators do, and the worker's steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from config.paths import read_json
from services.batches.assigning import Assigning
from services.batches.audit import BatchAudit
from services.batches.balance import Balance
from services.batches.claiming import Claiming
from services.batches.desk import Desks
from services.batches.dispatching import Dispatching
from services.batches.events import AT_ONCE, BatchEvents, Handler, Happened, each
from services.batches.forming import Forming
from services.batches.handing import Handing
from services.batches.holding import Holding
from services.batches.lease_audit import LeaseAudit
from services.batches.leasing import Leasing
from services.batches.opening import Opening
from services.batches.orphans import Orphans
from services.batches.reassigning import Reassigning
from services.batches.refilling import Refilling
from services.batches.returning import Returning
from services.batches.scope import BatchScope
from services.batches.upkeep import BatchUpkeep
from services.batches.view import BatchView
from services.batches.work_requests import WorkRequests
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.content.wordings import Wordings
from services.domain.jobs import Handler as JobHandler
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.policy import Policy
from services.store.stores import Stores
from services.wiring.planning import wire_planning
from services.worker import Step


@dataclass(frozen=True)
class BatchServices:
    """The use cases of this subject, the jobs it knows, and the steps of the worker that belong to it."""

    balance: Balance
    batches: BatchScope
    dispatching: Dispatching
    assigning: Assigning
    claiming: Claiming
    opening: Opening
    reassigning: Reassigning
    work_requests: WorkRequests
    view: BatchView
    orphans: Orphans
    job_handlers: Mapping[str, JobHandler]
    steps: tuple[Step, ...]


def wire_batches(
    stores: Stores,
    *,
    rulebook: Rulebook,
    places: Places,
    jobs: Jobs,
    policy: Policy,
    audit: Audit,
    clock: Clock,
    handlers: Mapping[str, Sequence[Handler]],
) -> BatchServices:
    """Return the use cases; `handlers` are what others do about events of batches, by kind."""
    returning = Returning(
        batches=stores.batches,
        leases=stores.leases,
        marks=stores.target_marks,
        pools=stores.pools,
        surveys=stores.surveys,
        clock=clock,
    )
    forming = Forming(
        batches=stores.batches,
        facts=stores.facts,
        leasing=Leasing(stores.leases),
        marks=stores.target_marks,
        pools=stores.pools,
        returning=returning,
        surveys=stores.surveys,
        rulebook=rulebook,
        clock=clock,
    )
    # What nearly every use case of batches is handed.
    common: dict[str, Any] = {
        "batches": stores.batches,
        "forming": forming,
        "rulebook": rulebook,
        "audit": audit,
        "clock": clock,
    }
    claims_with = {name: common[name] for name in ("batches", "forming", "rulebook", "clock")}
    holding = Holding(stores.users, returning=returning)
    handing = Handing(
        batches=stores.batches,
        facts=stores.facts,
        leases=stores.leases,
        forming=forming,
        holding=holding,
        returning=returning,
    )
    desks = Desks(stores.users, stores.caps, places=places)
    wordings = Wordings(templates=stores.templates, scripts=stores.scripts, places=places)
    view = BatchView(stores.contacts, places=places, wordings=wordings)
    scope = BatchScope(
        batches=stores.batches, campaigns=stores.campaigns, users=stores.users, places=places, policy=policy
    )
    upkeep = BatchUpkeep(
        batches=stores.batches,
        leases=stores.leases,
        marks=stores.target_marks,
        forming=forming,
        returning=returning,
        rulebook=rulebook,
        warns_ahead=timedelta(hours=read_json("push.json")["expiry_warning_hours"]),
        clock=clock,
    )
    look_over = BatchAudit(batches=stores.batches, pools=stores.pools, marks=stores.target_marks, holding=holding)
    lease_audit = LeaseAudit(batches=stores.batches, leases=stores.leases, clock=clock)
    events = BatchEvents(stores.batches, _all_handlers(returning, audit, handlers))
    planned = wire_planning(
        stores,
        forming=forming,
        holding=holding,
        rulebook=rulebook,
        places=places,
        jobs=jobs,
        audit=audit,
        clock=clock,
    )
    assigning = Assigning(scope=scope, leases=stores.leases, handing=handing, returning=returning, **common)
    claiming = Claiming(
        facts=stores.facts,
        pools=stores.pools,
        claims=stores.claims,
        looks=stores.looks,
        desks=desks,
        handing=handing,
        view=view,
        **claims_with,
    )
    refilling = Refilling(
        campaigns=stores.campaigns, users=stores.users, batches=stores.batches, claiming=claiming, places=places
    )
    return BatchServices(
        batches=scope,
        dispatching=planned.dispatching,
        assigning=assigning,
        claiming=claiming,
        balance=Balance(users=stores.users, batches=stores.batches, caps=stores.caps, rulebook=rulebook, clock=clock),
        reassigning=Reassigning(scope=scope, assigning=assigning, batches=stores.batches, clock=clock),
        work_requests=WorkRequests(
            store=stores.work_requests,
            campaigns=stores.campaigns,
            scope=scope,
            claiming=claiming,
            assigning=assigning,
            audit=audit,
            clock=clock,
        ),
        opening=Opening(looks=stores.looks, caps=stores.caps, returning=returning, view=view, **common),
        view=view,
        orphans=Orphans(
            stores,
            leases=lease_audit,
            batches=look_over,
            upkeep=upkeep,
            events=events,
            places=places,
            clock=clock,
        ),
        job_handlers=planned.job_handlers,
        steps=(
            # Telling many volunteers of their batches must not keep an opt-out from its effects.
            Step(name="batch events", run=events.run, own_thread=True, rest_seconds=0.3, portion=AT_ONCE),
            Step(name="batches", run=upkeep.run, rest_seconds=1.0),
            Step(name="refill", run=refilling.run),
            *planned.steps,
            Step(name="batch audit", run=look_over.run),
            Step(name="lease audit", run=lease_audit.run),
        ),
    )


def _all_handlers(
    returning: Returning, audit: Audit, others: Mapping[str, Sequence[Handler]]
) -> dict[str, list[Handler]]:
    """Return who hears of which event: work moves on first, then people are told."""

    def claimed(happened: Sequence[Happened]) -> None:
        entries = []
        for batch, event in happened:
            if by := event.get("claimed_by"):
                facts = {"channel": batch["channel"], "items": batch["counts"]["total"]}
                once = {"once": event["id"], "since": event["at"]}
                entries.append(audit.once(Actor(**by), "batch.claim", subject=f"batch:{batch['_id']}", **once, **facts))
        audit.append_once(entries)

    ours: dict[str, list[Handler]] = {
        "assigned": [claimed],
        "callback": [],
        "expiring": [],
        **{kind: [each(returning.apply_returned)] for kind in ("returned", "recalled", "expired", "spilled")},
    }
    return {kind: [*handlers, *others.get(kind, ())] for kind, handlers in ours.items()}
