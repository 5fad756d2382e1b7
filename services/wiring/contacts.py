"""Puts together how people come in and are found: imports, enrolment, contacts, rights requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.paths import read_json
from services.audiences.membership import Memberships
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.contacts.access_reports import AccessReports
from services.contacts.contacts import Contacts
from services.contacts.enrolment import KIND as ENROL
from services.contacts.enrolment import Enrolment
from services.contacts.merges import ContactMerges
from services.contacts.reach import ContactReach
from services.contacts.retention import KIND as RETAIN
from services.contacts.retention import Retention
from services.contacts.rights import Complaints, Rights
from services.contacts.sayings import Sayings
from services.contacts.suppressions import Suppressions
from services.contacts.target_counts import TargetCounts
from services.domain.cipher import Cipher
from services.domain.contacts.keys import ContactKeys
from services.domain.jobs import Handler
from services.domain.sheets.cells import CellWords
from services.domain.sheets.headings import HeadingTable
from services.domain.sheets.rejects import RowMessages
from services.gateways.clock import Clock
from services.imports.columns import SheetColumns
from services.imports.custom_tellings import CustomTellings
from services.imports.imports import Imports
from services.imports.job import KIND as IMPORT
from services.imports.job import ImportJob
from services.imports.saved_mappings import SavedMappings
from services.imports.sources import KIND as ATTEST
from services.imports.sources import SourceAttesting, Sources
from services.imports.trial import KIND as TRIAL
from services.imports.trial import ImportTrial
from services.imports.undo import KIND as UNDO
from services.imports.undo import ImportUndo
from services.imports.writer import ChunkWriter
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.store.stores import Stores
from services.wiring.parts import catalogue_of_outcomes
from services.worker import Step


@dataclass(frozen=True)
class ContactServices:
    """The use cases of this subject, and what does its jobs: in the line of all jobs, or in lines of their own."""

    imports: Imports
    sources: Sources
    sheet_mappings: SavedMappings
    contacts: Contacts
    merges: ContactMerges
    enrolment: Enrolment
    rights: Rights
    handlers: Mapping[str, Handler]
    long_lines: Mapping[str, Mapping[str, Handler]]
    steps: tuple[Step, ...]


def wire_suppressions(
    stores: Stores, cipher: Cipher, *, places: Places, audit: Audit, clock: Clock
) -> tuple[ContactKeys, Suppressions]:
    """Return the keys that addresses are known by, and who keeps what must not be contacted."""
    keys = ContactKeys(cipher)
    return keys, Suppressions(
        store=stores.suppressions,
        contacts=stores.contacts,
        reach=ContactReach(stores.contacts, stores.campaigns, places),
        keys=keys,
        audit=audit,
        clock=clock,
    )


def wire_contacts(
    stores: Stores,
    *,
    jobs: Jobs,
    attesting: bool,
    suppressions: Suppressions,
    complaints: Complaints,
    keys: ContactKeys,
    places: Places,
    rulebook: Rulebook,
    audit: Audit,
    clock: Clock,
) -> ContactServices:
    """Return the use cases and job handlers of contacts; `attesting` lets claimed consent wait for a second person."""
    headings = HeadingTable(read_json("sheet_headers.json"))
    columns = SheetColumns(headings, stores.custom_fields)
    words = CellWords(read_json("cell_words.json"))
    counts = TargetCounts(stores.targets, stores.target_tallies, places=places, clock=clock)
    enrolment = Enrolment(
        jobs=jobs,
        campaigns=stores.campaigns,
        contacts=stores.contacts,
        targets=stores.targets,
        audiences=Memberships(stores.audiences, stores.candidates),
        target_counts=counts,
        places=places,
    )
    importer = ImportJob(
        files=stores.files,
        campaigns=stores.campaigns,
        sources=stores.sources,
        attesting=attesting,
        writer=ChunkWriter(
            contacts=stores.contacts,
            targets=stores.targets,
            suppressions=stores.suppressions,
            custom=CustomTellings(stores.custom_fields),
            keys=keys,
        ),
        target_counts=counts,
        rulebook=rulebook,
        places=places,
        keys=keys,
        words=words,
        columns=columns,
        clock=clock,
    )
    sayings = Sayings(stores.outcomes, stores.held_outcomes, stores.reviews, stores.targets)
    people = Contacts(
        store=stores.contacts,
        targets=stores.targets,
        campaigns=stores.campaigns,
        sayings=sayings,
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
        custom=stores.custom_fields,
        sources=stores.sources,
        campaigns=stores.campaigns,
        target_counts=counts,
    )
    reports = AccessReports(
        contacts=stores.contacts,
        sources=stores.sources,
        outcomes=stores.outcomes,
        sayings=sayings,
        custom=stores.custom_fields,
        campaigns=stores.campaigns,
        suppressions=suppressions,
        catalogue=catalogue_of_outcomes(),
        places=places,
    )
    attest = SourceAttesting(sources=stores.sources, jobs=stores.jobs, quarantine=stores.quarantine)
    trial = ImportTrial(files=stores.files, campaigns=stores.campaigns, importer=importer, columns=columns)
    rights = Rights(
        store=stores.rights,
        contacts=stores.contacts,
        people=people,
        suppressions=suppressions,
        complaints=complaints,
        keys=keys,
        reports=reports,
        terms=read_json("rights.json"),
        audit=audit,
        clock=clock,
    )
    mappings = SavedMappings(stores.sheet_mappings, audit=audit)
    retention = Retention(
        stores=stores,
        jobs=jobs,
        suppressions=suppressions,
        keys=keys,
        places=places,
        rulebook=rulebook,
        audit=audit,
        clock=clock,
    )
    return ContactServices(
        imports=Imports(
            jobs=jobs,
            files=stores.files,
            sources=stores.sources,
            campaigns=stores.campaigns,
            mappings=mappings,
            columns=columns,
            attesting=attesting,
            messages=RowMessages(read_json("row_problems.json")),
            clock=clock,
        ),
        sources=Sources(stores.sources, jobs=jobs, audit=audit, clock=clock),
        sheet_mappings=mappings,
        contacts=people,
        merges=ContactMerges(
            store=stores.contacts,
            targets=stores.target_merges,
            marks=stores.marks,
            campaigns=stores.campaigns,
            counts=counts,
            suppressions=suppressions,
            reach=ContactReach(stores.contacts, stores.campaigns, places),
            audit=audit,
            clock=clock,
        ),
        enrolment=enrolment,
        rights=rights,
        handlers={ENROL: enrolment, RETAIN: retention},
        long_lines={"imports": {IMPORT: importer, UNDO: undo, ATTEST: attest}, "trials": {TRIAL: trial}},
        steps=(
            Step(name="retention after the poll", run=retention.begin_due, rest_seconds=5.0),
            Step(name="answered rights requests", run=rights.forget, rest_seconds=30.0),
        ),
    )
