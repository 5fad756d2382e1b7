"""Scripts, templates and published answers for the phone: which are live and usable, and what they say."""

from __future__ import annotations

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


class SyncContent:
    """Reads heads at every sync, and what content says only when it is new."""

    def __init__(
        self, *, script_store: ScriptStore, template_store: TemplateStore, answers: QuestionStore, live: LiveTemplates
    ) -> None:
        self._scripts = script_store
        self._templates = template_store
        self._answers = answers
        self._live = live

    def stamps(self, rulings: Mapping[str, Ruling], controls: Controls) -> dict[str, dict[str, str]]:
        """Return what the phones of some campaigns may use now: kind → id → stamp."""
        own = {key: ruling.view.kill_switches for key, ruling in rulings.items()}
        usable = self._live.usable(self._templates.live_heads(rulings), controls=controls, own=own)
        return {
            "scripts": _stamps(self._scripts.live_heads(rulings)),
            "templates": _stamps(usable),
            "answers": _stamps(self._answers.live_heads(rulings)),
        }

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
