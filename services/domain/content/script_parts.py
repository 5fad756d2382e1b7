"""The parts of a script: its questions, the conditions on them, and what each kind takes as an answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

KINDS = ("single", "multi", "scale", "number", "text", "date")
END = "end"
LONGEST_ANSWER = 500
FURTHEST = 10**12
# Kind → the conditions that may be put on an answer to it.
OPERATORS: Mapping[str, frozenset[str]] = {
    "single": frozenset({"is", "is_not", "answered"}),
    "multi": frozenset({"includes", "answered"}),
    "scale": frozenset({"is", "at_least", "at_most", "answered"}),
    "number": frozenset({"is", "at_least", "at_most", "answered"}),
    "text": frozenset({"answered"}),
    "date": frozenset({"answered"}),
}
ALL_OPERATORS = tuple(sorted(frozenset().union(*OPERATORS.values())))


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "answered": lambda _answer, _value: True,
    "is": lambda answer, value: bool(answer == value),
    "is_not": lambda answer, value: bool(answer != value),
    "includes": lambda answer, value: value in answer,
    "at_least": lambda answer, value: bool(answer >= value),
    "at_most": lambda answer, value: bool(answer <= value),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What another answer must be like."""

    question: str
    op: str
    value: Any = None

    def holds(self, answer: Any) -> bool:
        """Tell whether an answer (None: there is none) fulfils it."""
        if answer is None:
            return False
        return _TESTS[self.op](answer, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; `targets` says for an option where it leads, `next` where the question does."""

    id: str
    kind: str
    required: bool
    options: tuple[str, ...]
    targets: Mapping[str, str]
    low: float | None
    high: float | None
    conditions: tuple[Condition, ...]
    next: str | None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Question:
        """Read a question as it is stored."""
        options = stored.get("options") or []
        bounds = stored.get("range") or {}
        return cls(
            id=stored["id"],
            kind=stored["kind"],
            required=stored["required"],
            options=tuple(option["value"] for option in options),
            targets={option["value"]: option["next"] for option in options if option.get("next")},
            low=bounds.get("from"),
            high=bounds.get("to"),
            conditions=tuple(
                Condition(one["question"], one["op"], one.get("value")) for one in stored.get("when") or []
            ),
            next=stored.get("next"),
        )

    def asked_after(self, answers: Mapping[str, Any]) -> bool:
        """Tell whether all its conditions hold for the answers so far."""
        return all(condition.holds(answers.get(condition.question)) for condition in self.conditions)

    def wrong_with(self, answer: Any) -> str | None:
        """Return the code of what is wrong with an answer, or None."""
        if self.kind in {"single", "multi"}:
            return self._chosen(answer)
        if self.kind in {"scale", "number"}:
            return self._measured(answer)
        if not isinstance(answer, str):
            return "not_a_text" if self.kind == "text" else "not_a_date"
        if self.kind == "text":
            return "too_long" if len(answer) > LONGEST_ANSWER else None
        return None if _is_date(answer) else "not_a_date"

    def _chosen(self, answer: Any) -> str | None:
        if self.kind == "single":
            return None if isinstance(answer, str) and answer in self.options else "unknown_option"
        if not isinstance(answer, list) or not answer:
            return "not_a_list"
        known = all(isinstance(one, str) and one in self.options for one in answer)
        return None if known and len(set(answer)) == len(answer) else "unknown_option"

    def _measured(self, answer: Any) -> str | None:
        if isinstance(answer, bool) or not isinstance(answer, int | float) or not math.isfinite(answer):
            return "not_a_number"
        if self.kind == "scale" and not isinstance(answer, int):
            return "not_a_whole_number"
        if abs(answer) > FURTHEST:
            return "out_of_range"
        below = self.low is not None and answer < self.low
        above = self.high is not None and answer > self.high
        return "out_of_range" if below or above else None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
