"""Campaigns: drives in some constituencies, who helps where, and the states they pass through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.campaigns.places import Places
from services.campaigns.rules import RuleVersions
from services.domain.errors import Conflict, Invalid
from services.domain.ids import new_id
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.campaigns.campaigns import CampaignStore

Document = dict[str, Any]
# State change → the states it may start from, and the one it ends in.
TRANSITIONS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "activate": (("draft", "paused"), "active"),
    "pause": (("active",), "paused"),
    "close": (("draft", "active", "paused"), "closed"),
}
_CONSTITUENCY = frozenset({"constituency"})
_DISTRICT = frozenset({"district"})


class Campaigns:
    """Create, read, edit, and move campaigns through their states."""

    def __init__(
        self,
        *,
        store: CampaignStore,
        places: Places,
        rules: RuleVersions,
        audit: Audit,
        clock: Clock,
        moved: Callable[[Document], None],
    ) -> None:
        self._store = store
        self._places = places
        self._rules = rules
        self._audit = audit
        self._clock = clock
        # Whose phones are to hear that a campaign started, paused or ended.
        self._moved = moved

    def create(self, actor: Actor, fields: Mapping[str, Any]) -> Document:
        """Store a draft; rules that allow more than the state's wait for a second person."""
        now = self._clock.now()
        wanted = dict(fields)
        override = wanted.pop("rules", None)
        self._check_places(wanted)
        first = self._rules.first(actor, override, wanted["constituencies"]) if override else None
        campaign: Document = {
            "_id": new_id(),
            "helpers": [],
            **wanted,
            "state": "draft",
            "rules": [first] if first and first["override"] else [],
            "kill_switches": [],
            "content_version": 1,
            "created_by": actor.user_id,
            "created_at": now,
            "version": 1,
        }
        self._store.insert(campaign)
        self._audit.record(actor, "campaign.create", subject=campaign["_id"])
        return campaign

    def get(self, campaign_id: str) -> Document:
        """Return a campaign, or raise NotFound."""
        return self._store.get(campaign_id)

    def list_page(self, page: PageRequest, *, state: str | None) -> Page[Document]:
        """Return campaigns in the order in which they were made."""
        return self._store.list_page(page, state=state)

    def edit(self, actor: Actor, campaign_id: str, fields: Mapping[str, Any], *, version: int | None) -> Document:
        """Change a campaign that is not closed; a constituency leaves only a draft."""
        current = self._store.get(campaign_id)
        self._check_places({**current, **fields})
        lost = set(current["constituencies"]) - set(fields.get("constituencies", current["constituencies"]))
        if lost and current["state"] != "draft":
            raise Invalid(constituencies="constituency_in_use")
        changed = self._store.change(
            campaign_id,
            {"$set": dict(fields), "$inc": {"content_version": 1}},
            version=current["version"] if version is None else version,
            states=("draft", "active", "paused"),
        )
        if changed is None:
            raise Conflict("state_conflict")
        self._audit.record(actor, "campaign.edit", subject=campaign_id, fields=sorted(fields))
        return changed

    def move(self, actor: Actor, campaign_id: str, change: str, *, version: int | None) -> Document:
        """Activate, pause or close; moving to the state it is in already changes nothing."""
        sources, state = TRANSITIONS[change]
        changed = self._store.change(
            campaign_id,
            {"$set": {"state": state, f"{state}_at": self._clock.now()}, "$inc": {"content_version": 1}},
            version=version,
            states=sources,
        )
        if changed is not None:
            self._audit.record(actor, f"campaign.{change}", subject=campaign_id)
            self._moved(changed)
            return changed
        current = self._store.get(campaign_id)
        if current["state"] != state:
            raise Conflict("state_conflict")
        return current

    def _check_places(self, fields: Mapping[str, Any]) -> None:
        seats = fields["constituencies"]
        self._places.require(seats, field="constituencies", kinds=_CONSTITUENCY)
        for row in fields.get("helpers") or []:
            if row["constituency"] not in seats:
                raise Invalid(helpers="constituency_not_in_campaign")
            self._places.require(row["districts"], field="helpers", kinds=_DISTRICT)


def helping_districts(campaign: Mapping[str, Any], constituency_id: str) -> Sequence[str] | None:
    """Return the districts whose volunteers help in a constituency, None when every district does: nobody was named."""
    rows = [row["districts"] for row in campaign.get("helpers") or [] if row["constituency"] == constituency_id]
    if not rows:
        return None
    return [district for districts in rows for district in districts]


def helps(campaign: Mapping[str, Any], district_id: str | None, constituency_id: str) -> bool:
    """Tell whether the volunteers of a district help in a constituency of the campaign."""
    districts = helping_districts(campaign, constituency_id)
    return districts is None or district_id in districts
