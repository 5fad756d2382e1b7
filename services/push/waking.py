"""Decisions that phones must hear of soon: rules that changed, sessions that ended, what a coordinator must look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.domain.ids import derived_id
from services.domain.people.pauses import counting
from services.domain.push.texts import PushRules
from services.domain.tasks.tasks import WAVE, Audience, Group, expiry, new_task
from services.gateways.clock import Clock
from services.push.notifying import Notifying, slot_end, tickle_slot
from services.store.people.devices import device_id
from services.store.tasks.receivers import ReceiverStore
from services.store.tasks.tasks import TaskStore, spread_from_start

_COORDINATORS = 50
_DECISION_SLOT = timedelta(minutes=10)


class Waking:
    """Nothing here is the truth: each only makes phones ask sooner for what the next sync tells anyway."""

    def __init__(
        self, notifying: Notifying, *, tasks: TaskStore, people: ReceiverStore, rules: PushRules, clock: Clock
    ) -> None:
        self._notifying = notifying
        self._tasks = tasks
        self._people = people
        self._rules = rules
        self._clock = clock

    def rules_changed(self, campaign: Mapping[str, Any] | None = None) -> None:
        """Let all volunteers' phones sync, or those of the districts that help a campaign; the worker sees to it.

        Changes within one stretch are one wave: its pushes go out at the end of it.
        """
        slot = tickle_slot(self._clock.now())
        rows = campaign["helpers"] if campaign is not None else []
        homes = tuple(sorted({district for row in rows for district in row["districts"]})) or None
        now = self._clock.now()
        audience = Audience(roles=("volunteer",), homes=homes).to_document()
        wave = new_task(derived_id(slot, "wave", *(homes or ())), WAVE, now=now, expires_at=slot, audience=audience)
        self._tasks.insert_once({**wave, **spread_from_start()})

    def session_revoked(self, user_id: str, session_id: str, installation_id: str | None) -> None:
        """Order the phone of a sign-in that was revoked to wipe itself."""
        if installation_id is not None:
            phone = device_id(user_id, installation_id)
            self._notifying.purge(user_id, push_id=f"purge.{session_id}", device_ids=[phone])

    def escalated(self, outcome: Mapping[str, Any]) -> None:
        """Ask the coordinators of the volunteer's district to look at an outcome, or headquarters if there are none."""
        task_id = derived_id(outcome["received_at"], "escalation", outcome["_id"])
        facts = {name: outcome[name] for name in ("batch_id", "campaign_id")}
        self._ask(task_id, "escalation", 1, outcome["district_id"], facts)

    def volunteer_paused(self, pause: Mapping[str, Any]) -> None:
        """Ask the same people to look at a volunteer whom complaints have paused, and again when that one answers."""
        kind = "appeal" if pause.get("appealed") else "pause"
        counted = counting(pause["complaints"])
        task_id = derived_id(pause["paused_at"], kind, pause["_id"])
        facts = {"batch_id": None, "campaign_id": pause["complaints"][-1]["campaign_id"]}
        self._ask(task_id, kind, counted, pause["district_id"], facts)

    def pause_moved(self, pause: Mapping[str, Any]) -> None:
        """Let a volunteer's phone ask whether they may work."""
        self._notifying.tickle([pause["_id"]])

    def flagged(self, flag: Mapping[str, Any]) -> None:
        """Ask the coordinators of a volunteer's district to look at a flag, or headquarters if there are none."""
        task_id = derived_id(flag["created_at"], "reveal-flag", flag["_id"])
        self._ask(task_id, "reveal_flag", 1, flag["district_id"], {})

    def decision_waits(self, kind: str, told: Iterable[tuple[str | None, datetime]]) -> None:
        """Ask the same people to decide a `review` or `conflict`, given as `(district, when it was told)`.

        What is told in a district within some minutes is one task, that many of them ring once.
        """
        slots = {(district_id, slot_end(at, _DECISION_SLOT)) for district_id, at in told}
        for district_id, slot in sorted(slots, key=lambda one: (one[1], one[0] or "")):
            task_id = derived_id(slot, kind, district_id or "")
            self._ask(task_id, kind, 1, district_id, {}, priority="normal")

    def _ask(
        self,
        task_id: str,
        kind: str,
        n: int,
        district_id: str | None,
        facts: Mapping[str, Any],
        *,
        priority: str = "high",
    ) -> None:
        people = self._of_role("coordinator", district_id) or self._of_role("hq_admin", None)
        title, body = self._rules.text(kind, n)
        now = self._clock.now()
        task = new_task(
            task_id,
            "custom",
            now=now,
            expires_at=expiry(None, now),
            title=title,
            body=body,
            district_id=district_id,
            priority=priority,
            receivers=len(people),
            **facts,
        )
        if people:
            # Both may be done again: whoever stored the task may have died before it was given.
            self._tasks.insert_once(task)
            self._notifying.give(task, people, chunk=0)

    def _of_role(self, role: str, home: str | None) -> list[str]:
        group = Group(kind="home", area=home, role=role)
        return self._people.page(group, inside=None, after=None, limit=_COORDINATORS)[0]
