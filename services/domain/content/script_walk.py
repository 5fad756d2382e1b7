"""The way through a script that some answers take: what was asked, what comes next, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.domain.content.script_parts import END, Question


@dataclass(slots=True)
class Walk:
    """Where answers lead; `next` is the question to put now, None at the end. `wrong` is field → code."""

    asked: list[str] = field(default_factory=list)
    next: str | None = None
    wrong: dict[str, str] = field(default_factory=dict)


def walk(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> Walk:
    """Follow a script up to the first question that has no answer yet; null passes over one that is not required."""
    return _follow([Question.of(one) for one in questions], answers, stop=True)


def wrong_with_answers(
    questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any], *, whole: bool
) -> dict[str, str]:
    """Return question → code for what an outcome's answers cannot be; `whole` also asks for all required ones.

    Codes: `question_unknown`, `question_not_asked` (another branch), `answer_required`, and those of the kinds.
    """
    parsed = [Question.of(one) for one in questions]
    wrong = _follow(parsed, answers, stop=False).wrong
    return wrong if whole else {name: code for name, code in wrong.items() if code != "answer_required"}


def _follow(questions: Sequence[Question], answers: Mapping[str, Any], *, stop: bool) -> Walk:
    places = {question.id: place for place, question in enumerate(questions)}
    way = Walk(wrong={name: "question_unknown" for name in answers if name not in places})
    right: dict[str, Any] = {}
    place = 0
    while place < len(questions):
        question = questions[place]
        if question.asked_after(right):
            if stop and question.id not in answers:
                way.next = question.id
                return way
            _take(question, answers.get(question.id), way, right)
        target = _target(question, right.get(question.id))
        place = len(questions) if target == END else places[target] if target else place + 1
    for name in answers:
        if name in places and name not in way.asked and answers[name] is not None:
            way.wrong[name] = "question_not_asked"
    return way


def _take(question: Question, answer: Any, way: Walk, right: dict[str, Any]) -> None:
    way.asked.append(question.id)
    if answer is None:
        if question.required:
            way.wrong[question.id] = "answer_required"
        return
    code = question.wrong_with(answer)
    if code is None:
        right[question.id] = answer
    else:
        way.wrong[question.id] = code


def _target(question: Question, answer: Any) -> str | None:
    own = question.targets.get(answer) if isinstance(answer, str) else None
    return own or question.next
