"""Puts together what leaders read: progress, results of people, volunteers, digests; all of them sums of tallies."""

from __future__ import annotations

from dataclasses import dataclass

from config.paths import read_json
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.domain.reports.digest import DigestTexts
from services.gateways.clock import Clock
from services.reports.answers import AnswerReports
from services.reports.digest import Digests
from services.reports.reports import Reports
from services.reports.results import ResultReports
from services.reports.volunteers import VolunteerReports
from services.store.stores import Stores
from services.wiring.parts import catalogue_of_outcomes


@dataclass(frozen=True)
class ReportServices:
    """The use cases of this subject."""

    progress: Reports
    results: ResultReports
    answers: AnswerReports
    volunteers: VolunteerReports
    digests: Digests


def wire_reports(stores: Stores, *, rulebook: Rulebook, places: Places, clock: Clock) -> ReportServices:
    """Return the use cases."""
    catalogue = catalogue_of_outcomes()
    results = ResultReports(
        results=stores.result_tallies,
        targets=stores.target_tallies,
        campaigns=stores.campaigns,
        places=places,
        catalogue=catalogue,
        clock=clock,
    )
    return ReportServices(
        progress=Reports(
            cells=stores.cells,
            campaigns=stores.campaigns,
            targets=stores.target_tallies,
            users=stores.users,
            places=places,
            rulebook=rulebook,
            catalogue=catalogue,
            clock=clock,
        ),
        results=results,
        answers=AnswerReports(
            cells=stores.cells, scripts=stores.scripts, places=places, rulebook=rulebook, clock=clock
        ),
        volunteers=VolunteerReports(
            cells=stores.cells,
            campaigns=stores.campaigns,
            users=stores.users,
            places=places,
            catalogue=catalogue,
            clock=clock,
        ),
        digests=Digests(
            cells=stores.cells,
            campaigns=stores.campaigns,
            results=results,
            places=places,
            texts=DigestTexts(read_json("digest.json")),
            clock=clock,
        ),
    )
