"""Puts together exports: what they may hold, who approves them, what makes their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.audiences.membership import Memberships
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.contacts.suppressions import Suppressions
from services.domain.jobs import Handler
from services.exports.exports import KIND, Exports
from services.exports.job import ExportJob
from services.exports.number_rules import NumberRules
from services.exports.other_rows import AuditRows, ProgressRows, SuppressionRows, VolunteerRows
from services.exports.people_rows import ContactRows, OutcomeRows, People
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.store.stores import Stores
from services.wiring.parts import catalogue_of_outcomes
from services.wiring.reports import ReportServices


@dataclass(frozen=True)
class ExportServices:
    """The use case of this subject, and what does its jobs, in a line of their own."""

    exports: Exports
    long_lines: Mapping[str, Mapping[str, Handler]]


def wire_exports(
    stores: Stores,
    *,
    jobs: Jobs,
    reports: ReportServices,
    suppressions: Suppressions,
    places: Places,
    rulebook: Rulebook,
    audit: Audit,
    clock: Clock,
) -> ExportServices:
    """Return the use case and the job handler of exports."""
    memberships = Memberships(stores.audiences, stores.candidates)
    catalogue = catalogue_of_outcomes()
    people = People(stores.contacts, suppressions)
    maker = ExportJob(
        store=stores.exports,
        files=stores.files,
        users=stores.users,
        sources={
            "contacts": ContactRows(
                people=people,
                numbers=NumberRules(stores.facts, rulebook, clock),
                targets=stores.targets,
                memberships=memberships,
                places=places,
                rulebook=rulebook,
                clock=clock,
            ),
            "outcomes": OutcomeRows(
                people=people,
                outcomes=stores.outcomes,
                campaigns=stores.campaigns,
                places=places,
                catalogue=catalogue,
            ),
            "progress": ProgressRows(reports.progress, catalogue),
            "volunteers": VolunteerRows(reports.volunteers, stores.users),
            "audit": AuditRows(stores.audit),
            "suppressions": SuppressionRows(stores.suppressions, clock),
        },
        audit=audit,
        clock=clock,
    )
    return ExportServices(
        exports=Exports(
            store=stores.exports,
            files=stores.files,
            campaigns=stores.campaigns,
            memberships=memberships,
            jobs=jobs,
            places=places,
            audit=audit,
            clock=clock,
        ),
        long_lines={"exports": {KIND: maker}},
    )
