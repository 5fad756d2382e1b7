"""Puts together audiences: saved queries and their funnels, custom fields, tags of many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.paths import read_json
from services.audiences.audiences import Audiences
from services.audiences.custom_fields import CustomFields
from services.audiences.funnel_report import FunnelReport
from services.audiences.funnels import KIND as COUNT
from services.audiences.funnels import Funnels
from services.audiences.membership import Memberships
from services.audiences.tag_rules import TagRules
from services.audiences.tagging import KIND as TAG
from services.audiences.tagging import Tagging
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.contacts.contacts import Contacts
from services.domain.content.topics import ForbiddenTopics
from services.domain.jobs import Handler
from services.domain.sheets.cells import CellWords
from services.domain.sheets.headings import HeadingTable
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.store.stores import Stores
from services.wiring.parts import catalogue_of_outcomes, wire_surveys


@dataclass(frozen=True)
class AudienceServices:
    """The use cases of this subject, and what does its jobs, in a line of their own: they read much."""

    audiences: Audiences
    funnels: Funnels
    readiness: FunnelReport
    custom_fields: CustomFields
    tagging: Tagging
    long_lines: Mapping[str, Mapping[str, Handler]]


def wire_audiences(
    stores: Stores,
    *,
    jobs: Jobs,
    contacts: Contacts,
    places: Places,
    rulebook: Rulebook,
    audit: Audit,
    clock: Clock,
) -> AudienceServices:
    """Return the use cases and job handlers of audiences."""
    rules = TagRules(
        words=CellWords(read_json("cell_words.json")),
        headings=HeadingTable(read_json("sheet_headers.json")),
        topics=ForbiddenTopics(read_json("forbidden_topics.json")),
    )
    memberships = Memberships(stores.audiences, stores.candidates)
    surveyor, surveys = wire_surveys(stores, clock)
    funnels = Funnels(
        audiences=stores.audiences,
        memberships=memberships,
        surveyor=surveyor,
        surveys=surveys,
        targets=stores.target_tallies,
        jobs=jobs,
        places=places,
        rulebook=rulebook,
        clock=clock,
    )
    custom_fields = CustomFields(
        store=stores.custom_fields,
        campaigns=stores.campaigns,
        contacts=contacts,
        rules=rules,
        audit=audit,
        clock=clock,
    )
    tagging = Tagging(
        store=stores.tags,
        contacts=contacts,
        found=stores.contacts,
        targets=stores.targets,
        campaigns=stores.campaigns,
        memberships=memberships,
        rules=rules,
        jobs=jobs,
        places=places,
        audit=audit,
        clock=clock,
    )
    return AudienceServices(
        audiences=Audiences(
            store=stores.audiences,
            campaigns=stores.campaigns,
            funnels=funnels,
            custom_fields=custom_fields,
            tags=rules,
            places=places,
            sources=stores.sources,
            jobs=stores.jobs,
            catalogue=catalogue_of_outcomes(),
            audit=audit,
            clock=clock,
        ),
        funnels=funnels,
        readiness=FunnelReport(funnels),
        custom_fields=custom_fields,
        tagging=tagging,
        long_lines={"audiences": {COUNT: funnels, TAG: tagging}},
    )
