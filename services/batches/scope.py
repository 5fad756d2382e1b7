"""Whose batches one sees: headquarters all, a coordinator their volunteers' and the pool where the district helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.campaigns.campaigns import helps
from services.campaigns.places import Places
from services.domain.batches.batches import POOLED
from services.domain.errors import Invalid, NotFound
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.people.subject import Subject
from services.domain.people.users import User
from services.policy import Policy
from services.store.batches.batches import BatchStore
from services.store.campaigns.campaigns import CampaignStore
from services.store.people.users import UserStore

Document = dict[str, Any]


class BatchScope:
    """Finds batches and volunteers within what an actor manages; what lies outside is not there."""

    def __init__(
        self, *, batches: BatchStore, campaigns: CampaignStore, users: UserStore, places: Places, policy: Policy
    ) -> None:
        self._policy = policy
        self._batches = batches
        self._campaigns = campaigns
        self._users = users
        self._places = places

    def get(self, actor: Actor, batch_id: str) -> Document:
        """Return a batch, or raise NotFound."""
        batch = self._batches.get(batch_id)
        if not self._sees(actor, batch):
            raise NotFound
        return batch

    def list_page(self, actor: Actor, page: PageRequest, filters: Mapping[str, str | None]) -> Page[Document]:
        """Return batches by campaign_id, state, assignee, channel and area."""
        names = ("campaign_id", "state", "assignee", "channel")
        wanted = {name: value for name in names if (value := filters.get(name)) is not None}
        wanted |= self._inside(filters["area"])
        if actor.is_headquarters:
            return self._batches.list_page(page, [wanted])
        queries: list[Document] = [{**wanted, "assignee_district": actor.home_area}]
        if filters["assignee"] is None and filters["state"] in {None, POOLED}:
            queries += self._pooled(actor, wanted)
        return self._batches.list_page(page, queries)

    def volunteer(self, actor: Actor, user_id: str, channel: str) -> User:
        """Return an active volunteer of the actor's who works on a channel; raise Invalid for anybody else."""
        user = self._users.find(user_id)
        known = user is not None and user.role == "volunteer"
        if user is None or not known or not (actor.is_headquarters or user.home_area == actor.home_area):
            raise Invalid(user_id="user_unknown")
        if user.state != "active":
            raise Invalid(user_id="user_not_active")
        if user.channels and channel not in user.channels:
            raise Invalid(user_id="channel_not_theirs")
        return user

    def _sees(self, actor: Actor, batch: Document) -> bool:
        if self._policy.reaches(actor, Subject.of_district("batch", batch["assignee_district"])):
            return True
        if batch["state"] != POOLED or actor.home_area not in (batch["pool_districts"] or [actor.home_area]):
            return False
        campaign = self._campaigns.get(batch["campaign_id"])
        return any(helps(campaign, actor.home_area, seat) for seat in batch["constituency_ids"])

    def _inside(self, area_id: str | None) -> Document:
        """Return the condition that a batch has work in an area."""
        if area_id is None:
            return {}
        area = self._places.require([area_id], field="area")[0]
        if area.kind == "part":
            return {"part_ids": area_id}
        if area.kind == "constituency":
            return {"constituency_ids": area_id}
        seats = [place.id for place in self._places.tree().values() if place.kind == "constituency"]
        below = [seat for seat in seats if area_id in self._places.get(seat).path]
        return {"constituency_ids": {"$in": below}}

    def _pooled(self, actor: Actor, wanted: Document) -> list[Document]:
        """Return a query for the pool of each campaign where the actor's district helps."""
        if "campaign_id" in wanted:
            campaigns = list(self._campaigns.get_many([wanted["campaign_id"]]).values())
        else:
            campaigns = self._campaigns.list_live()
        queries = []
        for campaign in campaigns:
            seats = [seat for seat in campaign["constituencies"] if helps(campaign, actor.home_area, seat)]
            for open_to in (None, actor.home_area):
                pooled = {"campaign_id": campaign["_id"], "state": POOLED, "pool_districts": open_to}
                queries += [{**wanted, **pooled, "constituency_ids": seat} for seat in _within(wanted, seats)]
        return queries


def _within(wanted: Document, seats: list[str]) -> list[str]:
    """Return those seats that the list is asked for."""
    asked = wanted.get("constituency_ids")
    if asked is None:
        return seats
    named = asked["$in"] if isinstance(asked, dict) else [asked]
    return [seat for seat in seats if seat in named]
