"""Watches what volunteers were shown and raises a flag to their coordinator; who looks at it settles it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.domain.batches.reveal_watch import OPEN, Opened, RevealDay, WatchRules, new_flag, suspicions
from services.domain.errors import Conflict, NotFound, StaleVersion
from services.domain.ist import day_start
from services.domain.outcomes.outcomes import day_of
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.people.subject import Subject
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.policy import Policy
from services.store.audit import AuditStore
from services.store.batches.batches import BatchStore
from services.store.batches.caps import CapStore
from services.store.batches.reveal_flags import RevealFlagStore
from services.store.people.users import UserStore

Document = dict[str, Any]
_AT_ONCE = 500


class RevealWatch:
    """A step of the worker, and what coordinators do with its flags; run again it finds the same ones."""

    def __init__(
        self,
        *,
        flags: RevealFlagStore,
        caps: CapStore,
        entries: AuditStore,
        batches: BatchStore,
        users: UserStore,
        rules: WatchRules,
        policy: Policy,
        tell: Callable[[Mapping[str, Any]], None],
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._flags = flags
        self._caps = caps
        self._entries = entries
        self._batches = batches
        self._users = users
        self._rules = rules
        self._policy = policy
        # Tells the coordinators of the volunteer's district of a new flag.
        self._tell = tell
        self._audit = audit
        self._clock = clock
        self._rests_until = 0.0

    def run(self) -> int:
        """Look at the last days, every few minutes; return how many flags are new."""
        if time.monotonic() < self._rests_until:
            return 0
        raised = self.look()
        self._rests_until = time.monotonic() + self._rules.every.total_seconds()
        return raised

    def look(self) -> int:
        """Look at the last days now; return how many flags are new."""
        now = self._clock.now()
        days = [now - timedelta(days=back) for back in range(self._rules.days)]
        return sum(self._look_at(moment, now) for moment in days)

    def list_page(self, actor: Actor, page: PageRequest, *, state: str | None, user_id: str | None) -> Page[Document]:
        """Return flags, those of the latest days first; a coordinator's are of the own district's volunteers."""
        district = None if actor.is_headquarters else actor.home_area or "-"
        return self._flags.list_page(page, filters={"district_id": district, "state": state, "user_id": user_id})

    def get(self, actor: Actor, flag_id: str) -> Document:
        """Return a flag with its evidence, or raise NotFound for another district's."""
        flag = self._flags.get(flag_id)
        if not self._policy.reaches(actor, Subject.of_district("volunteers", flag["district_id"])):
            raise NotFound
        return flag

    def settle(self, actor: Actor, flag_id: str, *, finding: str, note: str | None, version: int | None) -> Document:
        """Say what was behind a flag: `explained` or `misuse`; raise Conflict for one that is settled otherwise."""
        flag = self.get(actor, flag_id)
        if version is not None and version != flag["version"]:
            raise StaleVersion
        if flag["state"] == finding:
            return flag
        if flag["state"] != OPEN:
            raise Conflict("state_conflict")
        now = self._clock.now()
        fields = {"state": finding, "settled_by": actor.user_id, "settled_at": now, "updated_at": now}
        settled = self._flags.settle(flag, fields, note=note)
        self._audit.record(
            actor, "reveal_flag.settle", subject=flag_id, finding=finding, user_id=flag["user_id"], kind=flag["kind"]
        )
        return settled

    def _look_at(self, moment: datetime, now: datetime) -> int:
        """Look at the Indian day of a moment."""
        day = day_of(moment)
        shown = self._caps.of_day(day)
        homes = self._homes(list(shown))
        raised = 0
        for user_id, (revealed, openings) in shown.items():
            if self._rules.worth_a_look(revealed=revealed, openings=openings):
                peers = [
                    number
                    for other, (number, _) in shown.items()
                    if other != user_id and number and homes.get(other) == homes.get(user_id)
                ]
                found = RevealDay(revealed=revealed, openings=self._openings(user_id, moment), peers=peers)
                for kind, evidence in suspicions(found, self._rules, now=now):
                    flag = new_flag(day, user_id, homes.get(user_id), kind, evidence, at=now)
                    if self._flags.raise_once(flag):
                        self._tell(flag)
                        raised += 1
        return raised

    def _openings(self, user_id: str, moment: datetime) -> list[Opened]:
        """Return what a volunteer opened on a day, from the audit trail, and what came of it, from the batches."""
        start = day_start(moment)
        told = list(
            self._entries.walk(
                filters={"actor": user_id, "action": "batch.open"}, since=start, until=start + timedelta(days=1)
            )
        )
        found = self._batches.by_ids(_batch_of(entry) for entry in told)
        return [_opened(entry, found.get(_batch_of(entry))) for entry in told if entry["facts"]["revealed"]]

    def _homes(self, user_ids: list[str]) -> dict[str, str | None]:
        return {
            key: home
            for at in range(0, len(user_ids), _AT_ONCE)
            for key, home in self._users.homes(user_ids[at : at + _AT_ONCE]).items()
        }


def _opened(entry: Document, batch: Document | None) -> Opened:
    items = set(entry["facts"]["items"])
    tried = [item for item in batch["items"] if item["id"] in items and item["outcomes"]] if batch else []
    released = batch is not None and batch["close_reason"] == "released"
    return Opened(
        batch_id=_batch_of(entry),
        at=entry["at"],
        revealed=entry["facts"]["revealed"],
        attempted=len(tried),
        released=released,
    )


def _batch_of(entry: Document) -> str:
    return str(entry["subject"]).partition(":")[2]
