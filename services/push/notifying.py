"""From what happened to what phones are told: tasks and outbox rows, made once however often an event is handled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.domain.ids import derived_id
from services.domain.push.outbox import LONGEST_LIFE, Push, rows_of
from services.domain.push.push import PushKind
from services.domain.push.texts import PushRules
from services.domain.tasks.tasks import expiry, held, new_task
from services.gateways.clock import Clock
from services.store.people.devices import DeviceStore
from services.store.push.outbox import OutboxStore
from services.store.tasks.cells import TaskCellStore, cell_id
from services.store.tasks.receipts import TaskReceiptStore
from services.store.tasks.tasks import TaskStore

Document = dict[str, Any]
# All that wakes a phone within one stretch is one push, sent at its end.
_TICKLE_SLOT = timedelta(seconds=15)
_TICKLE_LIFE = timedelta(hours=4)
# Callbacks of a batch that fall due within one stretch are one reminder.
_REMINDER_SLOT = timedelta(minutes=10)
_REMINDER_LIFE = timedelta(hours=2)
_OWN_PUSH_KINDS: Mapping[str, PushKind] = {"batch": "batch", "callback": "callback"}


@dataclass(frozen=True, kw_only=True)
class NoticeStores:
    """The collections that notices are written to, and the devices that they go to."""

    tasks: TaskStore
    receipts: TaskReceiptStore
    cells: TaskCellStore
    outbox: OutboxStore
    devices: DeviceStore


class Notifying:
    """Handlers of batch events, and the pushes that other use cases ask for."""

    def __init__(self, stores: NoticeStores, *, rules: PushRules, clock: Clock) -> None:
        self._stores = stores
        self._rules = rules
        self._clock = clock

    def batches_assigned(self, happened: Iterable[tuple[Document, Mapping[str, Any]]]) -> None:
        """Give each volunteer a task for their batch, unless it is theirs no longer."""
        given = []
        for batch, event in happened:
            if not held(batch, event["user_id"]) or batch["lease_id"] != event["lease_id"]:
                continue
            task_id = derived_id(event["at"], "batch", batch["_id"], event["id"])
            waiting = batch["counts"]["ready"] + batch["counts"]["callback"]
            task = self._task(task_id, "batch", batch, n=waiting, expires_at=expiry(batch["due_at"], event["at"]))
            given.append((task, event["user_id"]))
        self._give(given)

    def callback_due(self, batch: Document, event: Mapping[str, Any]) -> None:
        """Remind the volunteer of the callbacks of a batch that fall due about now: one task and push a slot."""
        user_id = batch["assignee"]
        if not held(batch, user_id):
            return
        slot = slot_end(event["at"], _REMINDER_SLOT)
        due = [item for item in batch["items"] if item["state"] == "callback" and _before(item["callback_at"], slot)]
        task_id = derived_id(slot, "callback", batch["_id"], user_id)
        task = self._task(task_id, "callback", batch, n=max(len(due), 1), expires_at=slot + _REMINDER_LIFE)
        self._give([({**task, "priority": "high", "due_at": event["at"]}, user_id)])

    def batch_expiring(self, batch: Document, event: Mapping[str, Any]) -> None:
        """Warn the volunteer that what is left of a batch goes back soon, if it is theirs and still so due."""
        user_id = event["user_id"]
        if not held(batch, user_id) or batch["due_at"] != event["due_at"]:
            return
        task_id = derived_id(event["at"], "expiring", batch["_id"], event["id"])
        left = batch["counts"]["ready"] + batch["counts"]["callback"]
        title, body = self._rules.text("expiring", left)
        task = self._task(task_id, "batch", batch, n=left, expires_at=batch["due_at"])
        self._give([({**task, "title": title, "body": body, "priority": "high"}, user_id)])

    def batch_ended(self, batch: Document, event: Mapping[str, Any]) -> None:
        """Take the batch's tasks off the volunteer's list; a recalled batch's numbers leave the phone at once."""
        user_id = event["user_id"]
        if user_id is None:
            return
        if held(batch, user_id):
            # Some items went and the rest stays, or the batch is theirs again.
            self.tickle([user_id])
            return
        theirs = [one for one in self._stores.receipts.open_of(user_id) if one["batch_id"] == batch["_id"]]
        self._stores.receipts.close(one["_id"] for one in theirs)
        self._stores.cells.touch(one["cell"] for one in theirs)
        if event["kind"] == "recalled":
            self.purge(user_id, push_id=f"purge.{batch['_id']}.{event['id']}", batch_id=batch["_id"])
        else:
            self.tickle([user_id])

    def tickle(self, user_ids: Iterable[str]) -> None:
        """Ask phones to sync: one silent push for all that happens within some seconds."""
        slot = tickle_slot(self._clock.now())
        self.tell(
            Push(
                push_id=f"sync.{user_id}.{int(slot.timestamp())}",
                kind="sync",
                user_id=user_id,
                expires_at=slot + _TICKLE_LIFE,
                due_at=slot,
                collapse_key="sync",
            )
            for user_id in dict.fromkeys(user_ids)
        )

    def purge(
        self, user_id: str, *, push_id: str, batch_id: str | None = None, device_ids: Sequence[str] | None = None
    ) -> None:
        """Let phones ask at once what to wipe: a batch, or with None whatever their sync says.

        `device_ids` are the phones of an ended session; without them every phone of the person is told.
        """
        now = self._clock.now()
        push = Push(
            push_id=push_id,
            kind="purge",
            user_id=user_id,
            expires_at=now + LONGEST_LIFE,
            batch_id=batch_id,
            priority="high",
        )
        if device_ids is None:
            self.tell([push])
        else:
            self._stores.outbox.add(rows_of(push, device_ids, now))

    def tell(self, pushes: Iterable[Push]) -> int:
        """Put a row for each installation of each receiver into the outbox; return how many were new."""
        by_user: dict[str, list[Push]] = {}
        for push in pushes:
            by_user.setdefault(push.user_id, []).append(push)
        now = self._clock.now()
        rows = [
            row
            for device in self._stores.devices.live_targets(by_user, now=now)
            for push in by_user[device["user_id"]]
            for row in rows_of(push, [device["_id"]], now)
        ]
        return self._stores.outbox.add(rows)

    def give(self, task: Document, user_ids: Sequence[str], *, chunk: int) -> None:
        """Give a stored task to people and push it to them; what was given before stays as it is."""
        cell = cell_id(task["_id"], chunk)
        self._stores.receipts.give(task, user_ids, cell=cell, now=self._clock.now())
        self.tell(_push(task, user_id, cell) for user_id in user_ids)
        self._stores.cells.touch([cell])

    def _give(self, given: Sequence[tuple[Document, str]]) -> None:
        """Store tasks and give each to its one receiver."""
        cells = [(task, user_id, cell_id(task["_id"], 0)) for task, user_id in given]
        self._stores.tasks.insert_new([task for task, _ in given])
        self._stores.receipts.give_each(cells, now=self._clock.now())
        self.tell(_push(*one) for one in cells)
        self._stores.cells.touch(cell for _, _, cell in cells)

    def _task(self, task_id: str, kind: str, batch: Document, *, n: int, expires_at: datetime) -> Document:
        title, body = self._rules.text(kind, n)
        return new_task(
            task_id,
            kind,
            now=self._clock.now(),
            expires_at=expires_at,
            title=title,
            body=body,
            batch_id=batch["_id"],
            campaign_id=batch["campaign_id"],
            district_id=batch["assignee_district"],
            due_at=batch["due_at"],
        )


def _push(task: Document, user_id: str, cell: str) -> Push:
    return Push(
        push_id=f"{task['_id']}.{user_id}",
        kind=_OWN_PUSH_KINDS.get(task["kind"], "task"),
        user_id=user_id,
        expires_at=task["expires_at"],
        task_id=task["_id"],
        batch_id=task["batch_id"],
        cell=cell,
        priority=task["priority"],
        collapse_key=task["_id"],
    )


def tickle_slot(moment: datetime) -> datetime:
    """Return when the phones are told that are to be woken now."""
    return slot_end(moment, _TICKLE_SLOT)


def slot_end(moment: datetime, length: timedelta) -> datetime:
    """Return the end of the stretch of this length that a moment lies in."""
    seconds = int(length.total_seconds())
    return datetime.fromtimestamp((int(moment.timestamp()) // seconds + 1) * seconds, UTC)


def _before(moment: datetime | None, limit: datetime) -> bool:
    return moment is None or moment < limit
