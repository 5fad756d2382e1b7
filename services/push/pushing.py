"""The worker's sender: leases lanes of the outbox, sends what is due, and settles each row by the error table."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from services.domain.errors import Unavailable
from services.domain.ids import new_id
from services.domain.push.outbox import Fate, fate_of
from services.domain.push.push import Action
from services.domain.push.sender import Sender
from services.gateways.clock import Clock
from services.gateways.messaging import FirebaseMessaging
from services.push.dispatch import STOPS, PushDispatch, Tried
from services.push.selection import PushSelection, Ready
from services.store.people.devices import DeviceStore
from services.store.push.outbox import OutboxStore
from services.store.tasks.cells import TaskCellStore

Document = dict[str, Any]
_log = structlog.get_logger("sampark.pushes")
LEASE_SECONDS = 30.0
_LANES_A_DRAIN = 4
_ROWS_A_LANE = 250
_PACED_SECONDS = 2.0
_HEAL_SECONDS = 600.0
PUSHES = Counter("sampark_pushes_total", "What became of pushes, try by try", ["kind", "code"])
STOPPED = Gauge(
    "sampark_push_sender_stopped", "1 while the breaker keeps the sender from sending", multiprocess_mode="livemax"
)


@dataclass(frozen=True, kw_only=True)
class PushStores:
    """The collections that the sender writes to."""

    outbox: OutboxStore
    devices: DeviceStore
    cells: TaskCellStore


class Pushing:
    """Sends what is due; any number of workers may, each keeps to the lanes that it has leased."""

    def __init__(
        self,
        stores: PushStores,
        selection: PushSelection,
        messaging: FirebaseMessaging,
        *,
        clock: Clock,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._outbox, self._devices, self._cells = stores.outbox, stores.devices, stores.cells
        self._selection = selection
        self._messaging = messaging
        self._dispatch = PushDispatch(messaging)
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._worker = new_id()
        self._stopping = threading.Event()
        self._heal_at = 0.0

    def stop(self) -> None:
        """Begin nothing more; what was begun is settled, the rest stays in the outbox."""
        self._stopping.set()

    def send_due(self) -> int:
        """Send some of what is due; return how many rows and lanes moved on, 0 when there is nothing to do."""
        if self._stopping.is_set() or not self._messaging.available:
            return 0
        now = self._clock.now()
        sender = Sender.parse(self._outbox.sender())
        STOPPED.set(sender.stopped(now))
        if sender.stopped(now):
            return 0
        if time.monotonic() >= self._heal_at:
            self._outbox.heal()
            self._heal_at = time.monotonic() + _HEAL_SECONDS
        lanes = self._lease(self._outbox.due_lanes(now))
        if not lanes:
            return 0
        rows = {lane["_id"]: self._outbox.in_lane(lane["_id"], limit=_ROWS_A_LANE) for lane in lanes}
        try:
            moved = self._drain([row for found in rows.values() for row in found], lanes, sender)
        finally:
            for lane in lanes:
                self._outbox.release(lane, empty=not rows[lane["_id"]])
        return moved + sum(not found for found in rows.values())

    def _lease(self, lanes: Sequence[Document]) -> list[Document]:
        """Take the first free lanes; urgent ones stand first."""
        leased: list[Document] = []
        moment = datetime.now(UTC)
        for lane in lanes:
            if len(leased) == _LANES_A_DRAIN:
                break
            if lane["held_until"] < moment:
                taken = self._outbox.lease(lane["_id"], self._worker, seconds=self._lease_seconds)
                leased += [taken] if taken is not None else []
        return leased

    def _drain(self, rows: Sequence[Document], lanes: Sequence[Document], sender: Sender) -> int:
        """Send the rows that may go and settle all; return how many moved on."""
        now = self._clock.now()
        ready, settled = self._selection.choose(rows, sender=sender, now=now)
        self._settle(settled, now)
        faster = sender.speed_up(now)
        if not ready:
            return len(settled)
        try:
            # One token for all threads, before the first of them asks for one.
            self._messaging.refresh_credential()
        except Unavailable:
            self._keep(sender, self._stopped(sender, "token_refresh_failed", now))
            return len(settled)
        begun = time.monotonic()
        allowed = self._allowed(ready, faster)
        moved = len(settled)
        for tried in self._dispatch.run(allowed, self._stopping):
            after = self._apply(tried, faster)
            self._keep(sender, after)
            sender = faster = after
            moved += len(tried)
            self._outbox.renew([lane["_id"] for lane in lanes], self._worker, seconds=self._lease_seconds)
        if faster.pace is not None:
            self._stopping.wait(max(len(allowed) / faster.pace - (time.monotonic() - begun), 0.0))
        return moved

    @staticmethod
    def _allowed(ready: list[Ready], sender: Sender) -> list[Ready]:
        """Return what may be sent at once: one message after a stop, some seconds' worth while the pace is down."""
        if sender.stops:
            return ready[:1]
        return ready if sender.pace is None else ready[: math.ceil(sender.pace * _PACED_SECONDS)]

    def _apply(self, tried: Sequence[Tried], sender: Sender) -> Sender:
        """Settle what was sent; return how the sender goes on."""
        now = self._clock.now()
        fates: list[tuple[Document, Fate]] = []
        for ready, result, target_bad in tried:
            PUSHES.labels(ready.row["kind"], result.code).inc()
            self._treat_target(ready, result.action, target_bad=target_bad)
            sender = self._going_on(sender, ready, result.action, result.code)
            fate = fate_of(result, ready.row, now=now, jitter=random.random())  # noqa: S311 (no secret)
            rests = sender.platform_rests(ready.device["platform"], now)
            if result.action is Action.THIRD_PARTY_AUTH and rests is not None:
                fate = Fate(state="waiting", code=result.code, due_at=rests)
            if fate is not None:
                fates.append((ready.row, fate))
        self._settle(fates, now)
        return sender

    def _treat_target(self, ready: Ready, action: Action, *, target_bad: bool) -> None:
        """Drop or quarantine exactly the target that was used, if it is still the installation's."""
        if action is Action.UNREGISTERED or target_bad:
            self._devices.drop_target(ready.device["_id"], target_key=ready.device["target_key"])
        elif action is Action.SENDER_MISMATCH:
            self._devices.quarantine(ready.device["_id"], target_key=ready.device["target_key"])

    def _going_on(self, sender: Sender, ready: Ready, action: Action, code: str) -> Sender:
        """Return what one result means for all sending."""
        now, platform = self._clock.now(), ready.device["platform"]
        if action is Action.ACCEPTED:
            return sender.go_on()
        if action is Action.QUOTA:
            return sender if sender.pace_until and sender.pace_until > now else sender.slow_down(now)
        if action in STOPS:
            return sender if sender.stopped(now) else self._stopped(sender, code, now)
        if action is Action.THIRD_PARTY_AUTH and sender.platform_rests(platform, now) is None:
            _log.error("push platform paused", platform=platform, code=code)
            return sender.pause(platform, now)
        if action is Action.DEAD_LETTER:
            _log.error("push given up", row=ready.row["_id"], code=code)
        return sender

    def _stopped(self, sender: Sender, code: str, now: datetime) -> Sender:
        stopped = sender.stop(code, now)
        _log.error("push sender stopped", code=code, until=stopped.stopped_until)
        return stopped

    def _keep(self, before: Sender, after: Sender) -> None:
        if after != before:
            self._outbox.keep_sender(after.fields())

    def _settle(self, fates: Sequence[tuple[Document, Fate]], now: datetime) -> None:
        for row, fate in fates:
            if not fate.tried:
                PUSHES.labels(row["kind"], fate.code).inc()
        self._outbox.settle(fates, now)
        # Afterwards: a recount must see the rows as they are now. If we die before this, the cell is recounted
        # all the same, as one with waiting rows is every minute.
        self._cells.touch(row["cell"] for row, _ in fates if "cell" in row)
