"""Which script an outcome answers, and whether its answers are answers to that: foreign questions are refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from services.campaigns.rulebook import Ruling
from services.domain.content.answer_tally import tally_of
from services.domain.content.script_walk import wrong_with_answers
from services.domain.outcomes.outcomes import Report
from services.store.content.scripts import ScriptStore

Document = dict[str, Any]
_KEPT_SECONDS = 60.0
_KEPT_SETS = 64
CALL = "call"
_NEVER = datetime.max.replace(tzinfo=UTC)
# Only a whole interview must have an answer to every required question.
_WHOLE = "contacted"


class _Version(NamedTuple):
    """A version that was live at some time."""

    script_id: str
    own: bool
    document: Document

    @property
    def name(self) -> str:
        """Its full name, `<script id>:<version>`."""
        return f"{self.script_id}:{self.document['version']}"

    def named_by(self, name: str) -> bool:
        """Tell whether an outcome that names `<script id>:<version>`, or the version alone, means this one."""
        return name in {str(self.document["version"]), self.name}


class Held(NamedTuple):
    """What an outcome's answers are held for: `(field, code)` of what is wrong, else the script that was read.

    `script` is `<script id>:<version>`; `tally` what the answers add to its counters, for the sealed part.
    """

    wrong: tuple[str, str] | None = None
    script: str | None = None
    tally: Document | None = None


class AnswerCheck:
    """Holds answers against scripts; what was right once stays so, since versions never change or go."""

    def __init__(self, scripts: ScriptStore) -> None:
        self._scripts = scripts
        self._kept: dict[tuple[str, int], tuple[list[_Version], float]] = {}

    def hold(self, report: Report, ruling: Ruling) -> Held:
        """Return what the answers are held for; a call that names no script was led by the one that was live.

        Where no script was live when the person was talked to, and none is named, there is nothing to hold them
        against.
        """
        if report.channel != CALL and not report.answers:
            return Held()
        versions = self._versions(ruling)
        name = str(report.script_version) if report.script_version else None
        then = [one for one in versions if one.document["approved_at"] <= report.occurred_at]
        meant = then if name is None else [one for one in versions if one.named_by(name)]
        if not then and not meant:
            return Held()
        if not report.answers:
            return Held(script=_newest(meant, report).name if meant else None)
        if not meant:
            return Held(("script_version", "script_version_unknown"))
        whole = name is not None and report.disposition == _WHOLE
        return _held(meant, report, whole=whole)

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
        _Version(script["_id"], script["campaign_id"] is not None, version)
        for script in scripts
        for version in script["versions"]
        if "approved_at" in version
    ]


def _held(meant: Sequence[_Version], report: Report, *, whole: bool) -> Held:
    """Return the version that the answers fit, the likeliest first; if they fit none, what the likeliest has wrong."""
    answers = report.answers or {}
    found: list[dict[str, str]] = []
    for one in sorted(meant, key=_likelihood(report), reverse=True):
        questions = one.document["content"]["questions"]
        wrong = wrong_with_answers(questions, answers, whole=whole)
        if not wrong:
            return Held(script=one.name, tally={"script": one.name, "questions": tally_of(questions, answers)})
        found.append(wrong)
    name, code = next(iter(found[0].items()))
    return Held((f"answers.{name}", code))


def _newest(meant: Sequence[_Version], report: Report) -> _Version:
    return max(meant, key=_likelihood(report))


def _likelihood(report: Report) -> Callable[[_Version], tuple[bool, bool, datetime]]:
    """Return the order in which phones were given scripts: then live ones, the campaign's own, the newest."""

    def order(one: _Version) -> tuple[bool, bool, datetime]:
        version = one.document
        ends = [version[name] for name in ("superseded_at", "withdrawn_at") if name in version]
        then_live = version["approved_at"] <= report.occurred_at < min(ends, default=_NEVER)
        return then_live, one.own, version["approved_at"]

    return order
