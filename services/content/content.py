"""Scripts and templates: written, submitted, approved by a second person, live, withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from services.domain.content.content import find_version, moved, new_version
from services.domain.errors import Invalid, StaleVersion
from services.domain.ids import new_id
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.campaigns.campaigns import CampaignStore
from services.store.content.content import ContentStore

Document = dict[str, Any]


class ContentRules(Protocol):
    """What is particular to a kind of content; each raises a domain error."""

    def check(self, content: Mapping[str, Any]) -> None:
        """Raise Invalid for content that cannot be kept."""

    def check_release(self, content: Mapping[str, Any]) -> None:
        """Raise BlockedByRule for content that may not go live now."""


class Content:
    """One kind of content, `template` or `script`, through its life."""

    def __init__(
        self,
        kind: str,
        *,
        store: ContentStore,
        rules: ContentRules,
        campaigns: CampaignStore,
        audit: Audit,
        clock: Clock,
        withdrawn: Callable[[Document | None], None],
    ) -> None:
        # Whose phones are to drop it: a campaign's, or with None all.
        self._withdrawn = withdrawn
        self._kind = kind
        self._store = store
        self._rules = rules
        self._campaigns = campaigns
        self._audit = audit
        self._clock = clock

    def create(self, actor: Actor, facts: Mapping[str, Any], content: Mapping[str, Any]) -> Document:
        """Store new content with its first version, a draft."""
        campaign_id = facts["campaign_id"]
        if campaign_id is not None and campaign_id not in self._campaigns.get_many([campaign_id]):
            raise Invalid(campaign_id="campaign_unknown")
        self._rules.check(content)
        now = self._clock.now()
        document: Document = {
            "_id": new_id(),
            **facts,
            "versions": new_version([], content, by=actor.user_id, at=now),
            "live": None,
            "created_by": actor.user_id,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }
        self._store.insert(document)
        self._record(actor, "create", document["_id"], 1)
        return document

    def get(self, key: str) -> Document:
        """Return content with all its versions, or raise NotFound."""
        return self._store.get(key)

    def get_version(self, key: str, number: int) -> Document:
        """Return one version, or raise NotFound."""
        return find_version(self._store.get(key)["versions"], number)

    def list_page(
        self, page: PageRequest, *, campaign_id: str | None, state: str | None, **filters: str | None
    ) -> Page[Document]:
        """Return content without what it says, newest first."""
        return self._store.list_page(page, campaign_id=campaign_id, state=state, filters=filters)

    def add_version(self, actor: Actor, key: str, content: Mapping[str, Any]) -> Document:
        """Add a draft; what is live stays so until the draft is approved."""
        current = self._store.get(key)
        self._rules.check(content)
        now = self._clock.now()
        versions = new_version(current["versions"], content, by=actor.user_id, at=now)
        changed = self._store.put_versions(current, versions, at=now)
        self._record(actor, "version", key, versions[-1]["version"])
        return changed

    def move(
        self,
        actor: Actor,
        key: str,
        number: int,
        change: str,
        *,
        version: int | None,
        reason: str | None = None,
    ) -> Document:
        """Submit, approve, reject or withdraw a version; into the state it is in already changes nothing."""
        current = self._store.get(key)
        if version is not None and version != current["version"]:
            raise StaleVersion
        now = self._clock.now()
        versions = moved(current["versions"], number, change, by=actor.user_id, at=now, reason=reason)
        if versions is not None:
            if change == "approve":
                self._rules.check_release(find_version(versions, number)["content"])
            current = self._store.put_versions(current, versions, at=now)
            self._record(actor, change, key, number)
        if change in {"approve", "withdraw"}:
            # Also when nothing changed: whoever changed it may have died before this.
            self._campaigns.bump_content(current["campaign_id"])
        if change == "withdraw":
            campaign_id = current["campaign_id"]
            self._withdrawn(None if campaign_id is None else self._campaigns.get(campaign_id))
        return current

    def _record(self, actor: Actor, change: str, key: str, number: int) -> None:
        self._audit.record(actor, f"{self._kind}.{change}", subject=key, version=number)
