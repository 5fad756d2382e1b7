"""Whether the answers of an outcome are answers to the script that it names: foreign questions are refused."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from services.campaigns.rulebook import Ruling
from services.domain.content.script_walk import wrong_with_answers
from services.domain.outcomes.outcomes import Report
from services.store.content.scripts import ScriptStore

Document = dict[str, Any]
_KEPT_SECONDS = 60.0
_KEPT_SETS = 64
# Only a whole interview must have an answer to every required question.
_WHOLE = "contacted"


class _Version(NamedTuple):
    """A version that was live at some time."""

    script_id: str
    document: Document

    def named_by(self, name: str) -> bool:
        """Tell whether an outcome that names `<script id>:<version>`, or the version alone, means this one."""
        number = str(self.document["version"])
        return name in {number, f"{self.script_id}:{number}"}


class AnswerCheck:
    """Holds answers against scripts; what was right once stays so, since versions never change or go."""

    def __init__(self, scripts: ScriptStore) -> None:
        self._scripts = scripts
        self._kept: dict[tuple[str, int], tuple[list[_Version], float]] = {}

    def wrong_with(self, report: Report, ruling: Ruling) -> tuple[str, str] | None:
        """Return `(field, code)` of what is wrong with the answers, or None.

        Where no script was live when the person was talked to, there is nothing to hold them against.
        """
        if not report.answers:
            return None
        versions = self._versions(ruling)
        if not any(one.document["approved_at"] <= report.occurred_at for one in versions):
            return None
        name = str(report.script_version) if report.script_version else None
        if name is None:
            meant = [one for one in versions if one.document["approved_at"] <= report.occurred_at]
        else:
            meant = [one for one in versions if one.named_by(name)]
        if not meant:
            return "script_version", "script_version_unknown"
        whole = name is not None and report.disposition == _WHOLE
        return _first_wrong(meant, report, whole=whole)

    def _versions(self, ruling: Ruling) -> list[_Version]:
        # The count was read before the scripts and is moved after them: what lies under it is never older than it.
        key = (ruling.campaign["_id"], ruling.campaign["content_version"])
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() < kept[1]:
            return kept[0]
        found = _ever_live(self._scripts.of_campaign(key[0]))
        if len(self._kept) >= _KEPT_SETS:
            self._kept.clear()
        self._kept[key] = (found, time.monotonic() + _KEPT_SECONDS)
        return found


def _ever_live(scripts: Iterable[Document]) -> list[_Version]:
    return [
        _Version(script["_id"], version)
        for script in scripts
        for version in script["versions"]
        if "approved_at" in version
    ]


def _first_wrong(meant: Sequence[_Version], report: Report, *, whole: bool) -> tuple[str, str] | None:
    """Return what is wrong if the answers fit none of the versions that may be meant: by the newest of them."""
    answers = report.answers or {}
    found: list[dict[str, str]] = []
    for one in sorted(meant, key=lambda version: version.document["approved_at"], reverse=True):
        wrong = wrong_with_answers(one.document["content"]["questions"], answers, whole=whole)
        if not wrong:
            return None
        found.append(wrong)
    name, code = next(iter(found[0].items()))
    return f"answers.{name}", code
