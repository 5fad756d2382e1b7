"""What people answered, question by question of each script's version: sums of tallies, and no cell of a few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.domain.content.answer_tally import ANSWERED, SUM, THOUSANDTHS, cells_of, counter, interviews
from services.domain.people.actor import Actor
from services.domain.reports.small_cells import without_few
from services.domain.rules.calendar import exit_poll_freeze
from services.gateways.clock import Clock
from services.reports.scope import FEWEST_PEOPLE, ReportScope, rounded_to, sees_single_people, told
from services.store.content.scripts import ScriptStore
from services.store.outcomes.cells import CellStore

Document = dict[str, Any]
_PLACES = {"constituency": "constituency_id", "part": "part_id"}
_NAMES_AT_ONCE = 400
# People who choose several things add up to no total: only one choice, or one step, leaves a rest to tell.
_ONE_OF = frozenset({"single", "scale"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersQuery:
    """Whose answers: of a campaign or a constituency or part of it; of one script, version or question if named."""

    campaign_id: str
    script_id: str | None = None
    version: int | None = None
    question: str | None = None
    area: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class _Version:
    script: Document
    document: Document

    @property
    def name(self) -> str:
        return f"{self.script['_id']}:{self.document['version']}"


class AnswerReports:
    """Each person counts once a question; what came late, or before scripts were counted, is not in it."""

    def __init__(
        self, *, cells: CellStore, scripts: ScriptStore, places: Places, rulebook: Rulebook, clock: Clock
    ) -> None:
        self._cells = cells
        self._scripts = scripts
        self._places = places
        self._scope = ReportScope(places)
        self._rulebook = rulebook
        self._clock = clock

    def answers(self, actor: Actor, query: AnswersQuery) -> Document:
        """Return `{rows, frozen, as_of}`, a row a question of each version that anybody answered.

        Raises NotFound for an unknown campaign, Invalid for an unknown area. Outside headquarters figures are frozen
        while people vote, and those of fewer than ten people are null; who may see no single person is told tens.
        """
        now = self._clock.now()
        ruling = self._rulebook.of(query.campaign_id, now)
        scope = self._kept_to(actor, query)
        frozen = exit_poll_freeze(ruling.controls, ruling.rules.exit_poll, now) is not None
        shut = frozen and not actor.is_headquarters
        found: Document = {"rows": [], "frozen": shut, "rounded_to": rounded_to(actor), "as_of": now}
        if found["frozen"]:
            return found
        versions = self._versions(query)
        people = self._sums(query, [interviews(one.name) for one in versions], scope)
        answered = [one for one in versions if people.get(interviews(one.name))]
        asked = [(one, question) for one in answered for question in _questions(one, query)]
        sums = self._sums(query, list(chain.from_iterable(_names(one, question) for one, question in asked)), scope)
        found["rows"] = [_row(actor, one, question, sums) for one, question in asked]
        return found

    def _versions(self, query: AnswersQuery) -> list[_Version]:
        """Return the versions that were ever live, the newest script and version first."""
        return [
            _Version(script, version)
            for script in sorted(self._scripts.of_campaign(query.campaign_id), key=_id, reverse=True)
            if query.script_id in {None, script["_id"]}
            for version in reversed(script["versions"])
            if "approved_at" in version and query.version in {None, version["version"]}
        ]

    def _kept_to(self, actor: Actor, query: AnswersQuery) -> Document:
        wanted = [self._scope.of_work(actor)]
        if query.area is not None:
            (area,) = self._places.require([query.area], field="area", kinds=frozenset(_PLACES))
            wanted.append({_PLACES[area.kind]: area.id})
        if query.channel is not None:
            wanted.append({"channel": query.channel})
        given = [one for one in wanted if one]
        return {"$and": given} if len(given) > 1 else given[0] if given else {}

    def _sums(self, query: AnswersQuery, names: Sequence[str], scope: Mapping[str, Any]) -> dict[str, int]:
        found: dict[str, int] = {}
        for at in range(0, len(names), _NAMES_AT_ONCE):
            some = names[at : at + _NAMES_AT_ONCE]
            rows = self._cells.sums(query.campaign_id, by="campaign_id", names=some, days={}, scope=scope)
            found |= rows.get(query.campaign_id, {})
        return found


def _id(script: Document) -> str:
    return str(script["_id"])


def _questions(one: _Version, query: AnswersQuery) -> list[Document]:
    return [asked for asked in one.document["content"]["questions"] if query.question in {None, asked["id"]}]


def _names(one: _Version, question: Document) -> Iterator[str]:
    for code in (ANSWERED, SUM, *cells_of(question)):
        yield counter(one.name, question["id"], code)


def _row(actor: Actor, one: _Version, question: Document, sums: Mapping[str, int]) -> Document:
    def number(code: str) -> int:
        return sums.get(counter(one.name, question["id"], code), 0)

    cells = cells_of(question)
    exact: Document = {"answered": number(ANSWERED), "counts": {code: number(code) for code in cells}}
    exact["mean"] = number(SUM) / THOUSANDTHS / exact["answered"] if exact["answered"] else None
    found = _shown(actor, question["kind"], cells, exact)
    return {
        "script_id": one.script["_id"],
        "script": one.script["name"],
        "version": one.document["version"],
        "question": question["id"],
        "kind": question["kind"],
        "text": question["text"],
        "answered": found["answered"],
        "answers": [
            _answer(question, value, found["counts"][code], found["answered"]) for code, value in cells.items()
        ],
        "mean": found["mean"],
    }


def _shown(actor: Actor, kind: str, cells: Mapping[str, str | int], exact: Document) -> Document:
    """Return `{answered, counts, mean}` of a question as the actor may see them; `exact` are all of them."""
    answered, counts = exact["answered"], exact["counts"]
    mean = None if exact["mean"] is None or kind not in {"scale", "number"} else round(exact["mean"], 2)
    if not sees_single_people(actor):
        return _in_tens(actor, kind, cells, {"answered": answered, "counts": counts, "mean": mean})
    if actor.is_headquarters:
        return {"answered": answered, "counts": counts, "mean": mean}
    if 0 < answered < FEWEST_PEOPLE:
        return {"answered": None, "counts": dict.fromkeys(counts), "mean": None}
    told_counts = without_few(counts, fewest=FEWEST_PEOPLE, whole=kind in _ONE_OF)
    return {"answered": answered, "counts": told_counts, "mean": mean}


def _in_tens(actor: Actor, kind: str, cells: Mapping[str, str | int], exact: Document) -> Document:
    """Return them in tens: a scale's mean is that of the people told, a number's is a whole one."""
    answered = told(actor, exact["answered"])
    counts = {code: told(actor, people) for code, people in exact["counts"].items()}
    mean: float | None = None
    if kind == "scale":
        mean = _mean({cells[code]: people or 0 for code, people in counts.items()})
    elif answered is not None and exact["mean"] is not None:
        mean = float(round(exact["mean"]))
    return {"answered": answered, "counts": counts, "mean": mean}


def _mean(people: Mapping[str | int, int]) -> float | None:
    """Return the mean step of those who are told."""
    told_of = sum(people.values())
    return round(sum(int(step) * number for step, number in people.items()) / told_of, 1) if told_of else None


def _answer(question: Document, value: str | int, people: int | None, answered: int) -> Document:
    labels = {option["value"]: option["label"] for option in question.get("options") or []}
    share = round(people / answered, 4) if people is not None and answered else None
    return {"value": value, "label": labels.get(value), "people": people, "share": share}
