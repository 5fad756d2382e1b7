"""Puts together the roster, the sheets that fill it, and the pauses of its volunteers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.paths import read_json
from services.batches.desk import Desks
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.domain.areas import AreaNames
from services.domain.ist import IST
from services.domain.jobs import Handler
from services.domain.sheets.cells import CellWords
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.rejects import RowMessages
from services.domain.sheets.roster_rows import RosterReader
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.people.outsiders import Outsiders
from services.people.passwords import Passwords
from services.people.pauses import Pauses
from services.people.roster import Roster, TakeBack
from services.people.roster_import import KIND, RosterImport
from services.people.roster_imports import RosterImports
from services.push.waking import Waking
from services.store.stores import Stores


@dataclass(frozen=True)
class RosterServices:
    """The use cases of this subject, and what does its jobs."""

    roster: Roster
    outsiders: Outsiders
    imports: RosterImports
    handlers: Mapping[str, Handler]


def wire_roster(
    stores: Stores,
    *,
    jobs: Jobs,
    places: Places,
    rulebook: Rulebook,
    passwords: Passwords,
    take_back: TakeBack,
    audit: Audit,
    clock: Clock,
) -> RosterServices:
    """Return the use cases and job handlers of the roster."""
    roster = Roster(stores.users, places=places, passwords=passwords, take_back=take_back, clock=clock, audit=audit)
    headings = HeadingTable({**read_json("sheet_headers.json"), "fields": read_json("roster_headers.json")["fields"]})
    outsiders = Outsiders(
        campaigns=stores.campaigns,
        controls=stores.controls,
        rulebook=rulebook,
        desks=Desks(stores.users, stores.caps, places=places),
        places=places,
        clock=clock,
    )
    words = CellWords(read_json("cell_words.json"))
    roster_words = read_json("roster_words.json")

    def reader() -> RosterReader:
        today = clock.now().astimezone(IST).date()
        return RosterReader(AreaNames(places.tree().values()), words, roster_words, today=today)

    return RosterServices(
        roster=roster,
        outsiders=outsiders,
        imports=RosterImports(
            jobs=jobs, files=stores.files, headings=headings, messages=RowMessages(read_json("row_problems.json"))
        ),
        handlers={
            KIND: RosterImport(
                files=stores.files,
                users=stores.users,
                roster=roster,
                outsiders=outsiders,
                headings=headings,
                reader=reader,
            )
        },
    )


def wire_pauses(stores: Stores, *, rulebook: Rulebook, waking: Waking, audit: Audit, clock: Clock) -> Pauses:
    """Return who counts complaints against callers; `waking` asks coordinators to look and phones to ask."""
    return Pauses(
        store=stores.pauses,
        users=stores.users,
        leases=stores.leases,
        outcomes=stores.outcomes,
        rulebook=rulebook,
        paused=waking.volunteer_paused,
        moved=waking.pause_moved,
        audit=audit,
        clock=clock,
    )
