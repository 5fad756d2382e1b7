"""Scripts, templates and published answers for the phone: which are live and usable, and what they say."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.campaigns.rulebook import Ruling
from services.content.live import LiveTemplates
from services.domain.content import questions, scripts, templates
from services.domain.rules.calendar import Controls
from services.store.content.questions import QuestionStore
from services.store.content.scripts import ScriptStore
from services.store.content.templates import TemplateStore

Document = dict[str, Any]
KINDS = ("scripts", "templates", "answers")
# A process that died between putting content live and counting it up is noticed after so long.
_KEPT_SECONDS = 60.0
_KEPT_SETS = 256


class SyncContent:
    """Reads heads at every sync, and what content says only when it is new."""

    def __init__(
        self, *, script_store: ScriptStore, template_store: TemplateStore, answers: QuestionStore, live: LiveTemplates
    ) -> None:
        self._scripts = script_store
        self._templates = template_store
        self._answers = answers
        self._live = live
        self._kept: dict[tuple[Any, ...], tuple[Sequence[Document], float]] = {}

    def stamps(self, rulings: Mapping[str, Ruling], controls: Controls) -> dict[str, dict[str, str]]:
        """Return what the phones of some campaigns may use now: kind → id → stamp."""
        own = {key: ruling.view.kill_switches for key, ruling in rulings.items()}
        usable = self._live.usable(self._heads("templates", rulings), controls=controls, own=own)
        return {
            "scripts": _stamps(self._heads("scripts", rulings)),
            "templates": _stamps(usable),
            "answers": _stamps(self._heads("answers", rulings)),
        }

    def _heads(self, kind: str, rulings: Mapping[str, Ruling]) -> Sequence[Document]:
        """Return the live heads of a kind, read once for each state of the content of the campaigns.

        The count was read before the content and is moved after it: what lies under a count is never older than it.
        """
        read: dict[str, Callable[[Mapping[str, Ruling]], list[Document]]] = {
            "scripts": self._scripts.live_heads,
            "templates": self._templates.live_heads,
            "answers": self._answers.live_heads,
        }
        key = (kind, *sorted((key, ruling.campaign["content_version"]) for key, ruling in rulings.items()))
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() < kept[1]:
            return kept[0]
        found = read[kind](rulings)
        if rulings:  # what is for all has no count of its own
            if len(self._kept) >= _KEPT_SETS:
                self._kept.clear()
            self._kept[key] = (found, time.monotonic() + _KEPT_SECONDS)
        return found

    def bodies(self, kind: str, keys: Sequence[str]) -> dict[str, Document]:
        """Return what some content of a kind says, as phones get it; what is not live any more is left out."""
        if not keys:
            return {}
        read: dict[str, tuple[Callable[[Sequence[str]], dict[str, Document]], Callable[[Document], Document]]] = {
            "scripts": (self._scripts.live_by_ids, scripts.for_phone),
            "templates": (self._templates.live_by_ids, templates.for_phone),
            "answers": (self._answers.live_by_ids, questions.for_phone),
        }
        find, shown = read[kind]
        return {key: shown(content) for key, content in find(keys).items()}


def _stamps(heads: Sequence[Document]) -> dict[str, str]:
    return {head["_id"]: str(head["version"]) for head in sorted(heads, key=lambda head: str(head["_id"]))}
