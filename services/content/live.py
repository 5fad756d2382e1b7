"""What of the content may be used now: live versions that neither a kill switch nor the Model Code stops."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.campaigns.rulebook import Rulebook, switches
from services.domain.content.content import UNCERTIFIED
from services.domain.content.templates import is_certified, may_be_used
from services.domain.rules.calendar import Controls, KillSwitch
from services.gateways.clock import Clock
from services.store.campaigns.campaigns import CampaignStore
from services.store.content.templates import TemplateStore

Document = dict[str, Any]
# Template and number of the version.
Version = tuple[str, int]


class LiveTemplates:
    """Live templates as the rules leave them at this moment; nothing is written when the Model Code begins or ends."""

    def __init__(self, *, templates: TemplateStore, campaigns: CampaignStore, rulebook: Rulebook, clock: Clock) -> None:
        self._templates = templates
        self._campaigns = campaigns
        self._rulebook = rulebook
        self._clock = clock

    def is_live(self, template_id: str, version: int) -> bool:
        """Tell whether this version of a template is live and may be used."""
        template = self._templates.find(template_id)
        if template is None or template["live"] is None or template["live"]["version"] != version:
            return False
        return bool(self._usable([template]))

    def live_among(self, versions: Collection[Version]) -> set[Version]:
        """Return those of some versions of templates that are live and may be used, in three round trips."""
        found = self._templates.live_by_ids(dict.fromkeys(key for key, _ in versions)) if versions else {}
        return {(one["_id"], one["live"]["version"]) for one in self._usable([*found.values()])}.intersection(versions)

    def shows(self, media_id: str) -> bool:
        """Tell whether a file belongs to a template that may be used."""
        return bool(self._usable(self._templates.showing(media_id)))

    def shown(self, templates: Sequence[Document]) -> list[Document]:
        """Return templates whose live version is told as `uncertified` while the Model Code stops it."""
        controls = self._rulebook.controls()
        return [self._told(template, controls) for template in templates]

    def _told(self, template: Document, controls: Controls) -> Document:
        live = template["live"]
        if live is None or not self._stopped_by_code(live, controls):
            return template
        versions = [
            {**one, "state": UNCERTIFIED} if one["version"] == live["version"] else one for one in template["versions"]
        ]
        return {**template, "versions": versions}

    def _usable(self, templates: Sequence[Document]) -> list[Document]:
        if not templates:
            return []
        owners = {template["campaign_id"] for template in templates if template["campaign_id"]}
        campaigns = self._campaigns.get_many(sorted(owners))
        own = {key: switches(campaign) for key, campaign in campaigns.items()}
        return self.usable(templates, controls=self._rulebook.controls(), own=own)

    def usable(
        self, templates: Sequence[Document], *, controls: Controls, own: Mapping[str, Sequence[KillSwitch]]
    ) -> list[Document]:
        """Return those of some live templates that may be used, by rules that were read already.

        `own` are the stops of their campaigns.
        """
        now = self._clock.now()
        return [
            template
            for template in templates
            if may_be_used(template, controls, own=own.get(template["campaign_id"], ()), now=now)
        ]

    def _stopped_by_code(self, live: Document, controls: Controls) -> bool:
        now = self._clock.now()
        return controls.code_in_force(now) and not is_certified(live["content"], now)
