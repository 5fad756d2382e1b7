"""Asking for more: a volunteer's request, and the coordinator's word that brings a batch or says why not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.batches.assigning import Assigning
from services.batches.claiming import Claiming
from services.batches.scope import BatchScope
from services.domain.errors import Conflict, Invalid, NotFound, StaleVersion
from services.domain.ids import derived_id
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.batches.work_requests import WorkRequestStore
from services.store.campaigns.campaigns import CampaignStore

Document = dict[str, Any]
OPEN, APPROVED, DECLINED, WITHDRAWN = STATES = ("open", "approved", "declined", "withdrawn")
# The id of a request follows from the one before it alone: two taps ask once.
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


class WorkRequests:
    """One open request a volunteer, campaign and channel; however often it is approved, it brings one batch."""

    def __init__(
        self,
        *,
        store: WorkRequestStore,
        campaigns: CampaignStore,
        scope: BatchScope,
        claiming: Claiming,
        assigning: Assigning,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._campaigns = campaigns
        self._scope = scope
        self._claiming = claiming
        self._assigning = assigning
        self._audit = audit
        self._clock = clock

    def ask(self, actor: Actor, campaign_id: str, channel: str, *, note: str | None) -> tuple[Document, bool]:
        """Return the volunteer's open request and whether it is new; raise NotFound, or Invalid for a wrong channel."""
        if channel not in self._campaigns.get(campaign_id)["channels"]:
            raise Invalid(channel="channel_not_in_campaign")
        last = self._store.last_of(actor.user_id, campaign_id, channel)
        if last is not None and last["state"] == OPEN:
            return last, False
        made = self._made(actor, campaign_id, channel, note=note, last=last)
        if self._store.insert_once(made):
            return made, True
        return self._store.get(made["_id"]), False

    def own(self, actor: Actor, page: PageRequest) -> Page[Document]:
        """Return what a volunteer has asked for, the oldest first."""
        return self._store.list_page(page, {"user_id": actor.user_id})

    def withdraw(self, actor: Actor, request_id: str, *, version: int | None) -> Document:
        """Take an own request back; raise Conflict when it was answered already."""
        request = self._store.get(request_id)
        if request["user_id"] != actor.user_id:
            raise NotFound
        return self._decided(request, {"state": WITHDRAWN}, by=actor, version=version)

    def list_page(self, actor: Actor, page: PageRequest, filters: Mapping[str, str | None]) -> Page[Document]:
        """Return requests of one's volunteers by state, campaign and district, the oldest first."""
        query: Document = {name: value for name, value in filters.items() if value is not None}
        if not actor.is_headquarters:
            query["district_id"] = actor.home_area
        return self._store.list_page(page, query)

    def get(self, actor: Actor, request_id: str) -> Document:
        """Return a request of one's volunteers, or raise NotFound."""
        request = self._store.get(request_id)
        if not actor.is_headquarters and request["district_id"] != actor.home_area:
            raise NotFound
        return request

    def approve(self, actor: Actor, request_id: str, *, batch_id: str | None, version: int | None) -> Document:
        """Give the volunteer the next pooled batch, or the one that is named; raise NotFound("no_batch") for none."""
        request = self.get(actor, request_id)
        if request["state"] == APPROVED:
            return request
        _check(request, version)
        user_id, campaign_id, channel = (request[name] for name in ("user_id", "campaign_id", "channel"))
        self._scope.volunteer(actor, user_id, channel)
        if batch_id is not None:
            given = self._assigning.assign(actor, batch_id, user_id, version=None)
        else:
            errand = f"request|{request_id}"
            given = self._claiming.take_for(actor, user_id, campaign_id, channel, errand=errand)
        try:
            return self._decided(request, {"state": APPROVED, "batch_id": given["_id"]}, by=actor, version=None)
        except Conflict:
            # Somebody declined, or the volunteer withdrew, while the batch was given.
            if batch_id is None:
                self._assigning.recall(actor, given["_id"], reason="request_closed", version=None)
            raise

    def decline(self, actor: Actor, request_id: str, *, reason: str, version: int | None) -> Document:
        """Refuse a request and say why."""
        request = self.get(actor, request_id)
        return self._decided(request, {"state": DECLINED, "reason": reason}, by=actor, version=version)

    def _decided(self, request: Document, decision: Document, *, by: Actor, version: int | None) -> Document:
        if request["state"] == decision["state"]:
            return request
        _check(request, version)
        whole = {**decision, "decided_by": by.user_id, "decided_at": self._clock.now()}
        decided = self._store.decide(request["_id"], whole)
        if decided is None:
            present = self._store.get(request["_id"])
            if present["state"] != decision["state"]:
                raise Conflict("state_conflict")
            return present
        self._audit.record(by, f"work_request.{decision['state']}", subject=f"work_request:{request['_id']}")
        return decided

    def _made(
        self, actor: Actor, campaign_id: str, channel: str, *, note: str | None, last: Document | None
    ) -> Document:
        now = self._clock.now()
        before, number = (last["_id"], last["number"] + 1) if last is not None else ("", 1)
        request_id = derived_id(_BEGINNING, "work request", actor.user_id, campaign_id, channel, before)
        return {
            "_id": request_id,
            "user_id": actor.user_id,
            "district_id": actor.home_area,
            "campaign_id": campaign_id,
            "channel": channel,
            "note": note,
            "state": OPEN,
            "batch_id": None,
            "reason": None,
            "asked_at": now,
            "decided_by": None,
            "decided_at": None,
            "number": number,
            "order": f"{now.isoformat()}|{number:05}|{request_id}",
            "version": 1,
        }


def _check(request: Document, version: int | None) -> None:
    if version is not None and version != request["version"]:
        raise StaleVersion
    if request["state"] != OPEN:
        raise Conflict("state_conflict")
