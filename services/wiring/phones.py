"""Puts together what reaches phones: pushes from event to gateway, tasks, and the sync."""

from __future__ import annotations

from dataclasses import dataclass

from config.paths import read_json
from config.settings import Settings
from services.batches.desk import Desks
from services.batches.view import BatchView
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.content.live import LiveTemplates
from services.domain.push.texts import PushRules
from services.gateways.clock import Clock
from services.gateways.messaging import FirebaseMessaging
from services.operations.audit import Audit
from services.push.notifying import NoticeStores, Notifying
from services.push.permission import PushPermission
from services.push.pushing import Pushing, PushStores
from services.push.selection import PushSelection
from services.push.waking import Waking
from services.store.stores import Stores
from services.sync.batches import SyncBatches
from services.sync.content import SyncContent
from services.sync.health import SyncHealth
from services.sync.syncing import Syncing
from services.tasks.audience import TaskAudience
from services.tasks.spread import TaskCounting, TaskSpread
from services.tasks.tasks import Tasks, TemplatesInUse
from services.worker import Step


@dataclass(frozen=True, kw_only=True)
class Phones:
    """Who tells phones something, and the steps by which the worker does."""

    notifying: Notifying
    pushing: Pushing
    tasks: Tasks
    waking: Waking
    spread: TaskSpread
    counting: TaskCounting

    def steps(self) -> tuple[Step, ...]:
        """Return the worker's steps; sending has a thread of its own, so that a slow answer delays nothing else."""
        return (
            Step(name="task-spread", run=self.spread.spread_next),
            Step(name="task-counts", run=self.counting.count_due, rest_seconds=0.5),
            Step(name="pushes", run=self.pushing.send_due, own_thread=True, stop=self.pushing.stop),
        )


def wire_phones(
    stores: Stores,
    settings: Settings,
    *,
    clock: Clock,
    places: Places,
    audit: Audit,
    rulebook: Rulebook,
    messaging: FirebaseMessaging | None = None,
    templates: TemplatesInUse | None = None,
) -> Phones:
    """Wire the pieces; without credentials pushes wait in the outbox. `templates` knows what the rules stop."""
    rules = PushRules.parse(read_json("push.json"))
    notices = NoticeStores(
        tasks=stores.tasks,
        receipts=stores.task_receipts,
        cells=stores.task_cells,
        outbox=stores.outbox,
        devices=stores.devices,
    )
    in_use = templates or stores.templates
    permission = PushPermission(rulebook=rulebook, places=places, templates=in_use)
    notifying = Notifying(notices, rules=rules, clock=clock)
    counting = TaskCounting(cells=stores.task_cells, receipts=stores.task_receipts, outbox=stores.outbox, clock=clock)
    return Phones(
        notifying=notifying,
        pushing=_pushing(stores, messaging or _gateway(settings), rules=rules, permission=permission, clock=clock),
        tasks=Tasks(
            tasks=stores.tasks,
            receipts=stores.task_receipts,
            cells=stores.task_cells,
            people=stores.receivers,
            templates=in_use,
            audiences=TaskAudience(places, stores.receivers),
            counting=counting,
            audit=audit,
            clock=clock,
        ),
        waking=Waking(notifying, tasks=stores.tasks, people=stores.receivers, rules=rules, clock=clock),
        spread=TaskSpread(
            tasks=stores.tasks, people=stores.receivers, notifying=notifying, districts=places.district_ids
        ),
        counting=counting,
    )


def _gateway(settings: Settings) -> FirebaseMessaging:
    return FirebaseMessaging(settings.firebase_credentials, base_url=settings.fcm_url, production=settings.production)


def _pushing(
    stores: Stores, messaging: FirebaseMessaging, *, rules: PushRules, permission: PushPermission, clock: Clock
) -> Pushing:
    selection = PushSelection(
        tasks=stores.tasks,
        receipts=stores.task_receipts,
        batches=stores.batches,
        devices=stores.devices,
        people=stores.receivers,
        rules=rules,
        permission=permission,
    )
    written = PushStores(outbox=stores.outbox, devices=stores.devices, cells=stores.task_cells)
    return Pushing(written, selection, messaging, clock=clock)


def wire_sync(
    stores: Stores,
    *,
    health: SyncHealth,
    tasks: Tasks,
    view: BatchView,
    audit: Audit,
    live: LiveTemplates,
    rulebook: Rulebook,
    places: Places,
    clock: Clock,
) -> Syncing:
    """Return the use case behind a phone's sync."""
    desks = Desks(stores.users, stores.caps, places=places)
    return Syncing(
        cursors=stores.sync_cursors,
        health=health,
        batches=SyncBatches(batches=stores.batches, facts=stores.facts, desks=desks, view=view, audit=audit),
        tasks=tasks,
        content=SyncContent(
            script_store=stores.scripts, template_store=stores.templates, answers=stores.questions, live=live
        ),
        campaigns=stores.campaigns,
        controls=stores.controls,
        rulebook=rulebook,
        desks=desks,
        places=places,
        clock=clock,
    )
