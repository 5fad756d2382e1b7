"""Whether the rules let a push go now that asks somebody to contact people, or to forward a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.batches.desk import gate_for
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.domain.push.outbox import Fate
from services.domain.rules.eligibility import Gate
from services.tasks.tasks import TemplatesInUse

Document = dict[str, Any]
_ASKS_FOR_CONTACT = frozenset({"batch", "callback"})
# What is stopped without a known end is asked about again after this long.
_ASK_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class PushPermission:
    """Asks the same rules as opening does: of the place, the campaign, its stops, and of who is to do it."""

    rulebook: Rulebook
    places: Places
    templates: TemplatesInUse

    def held_back(
        self,
        rows: Sequence[Document],
        *,
        batches: Mapping[str, Document],
        tasks: Mapping[str, Document],
        people: Mapping[str, Document],
        now: datetime,
    ) -> dict[Any, Fate]:
        """Return, by the row's id, what must wait, in two round trips, three more where texts are forwarded.

        A batch may be announced while it could be opened ahead of its hours; a callback only while it may be called.
        """
        asking = [row for row in rows if row["kind"] in _ASKS_FOR_CONTACT and row.get("batch_id") in batches]
        drives = {batches[row["batch_id"]]["campaign_id"] for row in asking}
        rulings = self.rulebook.of_many(drives, now) if drives else {}
        held: dict[Any, Fate] = {}
        for row in asking:
            batch = batches[row["batch_id"]]
            ruling = rulings.get(batch["campaign_id"])
            if ruling is None:
                continue
            if people.get(row["user_id"], {}).get("paused_at") is not None:
                held[row["_id"]] = _wait(now + _ASK_AGAIN)
                continue
            gate = gate_for(ruling, batch["channel"], now)
            due_at = self._due(gate, batch, ahead=row["kind"] == "batch")
            if due_at is not None:
                held[row["_id"]] = _wait(due_at)
        stopped = self._stopped(tasks.values())
        return held | {row["_id"]: _wait(now + _ASK_AGAIN) for row in rows if row.get("task_id") in stopped}

    def _due(self, gate: Gate, batch: Document, *, ahead: bool) -> datetime | None:
        """Return when to ask again, None if one of the batch's places may be contacted, or `ahead` be opened, now."""
        found = []
        for part_id in batch["part_ids"]:
            area = self.places.find(part_id)
            verdict, window = gate.of_place(part_id, (area.parent_id if area else None) or "")
            if verdict.allowed or (ahead and window is not None):
                return None
            found.append(verdict.allowed_from)
        known = [at for at in found if at is not None]
        return min(known, default=gate.now + _ASK_AGAIN)

    def _stopped(self, tasks: Iterable[Document]) -> set[str]:
        """Return the tasks whose text may not be forwarded now: stopped, withdrawn, or without its certificate."""
        named = [task for task in tasks if task.get("template_id")]
        pairs = {(task["template_id"], task["template_version"]) for task in named}
        live = self.templates.live_among(pairs) if pairs else set()
        return {task["_id"] for task in named if (task["template_id"], task["template_version"]) not in live}


def _wait(until: datetime) -> Fate:
    return Fate(state="waiting", code="forbidden_now", due_at=until)
