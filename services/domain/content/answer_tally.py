"""What the answers of an interview add to the tallies of each question, under names that hold nothing that was said.

A text adds that it was given and no more; choices are named by their place, which a version never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.domain.content.script_parts import Question

# Question → code → how much: `n` answers, `o<place>` a choice, `v<value>` a step, `sum` in thousandths.
Tally = Mapping[str, Mapping[str, int]]
ANSWERED, SUM = "n", "sum"
THOUSANDTHS = 1000
PREFIXES = ("answer:", "answered:")


def tally_of(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return what right answers to these questions add; null is no answer."""
    given = ((Question.of(one), answers.get(one["id"])) for one in questions)
    return {question.id: _added(question, answer) for question, answer in given if answer is not None}


def _added(question: Question, answer: Any) -> dict[str, int]:
    added = {ANSWERED: 1}
    if question.kind in {"single", "multi"}:
        chosen = answer if isinstance(answer, list) else [answer]
        added |= {f"o{question.options.index(one)}": 1 for one in chosen}
    elif question.kind in {"scale", "number"}:
        added[SUM] = round(answer * THOUSANDTHS)
        if question.kind == "scale":
            added[f"v{answer}"] = 1
    return added


def cells_of(question: Mapping[str, Any]) -> dict[str, str | int]:
    """Return, by code, the answers of a question that are counted one by one: its choices or steps, in their order."""
    parsed = Question.of(question)
    if parsed.kind == "scale" and parsed.low is not None and parsed.high is not None:
        return {f"v{step}": step for step in range(int(parsed.low), int(parsed.high) + 1)}
    return {f"o{place}": value for place, value in enumerate(parsed.options)}


def counter(script: str, question: str, code: str) -> str:
    """Return the name of the counter for a code of a question; `script` is `<script id>:<version>`."""
    return f"answer:{script}:{question}:{code}"


def interviews(script: str) -> str:
    """Return the name of the counter of people who answered anything of a script's version."""
    return f"answered:{script}"


def counters_of(script: str, tally: Tally, *, first: bool) -> dict[str, int]:
    """Return the counters that a tally adds; `first` counts the person among those who answered."""
    named = {counter(script, name, code): n for name, codes in tally.items() for code, n in codes.items()}
    return {**({interviews(script): 1} if first else {}), **named}


def once_each(told: Iterable[tuple[str, str, str, Tally]]) -> dict[str, dict[str, int]]:
    """Return counters by outcome so that each person counts once a question, by what was told last.

    `told` are `(outcome id, person, script, tally)` in the order in which they happened: an interview that was broken
    off and finished later is one.
    """
    counted: dict[str, dict[str, int]] = {}
    seen: set[tuple[str, str, str | None]] = set()
    for outcome_id, person, script, tally in reversed(list(told)):
        fresh = {name: codes for name, codes in tally.items() if (person, script, name) not in seen}
        first = (person, script, None) not in seen
        seen |= {(person, script, None), *((person, script, name) for name in fresh)}
        counted[outcome_id] = counters_of(script, fresh, first=first)
    return counted
