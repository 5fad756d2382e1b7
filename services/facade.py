"""Every use case under one name, as the API and the command line call them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from services.assigning import Assigning
from services.audit import Audit
from services.batch_scope import BatchScope
from services.campaigns import Campaigns
from services.claiming import Claiming
from services.conflicts import Conflicts
from services.contacts import Contacts
from services.controls import StateControls
from services.devices import Devices
from services.dispatching import Dispatching
from services.domain.cipher import Cipher
from services.enrolment import Enrolment
from services.gateways.clock import Clock
from services.idempotency import Idempotency
from services.imports import Imports
from services.invitations import Invitations
from services.jobs import Jobs
from services.opening import Opening
from services.outcomes import Outcomes
from services.places import Places
from services.policy import Policy
from services.projecting import Projecting
from services.queues import Queues
from services.readiness import Readiness
from services.reconciling import Reconciling
from services.reports import Reports
from services.rights import Rights
from services.roster import Roster
from services.roster_imports import RosterImports
from services.rulebook import Rulebook
from services.rules import RuleVersions
from services.sessions import Sessions
from services.signin import SignIn
from services.store.stores import Stores
from services.suppressions import Suppressions
from services.sync_health import SyncHealth
from services.syncing import Syncing
from services.tasks import Tasks
from services.upkeep import Upkeep
from services.wiring.content import Library
from services.wiring.phones import Phones
from services.worker import Step


@dataclass(frozen=True)
class Services:
    """Every use case, ready to be called; nothing here changes after it is built."""

    settings: Settings
    clock: Clock
    cipher: Cipher
    stores: Stores
    assigning: Assigning
    audit: Audit
    batches: BatchScope
    campaigns: Campaigns
    claiming: Claiming
    conflicts: Conflicts
    contacts: Contacts
    controls: StateControls
    devices: Devices
    dispatching: Dispatching
    enrolment: Enrolment
    idempotency: Idempotency
    imports: Imports
    invitations: Invitations
    jobs: Jobs
    library: Library
    opening: Opening
    phones: Phones
    outcomes: Outcomes
    places: Places
    policy: Policy
    projecting: Projecting
    queues: Queues
    readiness: Readiness
    reconciling: Reconciling
    reports: Reports
    rulebook: Rulebook
    rights: Rights
    roster: Roster
    roster_imports: RosterImports
    rules: RuleVersions
    sessions: Sessions
    signin: SignIn
    suppressions: Suppressions
    sync_health: SyncHealth
    syncing: Syncing
    tasks: Tasks
    upkeep: Upkeep
    # Closes the connections to the database.
    close: Callable[[], None]
    # What `sampark worker` does, in this order; whoever has work for it adds a step where this is filled.
    worker_steps: tuple[Step, ...]
