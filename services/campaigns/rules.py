"""Versions of a campaign's rules: a narrowing is live at once, a widening when a second person has approved it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.domain.errors import Conflict, Invalid, NotFound, StaleVersion
from services.domain.outcomes.dispositions import Catalogue
from services.domain.people.actor import Actor
from services.domain.rules.rules import Rules, merge
from services.domain.rules.versions import effective, widens
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.campaigns.campaigns import CampaignStore

Document = dict[str, Any]


class RuleVersions:
    """Propose, approve, reject and read the versions that a campaign embeds."""

    def __init__(
        self,
        *,
        store: CampaignStore,
        defaults: Mapping[str, Any],
        catalogue: Catalogue,
        audit: Audit,
        clock: Clock,
        changed: Callable[[Document], None],
    ) -> None:
        self._store = store
        self._defaults = dict(defaults)
        self._catalogue = catalogue
        self._audit = audit
        self._clock = clock
        # Whose phones are to hear that live rules are others now.
        self._changed = changed

    def first(self, actor: Actor, override: Mapping[str, Any], now: datetime) -> Document:
        """Return the first version of a campaign that is being made, over the defaults."""
        return self._version(actor, {"rules": []}, override, now)

    def show(self, campaign_id: str) -> Document:
        """Return the live rules with `state`, the versions that wait for approval, and the campaign's version."""
        campaign = self._store.get(campaign_id)
        waiting = [_shown(version) for version in campaign["rules"] if version["state"] == "pending"]
        live = self._live(campaign, self._clock.now())
        return {**live.to_wire(), "state": "live", "pending": waiting, "campaign_version": campaign["version"]}

    def propose(self, actor: Actor, campaign_id: str, override: Mapping[str, Any], *, version: int | None) -> Document:
        """Lay `override` over the live rules as a new version; return it with state `live` or `pending`."""
        campaign = self._store.get(campaign_id)
        if version is not None and version != campaign["version"]:
            raise StaleVersion
        entry = self._version(actor, campaign, override, self._clock.now())
        changed = self._store.change(
            campaign_id,
            {"$push": {"rules": entry}, "$inc": {"content_version": 1}},
            version=campaign["version"],
            states=("draft", "active", "paused"),
        )
        if changed is None:
            raise Conflict("state_conflict")
        self._audit.record(actor, "rules.propose", subject=campaign_id, version=entry["version"], state=entry["state"])
        if entry["state"] == "live":
            self._changed(changed)
        return {**_shown(entry), "campaign_version": changed["version"]}

    def decide(self, actor: Actor, campaign_id: str, number: int, *, approve: bool) -> Document:
        """Approve or reject a pending version; the person who proposed it may only reject."""
        campaign = self._store.get(campaign_id)
        entry = next((version for version in campaign["rules"] if version["version"] == number), None)
        if entry is None:
            raise NotFound
        if approve and entry["proposed_by"] == actor.user_id:
            raise Conflict("own_approval")
        if entry["state"] != "pending":
            raise Conflict("state_conflict")
        now = self._clock.now()
        decided = {**entry, "state": "live" if approve else "rejected", "decided_by": actor.user_id, "decided_at": now}
        if approve:
            starts = max(now, datetime.fromisoformat(entry["rules"]["effective_from"]))
            decided["rules"] = {**entry["rules"], "effective_from": _text(starts)}
        rules = [decided if version["version"] == number else version for version in campaign["rules"]]
        change = {"$set": {"rules": rules}, "$inc": {"content_version": 1}}
        changed = self._store.change(campaign_id, change, version=campaign["version"])
        if changed is None:
            raise StaleVersion
        self._audit.record(actor, "rules.approve" if approve else "rules.reject", subject=campaign_id, version=number)
        if approve:
            self._changed(changed)
        return {**_shown(decided), "campaign_version": changed["version"]}

    def _version(self, actor: Actor, campaign: Document, override: Mapping[str, Any], now: datetime) -> Document:
        live = self._live(campaign, now)
        number = max((version["version"] for version in campaign["rules"]), default=self._defaults["version"]) + 1
        given = {name: value for name, value in override.items() if name not in _SHOWN_ONLY}
        starts = override.get("effective_from")
        merged = merge(live.to_wire(), {**given, "version": number, "effective_from": starts or _text(now)})
        proposed = Rules.parse(merged)
        self._check_retries(proposed)
        return {
            "version": number,
            "state": "pending" if widens(live, proposed) else "live",
            "rules": proposed.to_wire() | {"effective_from": _text(max(proposed.effective_from, now))},
            "proposed_by": actor.user_id,
            "proposed_at": now,
        }

    def _check_retries(self, rules: Rules) -> None:
        """Refuse a retry for what is no result, or for one that ends the matter."""
        retried = {row.retry for row in self._catalogue.by_name.values() if not row.final}
        wrong = {f"rules.retry.{name}": "disposition_has_no_retry" for name in rules.retry if name not in retried}
        if wrong:
            raise Invalid(**wrong)

    def _live(self, campaign: Document, now: datetime) -> Rules:
        versions = [Rules.parse(version["rules"]) for version in campaign["rules"] if version["state"] == "live"]
        return effective([Rules.parse(self._defaults), *versions], now)


# What an answer shows beside the rules; a client may send its answer back with one field changed.
_SHOWN_ONLY = frozenset({"state", "pending", "version", "campaign_version", "proposed_by", "effective_from"})


def _shown(entry: Document) -> Document:
    return {**entry["rules"], "state": entry["state"], "proposed_by": entry["proposed_by"]}


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
