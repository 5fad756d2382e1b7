"""Which waiting pushes may go now, to which target and with which words; asked again at the time of sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from services.domain.push.outbox import Fate
from services.domain.push.push import PushMessage, PushTarget
from services.domain.push.sender import Sender
from services.domain.push.texts import PushRules, clipped, shown
from services.domain.tasks.tasks import batch_waits, callback_waits, held
from services.push.permission import PushPermission
from services.store.batches.batches import BatchStore
from services.store.people.devices import DeviceStore, is_live
from services.store.tasks.receipts import TaskReceiptStore, receipt_id
from services.store.tasks.receivers import ReceiverStore
from services.store.tasks.tasks import TaskStore

Document = dict[str, Any]
_SILENT = frozenset({"sync", "purge"})


class Ready(NamedTuple):
    """A row with the installation and the message that goes to it."""

    row: Document
    device: Document
    message: PushMessage


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What the rows of one drain are judged by, each kind read once."""

    now: datetime
    sender: Sender
    tasks: Mapping[str, Document]
    receipts: Mapping[str, Document]
    batches: Mapping[str, Document]
    devices: Mapping[str, Document]
    people: Mapping[str, Document]
    held_back: Mapping[Any, Fate]


@dataclass(frozen=True, kw_only=True)
class PushSelection:
    """Judges rows by what holds now, with one read for each kind of fact."""

    tasks: TaskStore
    receipts: TaskReceiptStore
    batches: BatchStore
    devices: DeviceStore
    people: ReceiverStore
    rules: PushRules
    permission: PushPermission

    def choose(
        self, rows: Sequence[Document], *, sender: Sender, now: datetime
    ) -> tuple[list[Ready], list[tuple[Document, Fate]]]:
        """Return the messages to send, and what becomes of the rows that are not sent now."""
        facts = self._read(rows, sender, now)
        ready: list[Ready] = []
        settled: list[tuple[Document, Fate]] = []
        for row in rows:
            fate = self._fate(row, facts)
            if fate is None:
                ready.append(self._ready(row, facts))
            else:
                settled.append((row, fate))
        return ready, settled

    def _read(self, rows: Sequence[Document], sender: Sender, now: datetime) -> _Facts:
        told = [row for row in rows if "task_id" in row]
        tasks = self.tasks.by_ids({row["task_id"] for row in told})
        batches = self.batches.by_ids({row["batch_id"] for row in rows if "batch_id" in row})
        people = self.people.active(list({row["user_id"] for row in rows}))
        return _Facts(
            now=now,
            sender=sender,
            tasks=tasks,
            receipts=self.receipts.by_pairs({(row["task_id"], row["user_id"]) for row in told}),
            batches=batches,
            devices=self.devices.by_ids({row["device_id"] for row in rows}),
            people=people,
            held_back=self.permission.held_back(rows, batches=batches, tasks=tasks, people=people, now=now),
        )

    def _fate(self, row: Document, facts: _Facts) -> Fate | None:
        """Return what becomes of a row without sending, None when it is to be sent."""
        if row["expires_at"] <= facts.now:
            return Fate(state="failed", code="expired")
        if not self._wanted(row, facts):
            return Fate(state="dropped", code="not_open")
        device = facts.devices.get(row["device_id"])
        if device is None or not is_live(device, facts.now):
            return Fate(state="dropped", code="no_target")
        rests = facts.sender.platform_rests(device["platform"], facts.now)
        if rests is not None:
            return Fate(state="waiting", code="platform_paused", due_at=rests)
        quiet = self.rules.quiet_until(facts.now)
        if quiet is not None and row["priority"] != "high" and row["kind"] not in _SILENT:
            return Fate(state="waiting", code="quiet_hours", due_at=quiet)
        return facts.held_back.get(row["_id"])

    @staticmethod
    def _wanted(row: Document, facts: _Facts) -> bool:
        user_id, kind = row["user_id"], row["kind"]
        batch = facts.batches.get(row.get("batch_id", ""))
        if kind == "purge":
            return batch is None or not held(batch, user_id)
        if user_id not in facts.people:
            return False
        if "task_id" in row:
            task = facts.tasks.get(row["task_id"])
            receipt = facts.receipts.get(receipt_id(row["task_id"], user_id))
            if task is None or task["state"] != "open" or receipt is None or not receipt["open"]:
                return False
        if kind == "batch":
            return batch_waits(batch, user_id)
        return kind != "callback" or callback_waits(batch, user_id, facts.now)

    @staticmethod
    def _ready(row: Document, facts: _Facts) -> Ready:
        device = facts.devices[row["device_id"]]
        title, body = None, None
        if row["kind"] not in _SILENT:
            task, locale = facts.tasks[row["task_id"]], device["locale"]
            title, body = clipped(shown(task["title"], locale), shown(task["body"], locale))
        message = PushMessage(
            push_id=row["push_id"],
            kind=row["kind"],
            target=PushTarget(device["target"]["kind"], device["target"]["value"]),
            ttl_s=max(int((row["expires_at"] - facts.now).total_seconds()), 1),
            data={name: row[name] for name in ("task_id", "batch_id") if name in row},
            title=title,
            body=body,
            priority=row["priority"],
            collapse_key=row.get("collapse_key"),
        )
        return Ready(row, device, message)
