"""Puts together plans: what they read, what carries them out, the jobs that do, and the surveys that stand ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.audiences.membership import Memberships
from services.batches.dispatching import MAKE, PLAN, Dispatching
from services.batches.forming import Forming
from services.batches.holding import Holding
from services.batches.plan_requests import PlanRequests
from services.batches.planning import WALKED, Planning
from services.batches.runs import BatchRuns
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.contacts.survey_keeping import SurveyKeeping
from services.domain.jobs import Handler
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.store.stores import Stores
from services.wiring.parts import wire_surveys
from services.worker import Step


@dataclass(frozen=True)
class PlanServices:
    """Planning and making, the jobs that do it, and the worker's step that keeps surveys."""

    dispatching: Dispatching
    job_handlers: Mapping[str, Handler]
    steps: tuple[Step, ...]


def wire_planning(
    stores: Stores,
    *,
    forming: Forming,
    holding: Holding,
    rulebook: Rulebook,
    places: Places,
    jobs: Jobs,
    audit: Audit,
    clock: Clock,
) -> PlanServices:
    """Return the use cases."""
    surveyor, surveys = wire_surveys(stores, clock)
    audiences = Memberships(stores.audiences, stores.candidates)
    requests = PlanRequests(
        users=stores.users, tallies=stores.target_tallies, audiences=audiences, places=places, rulebook=rulebook
    )
    runs = BatchRuns(
        plans=stores.plans,
        batches=stores.batches,
        pools=stores.pools,
        users=stores.users,
        surveyor=surveyor,
        audiences=audiences,
        forming=forming,
        holding=holding,
        rulebook=rulebook,
        clock=clock,
    )
    planning = Planning(requests=requests, surveyor=surveyor, surveys=surveys, plans=stores.plans, clock=clock)
    dispatching = Dispatching(planning=planning, runs=runs, jobs=jobs, audit=audit)
    keeping = SurveyKeeping(
        campaigns=stores.campaigns,
        tallies=stores.target_tallies,
        surveys=surveys,
        places=places,
        rulebook=rulebook,
        large=WALKED,
        clock=clock,
    )
    return PlanServices(
        dispatching=dispatching,
        job_handlers={PLAN: dispatching.run_plan, MAKE: dispatching.run_batches},
        # Counting many parts takes seconds; nothing else should wait for it.
        steps=(Step(name="surveys", run=keeping.run, own_thread=True),),
    )
