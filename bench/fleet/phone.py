"""One volunteer's app: what it has synced, what it may show, and the outcomes that wait to be uploaded."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .connection import Json
from .ledger import Ledger
from .person import Person

APP_VERSION = "2.4.0"
_NO_CONTENT = 204
_NOT_FOUND = 404
_LOCKED = 423
_CONFLICT = 409
# After these the item stays with the volunteer, to be tried again or called back.
_NOT_OVER = frozenset({"no_answer", "busy", "switched_off", "left_message", "call_back", "partial", "refused"})
_WISHES = frozenset({"do_not_contact", "opted_out", "legal_complaint"})


class Phone:
    """Speaks the volunteer's routes and keeps what they say, as the app does."""

    def __init__(self, person: Person, ledger: Ledger, *, installation_id: str) -> None:
        self.person = person
        self.installation_id = installation_id
        self.batches: dict[str, Json] = {}
        self.tasks: dict[str, Json] = {}
        self.outbox: list[Json] = []
        self.ledger = self._ledger = ledger
        self.cursor: str | None = None
        self._ahead = timedelta(0)
        self._last_upload = 0.0

    def now(self) -> datetime:
        """Return the time by the server's clock, as of the last sync."""
        return datetime.now(UTC) + self._ahead

    def bind(self, target: str, *, installation_id: str | None = None) -> None:
        """Register this installation, or another one of the same person, for pushes."""
        body = {
            "target": {"kind": "token", "value": target},
            "platform": "android",
            "app_version": APP_VERSION,
            "locale": self.person.user["locale"],
        }
        self.person.put(f"/me/devices/{installation_id or self.installation_id}", body)

    def sync(self) -> int:
        """Fetch what is new until nothing more is; return how many answers it took."""
        for answers in range(1, 50):
            answer = self.person.get(
                "/me/sync",
                cursor=self.cursor,
                sent_at=_text(self.now()),
                pending=len(self.outbox),
                app_version=APP_VERSION,
            )
            if answer.status != _NO_CONTENT:
                self._take(answer.body)
            if answer.status == _NO_CONTENT or not answer.body["more"]:
                return answers
        raise RuntimeError("sync never comes to an end")

    def claim(self, campaign_id: str, channel: str) -> Json | None:
        """Ask the pool for a batch; None when there is none for this volunteer, or a rule forbids it now."""
        body = {"campaign_id": campaign_id, "channel": channel}
        answer = self.person.post("/me/batches/claim", body, foreseen=(_NOT_FOUND, _LOCKED))
        if not answer.ok:
            return None
        batch: Json = answer.body
        self.batches[batch["id"]] = batch
        return batch

    def open(self, batch_id: str) -> list[Json]:
        """Have the numbers shown; return the items that may be worked now."""
        asked = time.monotonic()
        answer = self.person.post(f"/me/batches/{batch_id}/open", foreseen=(_NOT_FOUND, _CONFLICT, _LOCKED))
        if not answer.ok:
            return []
        self.batches[batch_id] = answer.body
        self._ledger.revealed(self.person.id, answer.body, asked=asked)
        return [item for item in answer.body["items"] if item.get("phone") and self._may_be_shown(item)]

    def record(self, outcome: Json) -> None:
        """Keep an outcome until it can be uploaded."""
        self.outbox.append(outcome)

    def upload(self) -> Sequence[Json]:
        """Send all outcomes that wait and return them; without a line they would stay."""
        sent, self.outbox = self.outbox, []
        if sent:
            self.send(sent)
        return sent

    def send(self, outcomes: Sequence[Json]) -> None:
        """Send outcomes in one body and note their receipts."""
        self._last_upload = time.monotonic()
        body = {"outcomes": list(outcomes), "sent_at": _text(self.now()), "installation_id": self.installation_id}
        receipts = self.person.post("/me/outcomes", body).body["receipts"]
        self._noted(outcomes, receipts)

    def send_one(self, outcome: Json) -> None:
        """Send an outcome by itself, as the app does while the line is good."""
        self._last_upload = time.monotonic()
        path = f"/me/outcomes/{outcome['id']}"
        content = {name: value for name, value in outcome.items() if name != "id"}
        answer = self.person.put(path, content, foreseen=(_CONFLICT,))
        receipt = answer.body if answer.ok else {"id": outcome["id"], "status": "conflict"}
        self._noted([outcome], [receipt])

    def acknowledge(self) -> int:
        """Say of every task but batches that it was seen and done; return how many there were."""
        open_tasks = [task["id"] for task in self.tasks.values() if task["kind"] not in ("batch", "callback")]
        for task_id in open_tasks:
            self.person.post(f"/me/tasks/{task_id}/seen")
            self.person.post(f"/me/tasks/{task_id}/done")
            del self.tasks[task_id]
        return len(open_tasks)

    def outcome(self, batch_id: str, item: Json, *, outcome_id: str, disposition: str, **said: Any) -> Json:
        """Return the record of an attempt that was made just now."""
        return {
            "id": outcome_id,
            "batch_id": batch_id,
            "item_id": item["id"],
            "channel": item["channel"],
            "disposition": disposition,
            "occurred_at": _text(self.now()),
            "app_version": APP_VERSION,
            **said,
        }

    def _noted(self, outcomes: Sequence[Json], receipts: Sequence[Json]) -> None:
        self._ledger.told(self.person.id, outcomes, receipts)
        for outcome, receipt in zip(outcomes, receipts, strict=True):
            place = (outcome["batch_id"], outcome["item_id"])
            if outcome["disposition"] not in _NOT_OVER:
                self._ledger.let_go(place[0], [place[1]], at=self._last_upload)
            number = self._ledger.number_of(*place)
            if outcome["disposition"] in _WISHES and receipt["status"] != "rejected" and number:
                self._ledger.silence(number)

    def _take(self, delta: Json) -> None:
        self.cursor = delta["cursor"]
        self._ahead = datetime.fromisoformat(delta["server_time"]) - datetime.now(UTC)
        for batch in delta["batches"]:
            self.batches[batch["id"]] = batch
            over = [item["id"] for item in batch["items"] if item["state"] not in ("ready", "callback")]
            self._ledger.let_go(batch["id"], over, at=self._last_upload)
        self.tasks |= {task["id"]: task for task in delta["tasks"]}
        removed, purge = delta["removed"], delta["purge"]
        for batch_id in {*removed.get("batches", ()), *purge.get("batches", ())}:
            self.batches.pop(batch_id, None)
            self._ledger.let_go(batch_id, at=self._last_upload)
        for task_id in removed.get("tasks", ()):
            self.tasks.pop(task_id, None)

    def _may_be_shown(self, item: Json) -> bool:
        """Whether the item's own hours allow it now: the server looks ahead, the app waits."""
        now = self.now()
        if item["state"] not in ("ready", "callback"):
            return False
        early = item.get("not_before") and now < datetime.fromisoformat(item["not_before"])
        late = item.get("not_after") and now > datetime.fromisoformat(item["not_after"])
        return not (early or late)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
