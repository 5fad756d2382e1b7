"""What the rules say for a campaign at a moment: its rule versions, the state's controls, and the campaign itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.domain.errors import NotFound
from services.domain.rules.calendar import Controls, KillSwitch
from services.domain.rules.layers import Layer, live_changes, timeline
from services.domain.rules.rules import Rules
from services.domain.rules.subject import CampaignView, TemplateView
from services.domain.rules.versions import effective
from services.store.campaigns.controls import ControlStore

Document = dict[str, Any]
# Says which template the rules are asked about on a channel: what is in use, else what they stop; None for calls.
TemplateOf = Callable[["Ruling", str, datetime], TemplateView | None]
_TIMELINES_KEPT = 256


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """Everything that a decision about a campaign's contacts rests on; `next_version_at` is when the rules change."""

    campaign: Document
    rules: Rules
    controls: Controls
    view: CampaignView
    versions: tuple[Rules, ...]
    next_version_at: datetime | None
    template_of: TemplateOf

    def rules_at(self, moment: datetime) -> Rules:
        """Return the version that was in effect at `moment`: what follows from an attempt follows by the rules then."""
        return effective(self.versions, moment)


class Rulebook:
    """Reads fresh facts (one round trip) and works out each timeline of the rules once."""

    def __init__(self, controls: ControlStore, defaults: Mapping[str, Any], template_of: TemplateOf) -> None:
        self._controls = controls
        self._defaults = defaults
        self._template_of = template_of
        self._timelines: dict[tuple[str, ...], tuple[Rules, ...]] = {}

    def of(self, campaign_id: str, now: datetime) -> Ruling:
        """Return the ruling for a campaign, or raise NotFound."""
        found = self.of_many([campaign_id], now).get(campaign_id)
        if found is None:
            raise NotFound
        return found

    def of_many(self, campaign_ids: Collection[str], now: datetime) -> dict[str, Ruling]:
        """Return the rulings for some campaigns by id."""
        document, campaigns = self._controls.read_with_campaigns(list(campaign_ids))
        controls = parse_controls(document)
        return {key: self.about(campaign, now, controls=controls) for key, campaign in campaigns.items()}

    def about(self, campaign: Document, now: datetime, *, controls: Controls) -> Ruling:
        """Return the ruling for a campaign that was read already, without asking the database."""
        versions = self._timeline(controls.rule_changes, live_changes(campaign["rules"]))
        return Ruling(
            campaign=campaign,
            rules=effective(versions, now),
            controls=controls,
            view=CampaignView(campaign["_id"], campaign["state"], switches(campaign)),
            versions=versions,
            next_version_at=min(
                (rules.effective_from for rules in versions if rules.effective_from > now), default=None
            ),
            template_of=self._template_of,
        )

    def of_state(self, controls: Controls, now: datetime) -> Rules:
        """Return the rules that hold where no campaign says otherwise."""
        return effective(self._timeline(controls.rule_changes, ()), now)

    def controls(self) -> Controls:
        """Return poll hours, Model Code and the state's kill switches as they are now."""
        return parse_controls(self._controls.read())

    def _timeline(self, state: Layer, own: Layer) -> tuple[Rules, ...]:
        key = tuple(change.id for change in (*state, *own))
        found = self._timelines.get(key)
        if found is None:
            if len(self._timelines) >= _TIMELINES_KEPT:
                self._timelines.clear()
            found = self._timelines[key] = timeline(self._defaults, state, own)
        return found


def parse_controls(document: Document) -> Controls:
    """Read the stored controls; closed kill switches are history and left out."""
    controls = Controls.parse(
        {
            "polls": document["polls"],
            "model_code": document["model_code"],
            "kill_switches": [switch for switch in document["kill_switches"] if switch["on"]],
        }
    )
    return replace(controls, rule_changes=live_changes(document["rules"]))


def switches(campaign: Document) -> tuple[KillSwitch, ...]:
    """Return the campaign's kill switches that are on."""
    return tuple(
        KillSwitch(on=True, channel=switch["channel"], template_id=switch["template_id"])
        for switch in campaign["kill_switches"]
        if switch["on"]
    )
