"""Puts together campaigns, the versions of their rules, and what holds for the whole state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.campaigns.campaigns import Campaigns
from services.campaigns.controls import StateControls
from services.campaigns.places import Places
from services.campaigns.rule_preview import RulePreview
from services.campaigns.rule_proposals import RuleProposals
from services.campaigns.rules import RuleVersions
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.stores import Stores
from services.wiring.parts import catalogue_of_outcomes


@dataclass(frozen=True)
class CampaignServices:
    """The use cases of this subject."""

    campaigns: Campaigns
    controls: StateControls
    rules: RuleVersions
    rule_preview: RulePreview


def wire_campaigns(
    stores: Stores,
    *,
    places: Places,
    defaults: Mapping[str, Any],
    changed: Callable[[dict[str, Any] | None], None],
    audit: Audit,
    clock: Clock,
) -> CampaignServices:
    """Return the use cases; `changed` hears of a campaign, or with None of the state, whose rules are others now."""
    catalogue = catalogue_of_outcomes()
    rules = RuleVersions(
        store=stores.campaigns,
        controls=stores.controls,
        proposals=RuleProposals(defaults=defaults, catalogue=catalogue, places=places, clock=clock),
        audit=audit,
        clock=clock,
        changed=changed,
    )
    return CampaignServices(
        campaigns=Campaigns(
            store=stores.campaigns, places=places, rules=rules, audit=audit, clock=clock, moved=changed
        ),
        controls=StateControls(
            store=stores.controls,
            campaigns=stores.campaigns,
            places=places,
            audit=audit,
            clock=clock,
            changed=changed,
        ),
        rules=rules,
        rule_preview=RulePreview(rules, targets=stores.target_tallies, places=places),
    )
