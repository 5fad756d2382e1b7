"""Puts together how people come in and are found: imports, enrolment, contacts, rights requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.paths import read_json
from services.audit import Audit
from services.contacts import Contacts
from services.domain.cells import CellWords
from services.domain.contact_keys import ContactKeys
from services.domain.headings import HeadingTable
from services.domain.jobs import Handler
from services.domain.rejects import RowMessages
from services.enrolment import KIND as ENROL
from services.enrolment import Enrolment
from services.gateways.clock import Clock
from services.import_job import KIND as IMPORT
from services.import_job import ImportJob
from services.import_trial import KIND as TRIAL
from services.import_trial import ImportTrial
from services.import_undo import KIND as UNDO
from services.import_undo import ImportUndo
from services.import_writer import ChunkWriter
from services.imports import Imports
from services.jobs import Jobs
from services.places import Places
from services.rights import Rights
from services.rulebook import Rulebook
from services.store.stores import Stores
from services.suppressions import Suppressions
from services.target_counts import TargetCounts


@dataclass(frozen=True)
class ContactServices:
    """The use cases of this subject, and what does its jobs: in the line of all jobs, or in lines of their own."""

    imports: Imports
    contacts: Contacts
    enrolment: Enrolment
    rights: Rights
    handlers: Mapping[str, Handler]
    long_lines: Mapping[str, Mapping[str, Handler]]


def wire_contacts(
    stores: Stores,
    *,
    jobs: Jobs,
    suppressions: Suppressions,
    keys: ContactKeys,
    places: Places,
    rulebook: Rulebook,
    audit: Audit,
    clock: Clock,
) -> ContactServices:
    """Return the use cases and job handlers of contacts."""
    headings = HeadingTable(read_json("sheet_headers.json"))
    words = CellWords(read_json("cell_words.json"))
    counts = TargetCounts(stores.targets, stores.target_tallies, places=places, clock=clock)
    enrolment = Enrolment(
        jobs=jobs,
        campaigns=stores.campaigns,
        contacts=stores.contacts,
        targets=stores.targets,
        target_counts=counts,
        places=places,
    )
    importer = ImportJob(
        files=stores.files,
        campaigns=stores.campaigns,
        writer=ChunkWriter(
            contacts=stores.contacts, targets=stores.targets, suppressions=stores.suppressions, keys=keys
        ),
        target_counts=counts,
        rulebook=rulebook,
        places=places,
        keys=keys,
        words=words,
        headings=headings,
        clock=clock,
    )
    people = Contacts(
        store=stores.contacts,
        targets=stores.targets,
        campaigns=stores.campaigns,
        sources=stores.sources,
        suppressions=suppressions,
        keys=keys,
        words=words,
        headings=headings,
        places=places,
        audit=audit,
        clock=clock,
    )
    undo = ImportUndo(
        jobs=stores.jobs,
        contacts=stores.contacts,
        targets=stores.targets,
        campaigns=stores.campaigns,
        target_counts=counts,
    )
    trial = ImportTrial(files=stores.files, campaigns=stores.campaigns, importer=importer, headings=headings)
    return ContactServices(
        imports=Imports(
            jobs=jobs,
            files=stores.files,
            sources=stores.sources,
            campaigns=stores.campaigns,
            headings=headings,
            messages=RowMessages(read_json("row_problems.json")),
            clock=clock,
        ),
        contacts=people,
        enrolment=enrolment,
        rights=Rights(
            store=stores.rights,
            contacts=stores.contacts,
            people=people,
            suppressions=suppressions,
            keys=keys,
            answer_days=read_json("rights.json")["answer_days"],
            audit=audit,
            clock=clock,
        ),
        handlers={ENROL: enrolment},
        long_lines={"imports": {IMPORT: importer, UNDO: undo}, "trials": {TRIAL: trial}},
    )
