"""Scripts: whether every way through one leads to its end, each question can be asked, and none is forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.domain.content.script_parts import END, OPERATORS, Condition, Question
from services.domain.content.topics import ForbiddenTopics
from services.domain.errors import Invalid

Document = dict[str, Any]
OPENING = ("who", "for_whom", "number_source", "how_to_stop")
MOST_QUESTIONS = 30
_MOST_STEPS = 10
_LEAST_OPTIONS = {"single": 2, "multi": 1}
Wrong = dict[str, str]


def check(content: Mapping[str, Any], topics: ForbiddenTopics) -> None:
    """Raise Invalid that names every place at which this script cannot be kept."""
    stored = content["questions"]
    questions = [Question.of(one) for one in stored]
    wrong: Wrong = {}
    for place, question in enumerate(questions):
        found = _wrong_shape(question, stored[place]) | _wrong_topic(stored[place], topics)
        wrong |= {f"questions.{place}.{name}": code for name, code in found.items()}
    wrong |= _wrong_ids(questions)
    if not wrong:
        # The ways can be followed only where every target is known.
        wrong |= _wrong_ways(questions)
    if wrong:
        raise Invalid("validation_failed", **wrong)


def for_phone(script: Mapping[str, Any]) -> Document:
    """Return a live script as phones get it; `version` is that of its content."""
    live = script["live"]
    facts = {"id": script["_id"], "version": live["version"], "campaign_id": script["campaign_id"]}
    return {**facts, "name": script["name"], **live["content"]}


def _wrong_shape(question: Question, stored: Mapping[str, Any]) -> Wrong:
    choice = question.kind in _LEAST_OPTIONS
    cases = (
        ("id", "reserved", question.id == END),
        ("options", "not_of_this_kind", not choice and bool(question.options)),
        ("options", "too_few_options", choice and len(question.options) < _LEAST_OPTIONS[question.kind]),
        ("options", "duplicate_value", len(set(question.options)) < len(question.options)),
        ("options", "next_needs_single_choice", question.kind != "single" and bool(question.targets)),
        ("range", "not_of_this_kind", question.kind not in {"scale", "number"} and bool(stored.get("range"))),
        ("range", *_wrong_range(question)),
    )
    return {name: code for name, code, holds in cases if holds}


def _wrong_range(question: Question) -> tuple[str, bool]:
    low, high = question.low, question.high
    if question.kind == "scale":
        if low is None or high is None:
            return "required", True
        whole = low == int(low) and high == int(high)
        return "out_of_range", not whole or not low < high <= low + _MOST_STEPS
    return "out_of_range", low is not None and high is not None and low >= high


def _wrong_topic(stored: Mapping[str, Any], topics: ForbiddenTopics) -> Wrong:
    texts = {"id": stored["id"], "text.hi": stored["text"]["hi"], "text.en": stored["text"]["en"]}
    for number, option in enumerate(stored.get("options") or []):
        texts[f"options.{number}"] = " / ".join((option["value"], *option["label"].values()))
    kinds = {name: topics.kind_of(text) for name, text in texts.items()}
    return {name: f"forbidden_{kind}" for name, kind in kinds.items() if kind}


def _wrong_ids(questions: Sequence[Question]) -> Wrong:
    places: dict[str, int] = {}
    wrong: Wrong = {}
    for place, question in enumerate(questions):
        if question.id in places:
            wrong[f"questions.{place}.id"] = "duplicate_id"
        places.setdefault(question.id, place)
    for place, question in enumerate(questions):
        for target in (*question.targets.values(), *([question.next] if question.next else [])):
            if target != END and target not in places:
                wrong[f"questions.{place}.next"] = "unknown_target"
        for condition in question.conditions:
            other = places.get(condition.question)
            code = "unknown_question" if other is None else _wrong_condition(condition, questions[other])
            if code:
                wrong[f"questions.{place}.when"] = code
    return wrong


def _wrong_condition(condition: Condition, asked: Question) -> str | None:
    if condition.op not in OPERATORS[asked.kind]:
        return "operator_unfit"
    if condition.op == "answered":
        return None if condition.value is None else "value_unfit"
    value = [condition.value] if condition.op == "includes" else condition.value
    return asked.wrong_with(value)


def _wrong_ways(questions: Sequence[Question]) -> Wrong:
    """Name circles, questions that no way leads to, and conditions on what is asked only later or elsewhere."""
    leads = _edges(questions)
    before: list[set[int]] = [set() for _ in questions]
    for place in range(len(questions)):
        for met in _reached(place, leads):
            before[met].add(place)
    wrong: Wrong = {}
    start = {0, *_reached(0, leads)}
    ids = {question.id: place for place, question in enumerate(questions)}
    for place, question in enumerate(questions):
        if place in before[place]:
            wrong[f"questions.{place}.next"] = "circle"
        elif place not in start:
            wrong[f"questions.{place}"] = "unreachable"
        elif any(ids[condition.question] not in before[place] for condition in question.conditions):
            wrong[f"questions.{place}.when"] = "asked_only_later"
    return wrong


def _edges(questions: Sequence[Question]) -> list[set[int]]:
    places = {question.id: place for place, question in enumerate(questions)} | {END: len(questions)}
    leads: list[set[int]] = []
    for place, question in enumerate(questions):
        targets = {places[target] for target in question.targets.values()}
        branches_always = (
            question.required and not question.conditions and len(question.targets) == len(question.options)
        )
        if not (branches_always and question.targets):
            targets.add(places[question.next] if question.next else place + 1)
        leads.append({target for target in targets if target < len(questions)})
    return leads


def _reached(start: int, leads: Sequence[Iterable[int]]) -> set[int]:
    met: set[int] = set()
    waiting = list(leads[start])
    while waiting:
        place = waiting.pop()
        if place not in met:
            met.add(place)
            waiting.extend(leads[place])
    return met
