"""Audiences: saved queries over a campaign's contacts, checked when they are made and never changed after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.audiences.custom_fields import CustomFields
from services.audiences.funnels import FunnelAnswer, Funnels
from services.audiences.tag_rules import TagRules
from services.campaigns.places import Places
from services.domain.audiences.filters import covers, selects_opponents
from services.domain.errors import Invalid, NotFound
from services.domain.ids import new_id
from services.domain.outcomes.dispositions import Catalogue
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.audiences.audiences import AudienceStore
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.sources import SourceStore
from services.store.jobs import JobStore

Document = dict[str, Any]
_RANGES = ("age", "serial_no")


class Audiences:
    """Make, list and count; a coordinator sees headquarters' audiences and those of the own district."""

    def __init__(
        self,
        *,
        store: AudienceStore,
        campaigns: CampaignStore,
        funnels: Funnels,
        custom_fields: CustomFields,
        tags: TagRules,
        places: Places,
        sources: SourceStore,
        jobs: JobStore,
        catalogue: Catalogue,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._sources = sources
        self._jobs = jobs
        self._campaigns = campaigns
        self._funnels = funnels
        self._custom_fields = custom_fields
        self._tags = tags
        self._places = places
        self._catalogue = catalogue
        self._audit = audit
        self._clock = clock

    def create(self, actor: Actor, facts: Mapping[str, Any]) -> Document:
        """Keep a query; raise Invalid for conditions that cannot be or may not be asked."""
        campaign = self._campaigns.get_many([facts["campaign_id"]]).get(facts["campaign_id"])
        if campaign is None:
            raise Invalid(campaign_id="campaign_unknown")
        self._check(actor, campaign, facts["filter"])
        audience = {
            "_id": new_id(),
            **{name: facts[name] for name in ("campaign_id", "name", "filter", "done_goal")},
            "district_id": None if actor.is_headquarters else actor.home_area,
            "created_by": actor.user_id,
            "created_at": self._clock.now(),
        }
        self._store.insert(audience)
        asked = sorted(facts["filter"])
        self._audit.record(actor, "audience.create", subject=f"audience:{audience['_id']}", conditions=asked)
        return audience

    def get(self, actor: Actor, audience_id: str) -> Document:
        """Return an audience; raise NotFound for one of another district."""
        audience = self._store.find(audience_id)
        mine = None if actor.is_headquarters else {None, actor.home_area}
        if audience is None or (mine is not None and audience["district_id"] not in mine):
            raise NotFound
        return audience

    def list_page(self, actor: Actor, page: PageRequest, *, campaign_id: str | None) -> Page[Document]:
        """Return the audiences of a campaign, or of all, in the order in which they were made."""
        districts = None if actor.is_headquarters else [None, actor.home_area]
        return self._store.list_page(page, campaign_id=campaign_id, districts=districts)

    def funnel(self, actor: Actor, audience_id: str, *, channel: str | None) -> tuple[Document, FunnelAnswer]:
        """Return an audience with its funnel; raise NotFound, Invalid for a channel that is none of the campaign."""
        audience = self.get(actor, audience_id)
        answer = self._funnels.ask(actor, campaign_id=audience["campaign_id"], channel=channel, audience_id=audience_id)
        return audience, answer

    def _check(self, actor: Actor, campaign: Document, wanted: Mapping[str, Any]) -> None:
        self._check_places(campaign, wanted)
        wrong = {f"filter.{name}": code for name, code in self._wrong_words(wanted)}
        if excluded := wanted.get("exclude_support"):
            if selects_opponents(excluded):
                wrong["filter.exclude_support"] = "support_selects_opponents"
            elif not actor.is_headquarters:
                wrong["filter.exclude_support"] = "support_for_headquarters"
        if unknown := self._unknown_sources(wanted.get("sources", ())):
            wrong["filter.sources"] = unknown
        wrong |= self._custom_fields.wrong_with(campaign["_id"], wanted.get("fields", {}), path="filter.fields")
        if wrong:
            raise Invalid(**wrong)

    def _wrong_words(self, wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        standing = wanted.get("standing", {})
        ranges = {**{name: wanted.get(name, {}) for name in _RANGES}, "standing.attempts": standing.get("attempts", {})}
        for name, bounds in ranges.items():
            if bounds.get("from", 0) > bounds.get("to", bounds.get("from", 0)):
                yield f"{name}.to", "before_from"
        after, before = standing.get("last_attempt_after"), standing.get("last_attempt_before")
        if after is not None and before is not None and after >= before:
            yield "standing.last_attempt_before", "before_from"
        for how, tags in wanted.get("tags", {}).items():
            if code := self._tags.wrong_with(tags):
                yield f"tags.{how}", code
        for how, names in wanted.get("outcomes", {}).items():
            if any(self._catalogue.find(name) is None for name in names):
                yield f"outcomes.{how}", "unknown_disposition"

    def _unknown_sources(self, named: Sequence[str]) -> str | None:
        """Return the code for ids that are neither declared sources nor imports; None if all are."""
        rest = set(named) - self._sources.by_ids(named).keys()
        return "source_unknown" if any(self._jobs.find(one) is None for one in rest) else None

    def _check_places(self, campaign: Document, wanted: Mapping[str, Any]) -> None:
        for name in ("areas", "exclude_areas"):
            self._places.require(wanted.get(name, ()), field=f"filter.{name}")
        parts = [part for seat in campaign["constituencies"] for part in self._places.children(seat)]
        for area in wanted.get("areas", ()):
            if not any(area in part.path for part in parts):
                raise Invalid(**{"filter.areas": "area_not_in_campaign"})
        if parts and not any(covers(wanted, part.path) for part in parts):
            raise Invalid(**{"filter.areas": "empty"})
