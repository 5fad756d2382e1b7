"""What templates and scripts are asked before they are kept and before they go live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.campaigns.rulebook import Rulebook
from services.domain.content import scripts, templates
from services.domain.content.topics import ForbiddenTopics
from services.domain.errors import BlockedByRule, Invalid
from services.gateways.clock import Clock
from services.store.content.media import MediaStore


class TemplateRules:
    """Texts that can be filled, files that exist, and a certificate while the Model Code is in force."""

    def __init__(self, *, media: MediaStore, rulebook: Rulebook, clock: Clock) -> None:
        self._media = media
        self._rulebook = rulebook
        self._clock = clock

    def check(self, content: Mapping[str, Any]) -> None:
        """Raise Invalid for a template that cannot be kept."""
        templates.check(content, self._clock.now())
        known = self._media.find_many(content["media"])
        if len(known) < len(set(content["media"])):
            raise Invalid(media="media_unknown")

    def check_release(self, content: Mapping[str, Any]) -> None:
        """Raise BlockedByRule(`uncertified`) while the Model Code asks for a certificate that is not there."""
        now = self._clock.now()
        controls = self._rulebook.controls()
        if controls.code_in_force(now) and not templates.is_certified(content, now):
            ends = controls.model_code.ends_at if controls.model_code else None
            raise BlockedByRule(["uncertified"], allowed_from=ends)


class ScriptRules:
    """Scripts whose every way leads to an end, and that ask nothing forbidden."""

    def __init__(self, topics: ForbiddenTopics) -> None:
        self._topics = topics

    def check(self, content: Mapping[str, Any]) -> None:
        """Raise Invalid for a script that cannot be kept."""
        scripts.check(content, self._topics)

    def check_release(self, content: Mapping[str, Any]) -> None:
        """Let a script go live: what it may not ask was refused when it was written."""
