"""Every use case under one name, as the API and the command line call them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from services.batches.assigning import Assigning
from services.batches.balance import Balance
from services.batches.claiming import Claiming
from services.batches.dispatching import Dispatching
from services.batches.opening import Opening
from services.batches.orphans import Orphans
from services.batches.reassigning import Reassigning
from services.batches.scope import BatchScope
from services.batches.work_requests import WorkRequests
from services.campaigns.campaigns import Campaigns
from services.campaigns.controls import StateControls
from services.campaigns.places import Places
from services.campaigns.rule_preview import RulePreview
from services.campaigns.rulebook import Rulebook
from services.campaigns.rules import RuleVersions
from services.contacts.contacts import Contacts
from services.contacts.enrolment import Enrolment
from services.contacts.merges import ContactMerges
from services.contacts.rights import Rights
from services.contacts.suppressions import Suppressions
from services.domain.cipher import Cipher
from services.exports.exports import Exports
from services.gateways.clock import Clock
from services.imports.imports import Imports
from services.imports.saved_mappings import SavedMappings
from services.imports.sources import Sources
from services.operations.audit import Audit
from services.operations.idempotency import Idempotency
from services.operations.jobs import Jobs
from services.operations.leak_search import LeakSearch
from services.operations.queues import Queues
from services.operations.readiness import Readiness
from services.operations.references import References
from services.operations.resealing import Resealing
from services.operations.upkeep import Upkeep
from services.outcomes.conflicts import Conflicts
from services.outcomes.holding import Holding
from services.outcomes.outcomes import Outcomes
from services.outcomes.projecting import Projecting
from services.outcomes.reconciling import Reconciling
from services.outcomes.reviews import Reviews
from services.people.app_check import AppCheck
from services.people.devices import Devices
from services.people.invitations import Invitations
from services.people.joining import Joining
from services.people.lost_phones import LostPhones
from services.people.moving import Moving
from services.people.outsiders import Outsiders
from services.people.pauses import Pauses
from services.people.roster import Roster
from services.people.roster_imports import RosterImports
from services.people.service_accounts import ServiceAccounts
from services.people.sessions import Sessions
from services.people.signin import SignIn
from services.people.signouts import SignOuts
from services.policy import Policy
from services.store.stores import Stores
from services.sync.health import SyncHealth
from services.sync.syncing import Syncing
from services.tasks.tasks import Tasks
from services.wiring.audiences import AudienceServices
from services.wiring.audit import AuditTrail
from services.wiring.content import Library
from services.wiring.phones import Phones
from services.wiring.reports import ReportServices
from services.worker import Step


@dataclass(frozen=True)
class Services:
    """Every use case, ready to be called; nothing here changes after it is built."""

    settings: Settings
    clock: Clock
    cipher: Cipher
    stores: Stores
    app_check: AppCheck
    assigning: Assigning
    audiences: AudienceServices
    audit: Audit
    audit_trail: AuditTrail
    balance: Balance
    batches: BatchScope
    campaigns: Campaigns
    claiming: Claiming
    conflicts: Conflicts
    contacts: Contacts
    controls: StateControls
    devices: Devices
    dispatching: Dispatching
    merges: ContactMerges
    enrolment: Enrolment
    holding: Holding
    exports: Exports
    idempotency: Idempotency
    imports: Imports
    sources: Sources
    sheet_mappings: SavedMappings
    invitations: Invitations
    jobs: Jobs
    joining: Joining
    leak_search: LeakSearch
    library: Library
    lost_phones: LostPhones
    moving: Moving
    opening: Opening
    orphans: Orphans
    phones: Phones
    outcomes: Outcomes
    pauses: Pauses
    outsiders: Outsiders
    places: Places
    policy: Policy
    projecting: Projecting
    queues: Queues
    readiness: Readiness
    reassigning: Reassigning
    reconciling: Reconciling
    references: References
    reports: ReportServices
    reviews: Reviews
    rulebook: Rulebook
    rights: Rights
    resealing: Resealing
    roster: Roster
    roster_imports: RosterImports
    rules: RuleVersions
    rule_preview: RulePreview
    service_accounts: ServiceAccounts
    sessions: Sessions
    signin: SignIn
    signouts: SignOuts
    suppressions: Suppressions
    sync_health: SyncHealth
    syncing: Syncing
    tasks: Tasks
    upkeep: Upkeep
    work_requests: WorkRequests
    # Closes the connections to the database.
    close: Callable[[], None]
    # What `sampark worker` does, in this order; whoever has work for it adds a step where this is filled.
    worker_steps: tuple[Step, ...]
