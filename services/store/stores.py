"""All stores of one database, opened together; indexes and migrations are applied from here."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.store.audiences.audiences import AudienceStore
from services.store.audiences.candidates import CandidateStore
from services.store.audiences.custom_fields import CustomFieldStore
from services.store.audit import AuditStore
from services.store.audit_chunks import AuditChunkStore
from services.store.batches.batches import BatchStore
from services.store.batches.caps import CapStore
from services.store.batches.leases import LeaseStore
from services.store.batches.looks import LookStore
from services.store.batches.plans import PlanStore
from services.store.batches.pools import DeskStore, PoolStore
from services.store.batches.reveal_flags import RevealFlagStore
from services.store.batches.surveys import SurveyStore
from services.store.batches.target_marks import TargetMarkStore
from services.store.batches.work_requests import WorkRequestStore
from services.store.campaigns.areas import AreaStore
from services.store.campaigns.campaigns import CampaignStore
from services.store.campaigns.controls import ControlStore
from services.store.clock import ClockStore
from services.store.collection import Document, domain_errors
from services.store.contacts.contacts import ContactStore
from services.store.contacts.effects import ContactEffectStore
from services.store.contacts.facts import FactStore
from services.store.contacts.quarantine import QuarantineStore
from services.store.contacts.rights import RightsStore
from services.store.contacts.sheet_mappings import SheetMappingStore
from services.store.contacts.sources import SourceStore
from services.store.contacts.suppressions import SuppressionStore
from services.store.contacts.tags import TagStore
from services.store.contacts.target_merges import TargetMergeStore
from services.store.contacts.targets import TargetStore
from services.store.content.media import MediaStore
from services.store.content.questions import QuestionStore
from services.store.content.scripts import ScriptStore
from services.store.content.templates import TemplateStore
from services.store.exports import ExportStore
from services.store.files import FileStore
from services.store.idempotency import IdempotencyStore
from services.store.jobs import JobStore
from services.store.outcomes.batch_outcomes import BatchOutcomeStore
from services.store.outcomes.cells import CellStore
from services.store.outcomes.held import HeldStore
from services.store.outcomes.marks import MarkStore
from services.store.outcomes.outcomes import OutcomeStore
from services.store.outcomes.result_tallies import ResultTallyStore
from services.store.outcomes.reviews import ReviewStore
from services.store.outcomes.target_tallies import TargetTallyStore
from services.store.people.devices import DeviceStore
from services.store.people.joins import JoinStore
from services.store.people.pauses import PauseStore
from services.store.people.service_accounts import ServiceAccountStore
from services.store.people.sessions import SessionStore
from services.store.people.throttle import ThrottleStore
from services.store.people.users import UserStore
from services.store.push.outbox import OutboxStore
from services.store.queues import QueueStore
from services.store.sealed import SealedStore
from services.store.sync.cursors import SyncCursorStore
from services.store.sync.health import SyncHealthStore
from services.store.tasks.cells import TaskCellStore
from services.store.tasks.receipts import TaskReceiptStore
from services.store.tasks.receivers import ReceiverStore
from services.store.tasks.tasks import TaskStore


@dataclass(frozen=True)
class Stores:
    """One attribute a store."""

    areas: AreaStore
    audiences: AudienceStore
    audit: AuditStore
    audit_chunks: AuditChunkStore
    candidates: CandidateStore
    batches: BatchStore
    campaigns: CampaignStore
    caps: CapStore
    claims: DeskStore
    clock: ClockStore
    controls: ControlStore
    custom_fields: CustomFieldStore
    devices: DeviceStore
    facts: FactStore
    exports: ExportStore
    files: FileStore
    held_outcomes: HeldStore
    idempotency: IdempotencyStore
    media: MediaStore
    outbox: OutboxStore
    quarantine: QuarantineStore
    questions: QuestionStore
    queues: QueueStore
    pauses: PauseStore
    plans: PlanStore
    pools: PoolStore
    receivers: ReceiverStore
    result_tallies: ResultTallyStore
    reveal_flags: RevealFlagStore
    reviews: ReviewStore
    rights: RightsStore
    scripts: ScriptStore
    sealed: SealedStore
    service_accounts: ServiceAccountStore
    sessions: SessionStore
    sheet_mappings: SheetMappingStore
    sources: SourceStore
    tags: TagStore
    targets: TargetStore
    target_merges: TargetMergeStore
    sync_cursors: SyncCursorStore
    sync_health: SyncHealthStore
    task_cells: TaskCellStore
    task_receipts: TaskReceiptStore
    tasks: TaskStore
    templates: TemplateStore
    throttle: ThrottleStore
    users: UserStore
    work_requests: WorkRequestStore
    jobs: JobStore
    joins: JoinStore
    contacts: ContactStore
    target_tallies: TargetTallyStore
    target_marks: TargetMarkStore
    surveys: SurveyStore
    suppressions: SuppressionStore
    outcomes: OutcomeStore
    marks: MarkStore
    leases: LeaseStore
    looks: LookStore
    contact_effects: ContactEffectStore
    cells: CellStore
    batch_outcomes: BatchOutcomeStore

    def ensure_indexes(self) -> None:
        """Create what is missing; any number of processes may do so at once."""
        for item in fields(self):
            ensure = getattr(getattr(self, item.name), "ensure_indexes", None)
            if ensure is not None:
                ensure()


def open_stores(database: Database[Document], cipher: Cipher) -> Stores:
    """Return the stores of `database`; those that keep personal data get the cipher."""
    return Stores(
        areas=AreaStore(database),
        audiences=AudienceStore(database),
        audit=AuditStore(database),
        audit_chunks=AuditChunkStore(database),
        candidates=CandidateStore(database, cipher),
        batches=BatchStore(database),
        campaigns=CampaignStore(database),
        caps=CapStore(database),
        claims=DeskStore(database),
        clock=ClockStore(database),
        controls=ControlStore(database),
        custom_fields=CustomFieldStore(database, cipher),
        devices=DeviceStore(database, cipher),
        facts=FactStore(database),
        exports=ExportStore(database),
        files=FileStore(database, cipher),
        held_outcomes=HeldStore(database),
        idempotency=IdempotencyStore(database),
        media=MediaStore(database),
        outbox=OutboxStore(database),
        quarantine=QuarantineStore(database),
        questions=QuestionStore(database, cipher),
        queues=QueueStore(database),
        pauses=PauseStore(database, cipher),
        plans=PlanStore(database),
        pools=PoolStore(database),
        receivers=ReceiverStore(database),
        result_tallies=ResultTallyStore(database),
        reveal_flags=RevealFlagStore(database, cipher),
        reviews=ReviewStore(database, cipher),
        rights=RightsStore(database, cipher),
        scripts=ScriptStore(database),
        sealed=SealedStore(database, cipher),
        service_accounts=ServiceAccountStore(database),
        sessions=SessionStore(database),
        sheet_mappings=SheetMappingStore(database),
        sources=SourceStore(database),
        tags=TagStore(database),
        targets=TargetStore(database),
        target_merges=TargetMergeStore(database),
        sync_cursors=SyncCursorStore(database),
        sync_health=SyncHealthStore(database),
        task_cells=TaskCellStore(database),
        task_receipts=TaskReceiptStore(database),
        tasks=TaskStore(database),
        templates=TemplateStore(database),
        throttle=ThrottleStore(database),
        users=UserStore(database, cipher),
        work_requests=WorkRequestStore(database),
        jobs=JobStore(database, cipher),
        joins=JoinStore(database, cipher),
        contacts=ContactStore(database, cipher),
        target_tallies=TargetTallyStore(database),
        target_marks=TargetMarkStore(database),
        surveys=SurveyStore(database),
        suppressions=SuppressionStore(database, cipher),
        outcomes=OutcomeStore(database, cipher),
        marks=MarkStore(database),
        leases=LeaseStore(database),
        looks=LookStore(database, cipher),
        contact_effects=ContactEffectStore(database),
        cells=CellStore(database, cipher),
        batch_outcomes=BatchOutcomeStore(database),
    )


def ping(database: Database[Document]) -> None:
    """Ask the server for a sign of life, or raise Unavailable."""
    with domain_errors():
        database.command("ping")
