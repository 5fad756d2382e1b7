"""Puts together what becomes of outcomes: recording, consequences, conflicts and the recount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.batches.languages import LanguageHandover
from services.batches.work import BatchWork
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.contacts.opt_outs import OptOuts
from services.contacts.suppressions import Suppressions
from services.domain.contacts.keys import ContactKeys
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.outcomes.answer_check import AnswerCheck
from services.outcomes.conflicts import Conflicts, Waits
from services.outcomes.effects import Effects, Tell
from services.outcomes.holding import Holding
from services.outcomes.outcomes import Outcomes
from services.outcomes.projecting import Projecting
from services.outcomes.reconciling import Reconciling
from services.outcomes.result_counts import PARTS_AT_ONCE, ResultCounts
from services.outcomes.reviews import Reviews
from services.store.outcomes.outcomes import PENDING_AT_ONCE
from services.store.stores import Stores
from services.wiring.parts import catalogue_of_outcomes
from services.worker import Step


@dataclass(frozen=True)
class OutcomeServices:
    """The use cases of this subject, and the steps of the worker that belong to it."""

    outcomes: Outcomes
    conflicts: Conflicts
    holding: Holding
    projecting: Projecting
    reconciling: Reconciling
    reviews: Reviews
    steps: tuple[Step, ...]


def wire_outcomes(
    stores: Stores,
    *,
    rulebook: Rulebook,
    places: Places,
    suppressions: Suppressions,
    keys: ContactKeys,
    escalate: Callable[[dict[str, Any]], None],
    complain: Callable[[dict[str, Any]], None],
    waits: Waits,
    tell: Tell,
    audit: Audit,
    clock: Clock,
) -> OutcomeServices:
    """Return the use cases.

    `escalate` gets what a coordinator must hear of, `complain` complaints, `waits` what they must decide, `tell` those
    whose batches changed.
    """
    catalogue = catalogue_of_outcomes()
    work = BatchWork(store=stores.batch_outcomes, outcomes=stores.outcomes, rulebook=rulebook, catalogue=catalogue)
    effects = Effects(
        contacts=stores.contact_effects,
        reviews=stores.reviews,
        outcomes=stores.outcomes,
        leases=stores.leases,
        targets=stores.target_marks,
        batches=stores.batch_outcomes,
        suppressions=suppressions,
        work=work,
        escalate=escalate,
        complain=complain,
        waits=waits,
        tell=tell,
        catalogue=catalogue,
        clock=clock,
    )
    projecting = Projecting(
        outcomes=stores.outcomes,
        marks=stores.marks,
        leases=stores.leases,
        cells=stores.cells,
        results=stores.result_tallies,
        work=work,
        effects=effects,
        languages=LanguageHandover(
            batches=stores.batches,
            marks=stores.target_marks,
            users=stores.users,
            contacts=stores.contacts,
            effects=stores.contact_effects,
            catalogue=catalogue,
        ),
        rulebook=rulebook,
        catalogue=catalogue,
        clock=clock,
    )
    results = ResultCounts(stores.result_tallies, places=places, clock=clock)
    holding = Holding(
        held=stores.held_outcomes,
        outcomes=stores.outcomes,
        work=work,
        suppress=lambda actor, told: suppressions.from_outcomes(told, now=clock.now(), actor=actor),
        erased=stores.marks.erased,
        catalogue=catalogue,
        audit=audit,
        clock=clock,
    )
    conflicts = Conflicts(store=stores.outcomes, waits=waits, audit=audit, clock=clock)
    return OutcomeServices(
        outcomes=Outcomes(
            store=stores.outcomes,
            work=work,
            marks=stores.marks,
            rulebook=rulebook,
            suppressions=suppressions,
            catalogue=catalogue,
            answers=AnswerCheck(stores.scripts),
            clock=clock,
            hold=holding.keep,
            draw=projecting.project,
        ),
        holding=holding,
        conflicts=conflicts,
        projecting=projecting,
        reviews=Reviews(stores=stores, suppressions=suppressions, keys=keys, audit=audit, clock=clock),
        reconciling=Reconciling(
            stores=stores,
            projecting=projecting,
            results=results,
            opt_outs=OptOuts(store=stores.suppressions, contacts=stores.contacts, audit=audit),
            rulebook=rulebook,
            catalogue=catalogue,
            clock=clock,
        ),
        steps=(
            Step(name="outcomes", run=projecting.run, rest_seconds=0.3, portion=PENDING_AT_ONCE),
            # A part is counted whole, however few of its people were heard from meanwhile.
            Step(name="results", run=results.run, own_thread=True, rest_seconds=1.0, portion=PARTS_AT_ONCE),
            Step(name="conflicts", run=conflicts.tell_new, rest_seconds=1.0),
            Step(name="suppressions", run=lambda: suppressions.carry_out(effects.stop)),
        ),
    )
