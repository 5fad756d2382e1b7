"""Builds the services once from the settings: the only dependency injection there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pymongo import MongoClient

from config.paths import read_json
from config.places import load_places
from config.settings import Settings
from services.audit.exporting import KIND as AUDIT_EXPORT
from services.batches.events import each
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.domain.areas import build_tree
from services.domain.audit.chain import CHAIN
from services.domain.audit.entries import Subjects
from services.domain.jobs import Handler
from services.facade import Services
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.idempotency import Idempotency
from services.operations.job_runner import job_steps
from services.operations.jobs import Jobs
from services.operations.leak_search import LeakSearch
from services.operations.queues import Queues
from services.operations.readiness import Readiness
from services.operations.resealing import RESEAL, Resealing
from services.operations.upkeep import Upkeep
from services.people.passwords import Passwords
from services.policy import Policy
from services.store import migrations
from services.store.archive import ArchiveStore
from services.store.clock import ClockStore
from services.store.collection import Document, open_client
from services.store.keyring import open_cipher
from services.store.stores import open_stores, ping
from services.sync.health import SyncHealth
from services.wiring.accounts import wire_accounts
from services.wiring.audiences import wire_audiences
from services.wiring.audit import wire_audit
from services.wiring.batches import wire_batches
from services.wiring.campaigns import wire_campaigns
from services.wiring.contacts import wire_contacts, wire_suppressions
from services.wiring.content import wire_content, wire_wordings
from services.wiring.exports import wire_exports
from services.wiring.outcomes import wire_outcomes
from services.wiring.phones import wire_phones, wire_sync
from services.wiring.reports import wire_reports
from services.wiring.roster import wire_pauses, wire_roster
from services.wiring.service_accounts import wire_service_accounts


def build_services(
    settings: Settings,
    *,
    client: MongoClient[Document] | None = None,
    clock: Clock | None = None,
    listeners: Sequence[Any] = (),
) -> Services:
    """Open the database that the settings name and wire every use case to it."""
    if client is None:
        if settings.mongodb_uri is None:
            message = "no database: SAMPARK_MONGODB_URI is set by whoever starts the embedded server"
            raise ValueError(message)
        client = open_client(settings.mongodb_uri, listeners=listeners)
    database = client[settings.mongodb_database]
    cipher = open_cipher(database, settings.field_keys)
    stores = open_stores(database, cipher)
    if clock is None:
        clock = _clock(settings, stores.clock)
    policy = Policy(read_json("roles.json"), read_json("access.json"))
    audit = Audit(stores.audit, clock, Subjects(read_json("audit.json")), mac=partial(cipher.index, CHAIN))
    places = Places(stores.areas.all)
    defaults = read_json("rules.json")
    passwords = Passwords(read_json("common_passwords.json"), cheap=settings.env == "test")
    jobs = Jobs(stores.jobs, audit=audit, clock=clock)
    in_use = wire_wordings(stores, places)
    rulebook = Rulebook(stores.controls, defaults, in_use.judged)
    shared: dict[str, Any] = {"places": places, "rulebook": rulebook, "audit": audit, "clock": clock}
    library = wire_content(stores, policy=policy, wake=lambda one: phones.waking.rules_changed(campaign=one), **shared)
    phones = wire_phones(
        stores, settings, clock=clock, places=places, audit=audit, rulebook=rulebook, templates=library.live
    )
    waking = phones.waking
    trail = wire_audit(stores, cipher, jobs=jobs, policy=policy, waking=waking, audit=audit, clock=clock)
    drives = wire_campaigns(
        stores, places=places, defaults=defaults, changed=waking.rules_changed, audit=audit, clock=clock
    )
    keys, suppressions = wire_suppressions(stores, cipher, places=places, audit=audit, clock=clock)
    pauses = wire_pauses(stores, rulebook=rulebook, waking=waking, audit=audit, clock=clock)
    common: dict[str, Any] = {"jobs": jobs, **shared}
    people = wire_contacts(
        stores,
        attesting=settings.attest_consent == "required",
        suppressions=suppressions,
        complaints=pauses,
        keys=keys,
        **common,
    )
    reports = wire_reports(stores, rulebook=rulebook, places=places, clock=clock)
    groups = wire_audiences(stores, contacts=people.contacts, **common)
    files = wire_exports(stores, reports=reports, suppressions=suppressions, **common)
    work = wire_batches(
        stores,
        rulebook=rulebook,
        places=places,
        jobs=jobs,
        policy=policy,
        audit=audit,
        clock=clock,
        handlers={
            "assigned": [phones.notifying.batches_assigned],
            "callback": [each(phones.notifying.callback_due)],
            "expiring": [each(phones.notifying.batch_expiring)],
            **{kind: [each(phones.notifying.batch_ended)] for kind in ("returned", "recalled", "expired")},
        },
    )
    staff = wire_roster(
        stores,
        jobs=jobs,
        places=places,
        rulebook=rulebook,
        passwords=passwords,
        take_back=lambda user_id, reason: work.assigning.take_back(user_id, reason=reason),
        audit=audit,
        clock=clock,
    )
    accounts = wire_accounts(
        settings,
        stores,
        cipher,
        passwords=passwords,
        roster=staff.roster,
        places=places,
        outsiders=staff.outsiders,
        assigning=work.assigning,
        revoked=waking.session_revoked,
        clock=clock,
        audit=audit,
    )
    # From kinds of jobs to what does them; what takes long has a line of its own.
    resealing = Resealing(stores.sealed, jobs)
    lines: dict[str, Mapping[str, Handler]] = {
        "audit-exports": {AUDIT_EXPORT: trail.exports},
        "jobs": {**people.handlers, **staff.handlers, **work.job_handlers},
        "reseal": {RESEAL: resealing},
        **people.long_lines,
        **groups.long_lines,
        **files.long_lines,
    }
    told = wire_outcomes(
        stores,
        suppressions=suppressions,
        keys=keys,
        escalate=waking.escalated,
        complain=pauses.told,
        waits=waking.decision_waits,
        tell=phones.notifying.tickle,
        **shared,
    )
    sync_health = SyncHealth(stores.sync_health)
    return Services(
        settings=settings,
        clock=clock,
        cipher=cipher,
        stores=stores,
        **vars(accounts),
        assigning=work.assigning,
        audiences=groups,
        audit=audit,
        audit_trail=trail,
        balance=work.balance,
        batches=work.batches,
        claiming=work.claiming,
        campaigns=drives.campaigns,
        conflicts=told.conflicts,
        controls=drives.controls,
        dispatching=work.dispatching,
        contacts=people.contacts,
        merges=people.merges,
        enrolment=people.enrolment,
        holding=told.holding,
        idempotency=Idempotency(stores.idempotency, cipher),
        imports=people.imports,
        sources=people.sources,
        sheet_mappings=people.sheet_mappings,
        rights=people.rights,
        jobs=jobs,
        leak_search=LeakSearch(ArchiveStore(database)),
        library=library,
        phones=phones,
        opening=work.opening,
        orphans=work.orphans,
        outcomes=told.outcomes,
        pauses=pauses,
        places=places,
        policy=policy,
        projecting=told.projecting,
        queues=Queues(stores.queues, clock),
        reassigning=work.reassigning,
        reconciling=told.reconciling,
        reviews=told.reviews,
        reports=reports,
        exports=files.exports,
        readiness=Readiness(lambda: ping(database), messaging_configured=settings.firebase_credentials is not None),
        rulebook=rulebook,
        resealing=resealing,
        roster=staff.roster,
        roster_imports=staff.imports,
        rules=drives.rules,
        rule_preview=drives.rule_preview,
        service_accounts=wire_service_accounts(stores, policy=policy, places=places, audit=audit),
        suppressions=suppressions,
        sync_health=sync_health,
        syncing=wire_sync(
            stores,
            health=sync_health,
            tasks=phones.tasks,
            view=work.view,
            audit=audit,
            live=library.live,
            rulebook=rulebook,
            places=places,
            clock=clock,
        ),
        tasks=phones.tasks,
        work_requests=work.work_requests,
        close=client.close,
        upkeep=Upkeep(stores, areas=build_tree(load_places()), migrate=lambda: migrations.apply_all(database)),
        worker_steps=(
            *told.steps,
            *people.steps,
            *work.steps,
            *phones.steps(),
            *trail.steps(),
            *job_steps(stores.jobs, lines, clock=clock),
        ),
    )


def _clock(settings: Settings, offsets: ClockStore) -> Clock:
    if settings.production:
        return Clock()
    if settings.clock is not None:
        offsets.start_at(settings.clock)
    return Clock(offsets.read)
