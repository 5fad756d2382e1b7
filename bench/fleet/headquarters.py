"""What headquarters and coordinators do in a browser: enrol people, import, plan, hand out, recall, read reports."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from .connection import Json
from .person import Person

_CREATED = 201
_ACCEPTED = 202


class Desk:
    """The desk of one administrator."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def areas(self, kind: str) -> dict[str, Json]:
        """Return all places of a kind by id."""
        return {area["id"]: area for area in self.person.pages("/areas", kind=kind)}

    def enrol(self, **facts: Any) -> Json:
        """Put somebody on the roster."""
        user: Json = self.person.create("/users", facts).body
        return user

    def invite(self, user_ids: Sequence[str]) -> dict[str, str]:
        """Return an invitation's token for each person."""
        items = self.person.post("/users/invitations", {"user_ids": list(user_ids)}).body["items"]
        return {item["user_id"]: item["token"] for item in items}

    def start_campaign(self, facts: Json) -> str:
        """Make a campaign and start it; return its id."""
        campaign_id: str = self.person.create("/campaigns", facts).body["id"]
        self.person.post(f"/campaigns/{campaign_id}/activate")
        return campaign_id

    def set_rules(self, campaign_id: str, rules: Json, *, second: Desk) -> None:
        """Change a campaign's rules; what allows more than before takes a second person."""
        proposed = self.person.put(f"/campaigns/{campaign_id}/rules", rules).body
        if proposed["state"] == "pending":
            second.person.post(f"/campaigns/{campaign_id}/rules/{proposed['version']}/approve")

    def import_contacts(self, sheet: Path, *, campaign_id: str, source: Json) -> str:
        """Upload a sheet; return the import's job."""
        boundary = uuid.uuid4().hex
        fields = {"campaign_id": campaign_id, "source": orjson.dumps(source).decode()}
        body = _multipart(fields, sheet, boundary)
        answer = self.person.create("/contacts/imports", body, content_type=f"multipart/form-data; boundary={boundary}")
        job_id: str = answer.body["id"]
        return job_id

    def import_counts(self, job_id: str) -> Json:
        """Return what became of the rows."""
        counts: Json = self.person.get(f"/contacts/imports/{job_id}").body["counts"]
        return counts

    def rejects(self, job_id: str) -> bytes:
        """Return the refused rows as a sheet."""
        content: bytes = self.person.get(f"/contacts/imports/{job_id}/rejects.csv").body
        return content

    def suppress(self, phone: str) -> None:
        """Note that a number's owner wants no contact."""
        self.person.create("/suppressions", {"phone": phone, "reason": "opted_out"})

    def plan(self, wish: Json) -> Json:
        """Return what a distribution would do."""
        answer = self.person.post("/batches/plan", wish)
        if answer.status != _ACCEPTED:
            plan: Json = answer.body
            return plan
        # Too many contacts to look at within a request.
        *_, over = self.person.job(answer.body["id"])
        found: Json = over["result"]
        return found

    def hand_out(self, plan: Json) -> Iterator[tuple[Json, Json | None]]:
        """Carry a plan out; yield the job's states, and with the last one the result."""
        answer = self.person.create("/batches", {"plan_id": plan["plan_id"]})
        if answer.status == _CREATED:
            made: list[Json] = answer.body["items"]
            result = {"batches": len(made), "contacts": sum(batch["size"] for batch in made)}
            yield {"done": len(made), "total": len(made)}, result
            return
        for job in self.person.job(answer.body["id"]):
            yield job["progress"], job["result"]

    def batches(self, **filters: Any) -> list[Json]:
        """Return the batches that match."""
        return list(self.person.pages("/batches", **filters))

    def recall(self, batch_id: str, reason: str) -> None:
        """Take a batch back."""
        self.person.post(f"/batches/{batch_id}/recall", {"reason": reason})

    def ask_everybody(self, *, title: Mapping[str, str], body: Mapping[str, str], roles: Iterable[str]) -> Json:
        """Broadcast a task; return it with the number of its receivers."""
        wish = {"kind": "read", "title": title, "body": body, "audience": {"roles": list(roles)}, "priority": "high"}
        task: Json = self.person.create("/tasks", wish).body
        return task

    def approve_task(self, task_id: str) -> None:
        """Agree, as a second person, that a task for the whole state goes out."""
        self.person.post(f"/tasks/{task_id}/approve")

    def delivery(self, task_id: str) -> Json:
        """Return how far a task has reached its receivers."""
        counts: Json = self.person.get(f"/tasks/{task_id}/delivery").body
        return counts

    def progress(self, campaign_id: str, *, by: str, language: str = "en") -> Json:
        """Return the rows of a campaign's progress, with labels in a language."""
        report: Json = self.person.get("/reports/progress", language=language, campaign_id=campaign_id, by=by).body
        return report


def _multipart(fields: Mapping[str, str], sheet: Path, boundary: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{sheet.name}"\r\n'
    parts.append(f"{head}Content-Type: text/csv\r\n\r\n".encode() + sheet.read_bytes() + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()
