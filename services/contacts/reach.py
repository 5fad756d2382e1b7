"""Whose contacts one reaches: headquarters all, a coordinator those of the constituencies where the district helps."""

from __future__ import annotations

from collections.abc import Iterable

from services.campaigns.campaigns import helps
from services.campaigns.places import Places
from services.domain.contacts.contacts import MERGED, Contact
from services.domain.errors import Conflict, NotFound
from services.domain.people.actor import Actor
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.contacts import ContactStore


class ContactReach:
    """Answers which parts, and which single contact, are within an actor's reach."""

    def __init__(self, store: ContactStore, campaigns: CampaignStore, places: Places) -> None:
        self._store = store
        self._campaigns = campaigns
        self._places = places

    def parts(self, actor: Actor, *, campaign_id: str | None, area: str | None) -> list[str]:
        """Return the parts in reach in the order of their ids: of a campaign, or of all live ones; NotFound."""
        campaigns = [self._campaigns.get(campaign_id)] if campaign_id else self._campaigns.list_live()
        seats = {
            seat
            for campaign in campaigns
            for seat in campaign["constituencies"]
            if actor.is_headquarters or helps(campaign, actor.home_area, seat)
        }
        if actor.is_headquarters and campaign_id is None:
            seats = {place.id for place in self._places.tree().values() if place.kind == "constituency"}
        parts = (part for seat in seats for part in self._places.children(seat) if part.kind == "part")
        return sorted(part.id for part in parts if area is None or area in part.path)

    def get(self, actor: Actor, contact_id: str) -> Contact:
        """Return a contact within reach, or raise NotFound; Conflict names the one that a merged contact is now."""
        contact = self.get_merged(actor, contact_id)
        if contact.state == MERGED:
            raise Conflict("contact_merged", params={"details": {"merged_into": contact.merged_into}})
        return contact

    def get_merged(self, actor: Actor, contact_id: str) -> Contact:
        """Return a contact within reach, merged or not, or raise NotFound."""
        contact = self._store.get(contact_id)
        if not actor.is_headquarters and contact.place.constituency_id not in self._seats(actor):
            raise NotFound
        return contact

    def among(self, actor: Actor, contact_ids: Iterable[str]) -> set[str]:
        """Return those of a bounded number of contacts that are within reach."""
        wanted = set(contact_ids)
        if actor.is_headquarters or not wanted:
            return wanted
        seats = self._seats(actor)
        places = self._store.documents(wanted, fields=["constituency_id"])
        return {contact_id for contact_id, place in places.items() if place["constituency_id"] in seats}

    def _seats(self, actor: Actor) -> set[str]:
        """Return the constituencies of live campaigns where the actor's district helps."""
        live = self._campaigns.list_live()
        return {seat for one in live for seat in one["constituencies"] if helps(one, actor.home_area, seat)}
