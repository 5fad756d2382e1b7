"""Exports: asked for with a purpose, approved by a second person where they are personal, taken by whoever asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.audiences.membership import Memberships
from services.campaigns.places import Places
from services.domain.errors import Conflict, Invalid, NotFound, StaleVersion
from services.domain.exports.exports import wrong_with
from services.domain.ids import new_id
from services.domain.jobs import Job
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.store.campaigns.campaigns import CampaignStore
from services.store.collection import Document
from services.store.exports import ExportStore
from services.store.files import FileStore

KIND = "export"


class Exports:
    """The life of an export beside the making of its file."""

    def __init__(
        self,
        *,
        store: ExportStore,
        files: FileStore,
        campaigns: CampaignStore,
        memberships: Memberships,
        jobs: Jobs,
        places: Places,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._files = files
        self._campaigns = campaigns
        self._memberships = memberships
        self._jobs = jobs
        self._places = places
        self._audit = audit
        self._clock = clock

    def ask(self, actor: Actor, request: Mapping[str, Any], *, locale: str) -> Job:
        """Queue an export; one with personal fields waits for a second person. Raises Invalid for a wrong question."""
        self._check(request)
        now = self._clock.now()
        personal = bool(request["personal"])
        asked = {name: request[name] for name in ("kind", "filter", "purpose", "personal", "numbers", "format")}
        export = {
            "_id": new_id(now),
            **asked,
            "locale": locale,
            "state": "waiting" if personal else "approved",
            "asked_by": actor.user_id,
            "asked_at": now,
            "decided_by": None,
            "decided_at": None,
            "reason": None,
            "rows": None,
            "left_out": {},
            "withheld": {},
            "expires_at": None,
            "version": 1,
        }
        self._store.insert(export)
        told = {name: request[name] for name in ("kind", "personal", "numbers", "format")}
        self._audit.record(actor, "export.ask", subject=f"export:{export['_id']}", **told)
        return self._jobs.begin(actor, KIND, {"export_id": export["_id"]}, job_id=export["_id"], held=personal)

    def get(self, export_id: str) -> Document:
        """Return an export; raise NotFound."""
        return self._now(self._store.get(export_id))

    def list_page(self, page: PageRequest, *, state: str | None) -> Page[Document]:
        """Return exports, the latest first."""
        return self._store.list_page(page, state=state).map(self._now)

    def approve(self, actor: Actor, export_id: str, *, version: int | None) -> Document:
        """Let an export be made; raise Conflict for one's own and for one that does not wait (twice is once)."""
        export = self._decided(actor, export_id, state="approved", reason=None, version=version)
        self._jobs.free(export_id)
        return export

    def reject(self, actor: Actor, export_id: str, *, reason: str, version: int | None) -> Document:
        """Refuse an export, also one's own; raise Conflict for one that does not wait."""
        export = self._decided(actor, export_id, state="rejected", reason=reason, version=version)
        self._jobs.drop(export_id)
        return export

    def file(self, actor: Actor, export_id: str) -> tuple[Document, Iterator[bytes]]:
        """Return an own export with its content; raise NotFound once it is gone, Conflict while it is not there yet."""
        export = self._now(self._store.get(export_id))
        if export["asked_by"] != actor.user_id or export["state"] in {"gone", "rejected"}:
            raise NotFound
        if export["state"] != "ready":
            raise Conflict("state_conflict")
        content = self._files.read(export_id)
        self._audit.record(actor, "export.download", subject=f"export:{export_id}", rows=export["rows"])
        return export, content

    def _decided(
        self, actor: Actor, export_id: str, *, state: str, reason: str | None, version: int | None
    ) -> Document:
        export = self._store.get(export_id)
        if version not in {None, export["version"]}:
            raise StaleVersion
        if (export["state"], export["decided_by"]) == (state, actor.user_id):
            return export
        if export["asked_by"] == actor.user_id and state == "approved":
            raise Conflict("own_approval")
        if self._jobs.has_ended(export_id):
            raise Conflict("state_conflict")
        told = {"state": state, "decided_by": actor.user_id, "decided_at": self._clock.now(), "reason": reason}
        changed = self._store.move(export_id, states=("waiting",), fields=told)
        if changed is None:
            raise Conflict("state_conflict")
        self._audit.record(actor, f"export.{_VERBS[state]}", subject=f"export:{export_id}")
        return changed

    def _now(self, export: Document) -> Document:
        """Return the export as it is by the product's clock; a file whose time is over goes at once."""
        expires_at: datetime | None = export["expires_at"]
        if export["state"] == "ready" and expires_at is not None and expires_at <= self._clock.now():
            self._files.delete(export["_id"])
            return {**export, "state": "gone"}
        return export

    def _check(self, request: Mapping[str, Any]) -> None:
        wanted = request["filter"]
        wrong = wrong_with(request["kind"], wanted, personal=request["personal"], numbers=request["numbers"])
        if wrong:
            raise Invalid(**wrong)
        campaign_id = wanted.get("campaign_id")
        if campaign_id is not None and campaign_id not in self._campaigns.get_many([campaign_id]):
            raise Invalid(**{"filter.campaign_id": "campaign_unknown"})
        if "area" in wanted:
            self._places.require([wanted["area"]], field="filter.area")
        audience_id = wanted.get("audience_id")
        if audience_id is not None and self._memberships.find(audience_id, campaign_id=campaign_id) is None:
            raise Invalid(**{"filter.audience_id": "audience_unknown"})


_VERBS = {"approved": "approve", "rejected": "reject"}
