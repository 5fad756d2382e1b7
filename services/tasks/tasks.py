"""Tasks: asking people to do something, a second person's word for the whole state, and what receivers tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from services.domain.errors import Conflict, Forbidden, Invalid, NotFound
from services.domain.ids import new_id
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.tasks.tasks import WAVE, Audience, expiry, for_phone, new_task
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.tasks.cells import TaskCellStore
from services.store.tasks.receipts import TaskReceiptStore
from services.store.tasks.receivers import ReceiverStore
from services.store.tasks.tasks import TaskStore, spread_from_start
from services.tasks.audience import TaskAudience, own_district
from services.tasks.spread import TaskCounting

Document = dict[str, Any]
COUNTED = ("receivers", "devices", "queued", "accepted", "failed", "seen", "done", "declined")
# So many cells are recounted for the one who asks; what is beyond is the worker's.
_RECOUNTED = 8
_PHONE_TASKS = 200


class TemplatesInUse(Protocol):
    """Knows which versions of templates may be forwarded."""

    def is_live(self, template_id: str, version: int) -> bool:
        """Tell whether this version of a template is live."""

    def live_among(self, versions: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Return those of some versions of templates that may be used now."""


class Tasks:
    """Make, approve, cancel and follow tasks; answer those that one was given."""

    def __init__(
        self,
        *,
        tasks: TaskStore,
        receipts: TaskReceiptStore,
        cells: TaskCellStore,
        people: ReceiverStore,
        templates: TemplatesInUse,
        audiences: TaskAudience,
        counting: TaskCounting,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._tasks = tasks
        self._receipts = receipts
        self._cells = cells
        self._people = people
        self._templates = templates
        self._audiences = audiences
        self._counting = counting
        self._audit = audit
        self._clock = clock

    def create(self, actor: Actor, fields: Mapping[str, Any]) -> Document:
        """Store a task and count its receivers, whom the worker tells; one for the whole state waits for approval."""
        now = self._clock.now()
        self._check(fields, now)
        audience = self._audiences.resolve(actor, fields["audience"])
        # What everybody is told at once cannot be called back: a second person answers for it.
        waits = audience.statewide
        homes = self._people.homes(audience)
        task = new_task(
            new_id(),
            fields["kind"],
            now=now,
            expires_at=expiry(fields["due_at"], now),
            state="pending" if waits else "open",
            title=fields["title"],
            body=fields["body"],
            asked=dict(fields["audience"]),
            audience=audience.to_document(),
            template_id=fields["template_id"],
            template_version=fields["version"],
            district_id=audience.inside,
            free=True,
            # What waits for a second person is given nowhere yet.
            shelf=[] if waits else _shelf(audience, homes),
            due_at=fields["due_at"],
            priority=fields["priority"],
            receivers=homes.total(),
            created_by=actor.user_id,
            **({} if waits else spread_from_start()),
        )
        self._tasks.insert_once(task)
        self._audit.record(actor, "task.create", subject=task["_id"], kind=task["kind"], receivers=task["receivers"])
        return task

    def approve(self, actor: Actor, task_id: str, *, version: int | None) -> Document:
        """Let a task for the whole state go out; the person who made it cannot.

        Raises Conflict for the maker, after its due time, and when what it names may no longer be used.
        """
        task = self.get(actor, task_id)
        if task["created_by"] == actor.user_id:
            raise Conflict("own_approval")
        now = self._clock.now()
        expires_at = expiry(task["due_at"], now)
        if expires_at <= now or not self._usable(task):
            raise Conflict("state_conflict")
        audience = Audience.from_document(task["audience"])
        shelf = _shelf(audience, self._people.homes(audience))
        approved = {"approved_by": actor.user_id, "shelf": shelf, "expires_at": expires_at, "updated_at": now}
        changed = self._tasks.change(
            task_id, {"state": "open", **approved, **spread_from_start()}, states=("pending",), version=version
        )
        if changed is None:
            raise Conflict("state_conflict")
        self._audit.record(actor, "task.approve", subject=task_id)
        return changed

    def _usable(self, task: Mapping[str, Any]) -> bool:
        """Tell whether the text that a task names, if any, is live still: it may have been withdrawn meanwhile."""
        named = task["template_id"]
        return named is None or self._templates.is_live(named, task["template_version"])

    def cancel(self, actor: Actor, task_id: str, *, version: int | None) -> Document:
        """Take a task back: it leaves all lists, and what is not yet pushed is not pushed.

        Raises Forbidden for one that headquarters gives in the actor's district.
        """
        if not _is_own(actor, self.get(actor, task_id)):
            raise Forbidden
        fields = {"state": "cancelled", "cancelled_by": actor.user_id, "updated_at": self._clock.now()}
        changed = self._tasks.change(task_id, fields, states=("pending", "open"), version=version)
        if changed is None:
            raise Conflict("state_conflict")
        self._audit.record(actor, "task.cancel", subject=task_id)
        return changed

    def list_page(self, actor: Actor, page: PageRequest, *, kind: str | None, state: str | None) -> Page[Document]:
        """Return the tasks that people made, newest first; a coordinator's are those given in the own district."""
        shelf = None if actor.is_headquarters else own_district(actor)
        page_of_tasks = self._tasks.list_page(page, shelf=shelf, kind=kind, state=state)
        return page_of_tasks.map(lambda task: _as_seen(actor, task))

    def get(self, actor: Actor, task_id: str) -> Document:
        """Return a task that is the actor's to follow, or raise NotFound."""
        task = self._tasks.get(task_id)
        near = _is_own(actor, task) or own_district(actor) in [*task.get("shelf", ())]
        if not near or task["kind"] == WAVE:
            raise NotFound
        return _as_seen(actor, task)

    def delivery(self, actor: Actor, task_id: str) -> dict[str, int]:
        """Return how far a task has come: receivers, their devices, pushes, and what they told."""
        task = self.get(actor, task_id)
        counts = dict.fromkeys(COUNTED, 0)
        cells = self._cells.of_task(task_id)
        due = [cell for cell in cells[:_RECOUNTED] if "due" in cell]
        kept = [cell["counts"] for cell in cells if cell not in due]
        for one in (*self._counting.recount(due), *kept):
            for name, count in one.items():
                counts[name] += count
        if task["state"] == "pending" or task.get("spreading"):
            counts["receivers"] = max(counts["receivers"], task["receivers"])
        return counts

    def answer(self, actor: Actor, task_id: str, answer: str) -> Document:
        """Note what the actor tells about a task and return the receipt; the furthest answer holds.

        Raises NotFound for a task that the actor was never given.
        """
        receipt = self._receipts.find(task_id, actor.user_id)
        if receipt is None:
            raise NotFound
        self._receipts.answer(task_id, actor.user_id, answer, self._clock.now())
        # Also when nothing changed: whoever changed it may have died before this.
        self._cells.touch([receipt["cell"]])
        return self._receipts.find(task_id, actor.user_id) or receipt

    def open_of(self, user_id: str) -> list[tuple[Document, Document]]:
        """Return (task, receipt) pairs that a person still has to see or do, the oldest first.

        What is to be shared and may not be used now is left out: a text that was withdrawn, or that a stop or the Model
        Code keeps back.
        """
        now = self._clock.now()
        receipts = [one for one in self._receipts.open_of(user_id) if one["expires_at"] > now]
        receipts = sorted(receipts, key=lambda one: str(one["_id"]))[-_PHONE_TASKS:]
        tasks = self._tasks.by_ids([one["task_id"] for one in receipts])
        pairs = [(tasks[one["task_id"]], one) for one in receipts if one["task_id"] in tasks]
        pairs = [(task, receipt) for task, receipt in pairs if task["state"] == "open"]
        named = {version for task, _ in pairs if (version := _named(task)) is not None}
        stopped = named - self._templates.live_among(named) if named else set()
        return [(task, receipt) for task, receipt in pairs if _named(task) not in stopped]

    def mine(self, actor: Actor) -> list[dict[str, Any]]:
        """Return the actor's own open tasks."""
        return [for_phone(task, receipt) for task, receipt in self.open_of(actor.user_id)]

    def _check(self, fields: Mapping[str, Any], now: datetime) -> None:
        if fields["due_at"] is not None and fields["due_at"] <= now:
            raise Invalid(due_at="in_the_past")
        template_id, version = fields["template_id"], fields["version"]
        if fields["kind"] != "share" and template_id is None and version is None:
            return
        # What volunteers are to forward was approved by two people: free text never is.
        if template_id is None or version is None:
            raise Invalid(**{"template_id" if template_id is None else "version": "required"})
        if not self._templates.is_live(template_id, version):
            raise Invalid(template_id="template_not_live")


def _shelf(audience: Audience, homes: Iterable[str | None]) -> list[str]:
    """Return the districts where a task is given: where its receivers are at home, and whose it is."""
    given = {home for home in homes if home is not None}
    return sorted(given | ({audience.inside} if audience.inside else set()))


def _is_own(actor: Actor, task: Document) -> bool:
    return actor.is_headquarters or task["district_id"] == own_district(actor)


def _as_seen(actor: Actor, task: Document) -> Document:
    """Return a task without whom of other districts headquarters has named."""
    if _is_own(actor, task):
        return task
    return {**task, "asked": {name: asked for name, asked in task["asked"].items() if name != "user_ids"}}


def _named(task: Mapping[str, Any]) -> tuple[str, int] | None:
    return (task["template_id"], task["template_version"]) if task["template_id"] is not None else None
