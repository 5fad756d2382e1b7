"""What the rules say for a campaign at a moment: its rule versions, the state's controls, and the campaign itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.domain.rules.calendar import Controls, KillSwitch
from services.domain.rules.rules import Rules
from services.domain.rules.subject import CampaignView
from services.domain.rules.versions import effective
from services.store.campaigns.campaigns import CampaignStore
from services.store.campaigns.controls import ControlStore

Document = dict[str, Any]
_PARSED_KEPT = 256


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """Everything that a decision about a campaign's contacts rests on; `next_version_at` is when the rules change."""

    campaign: Document
    rules: Rules
    controls: Controls
    view: CampaignView
    versions: tuple[Rules, ...]
    next_version_at: datetime | None

    def rules_at(self, moment: datetime) -> Rules:
        """Return the version that was in effect at `moment`: what follows from an attempt follows by the rules then."""
        return effective(self.versions, moment)


class Rulebook:
    """Reads fresh facts (two round trips) and parses each version of the rules once."""

    def __init__(self, campaigns: CampaignStore, controls: ControlStore, defaults: Mapping[str, Any]) -> None:
        self._campaigns = campaigns
        self._controls = controls
        self.defaults = Rules.parse(defaults)
        self._parsed: dict[tuple[str, int], Rules] = {}

    def of(self, campaign_id: str, now: datetime) -> Ruling:
        """Return the ruling for a campaign, or raise NotFound."""
        return self.about(self._campaigns.get(campaign_id), now, controls=self.controls())

    def of_many(self, campaign_ids: Collection[str], now: datetime) -> dict[str, Ruling]:
        """Return the rulings for some campaigns by id, in two round trips."""
        controls = self.controls()
        campaigns = self._campaigns.get_many(list(campaign_ids))
        return {key: self.about(campaign, now, controls=controls) for key, campaign in campaigns.items()}

    def about(self, campaign: Document, now: datetime, *, controls: Controls) -> Ruling:
        """Return the ruling for a campaign that was read already, without asking the database."""
        live = [self._parse(campaign["_id"], version) for version in campaign["rules"] if version["state"] == "live"]
        versions = (self.defaults, *live)
        return Ruling(
            campaign=campaign,
            rules=effective(versions, now),
            controls=controls,
            view=CampaignView(campaign["_id"], campaign["state"], switches(campaign)),
            versions=versions,
            next_version_at=min(
                (rules.effective_from for rules in versions if rules.effective_from > now), default=None
            ),
        )

    def controls(self) -> Controls:
        """Return poll hours, Model Code and the state's kill switches as they are now."""
        return parse_controls(self._controls.read())

    def _parse(self, campaign_id: str, version: Document) -> Rules:
        key = (campaign_id, version["version"])
        rules = self._parsed.get(key)
        if rules is None:
            if len(self._parsed) >= _PARSED_KEPT:
                self._parsed.clear()
            rules = self._parsed[key] = Rules.parse(version["rules"])
        return rules


def parse_controls(document: Document) -> Controls:
    """Read the stored controls; closed kill switches are history and left out."""
    return Controls.parse(
        {
            "polls": document["polls"],
            "model_code": document["model_code"],
            "kill_switches": [switch for switch in document["kill_switches"] if switch["on"]],
        }
    )


def switches(campaign: Document) -> tuple[KillSwitch, ...]:
    """Return the campaign's kill switches that are on."""
    return tuple(
        KillSwitch(on=True, channel=switch["channel"], template_id=switch["template_id"])
        for switch in campaign["kill_switches"]
        if switch["on"]
    )
