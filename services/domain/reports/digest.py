"""The day in a few words: figures put into the sentences of digest.json, grouped as India writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_THOUSANDS = 3
_LAKHS = 2


class DigestTexts:
    """The sentences of `digest.json`."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._text = data["text"]
        self._few = data["few"]

    def text(self, locale: str, *, on: str, name: str, figures: Mapping[str, int | None]) -> str:
        """Return the digest of a campaign's day; a figure that is None is of a few people."""
        language = "hi" if locale == "hi" else "en"
        shown = {key: self._few[language] if n is None else grouped(n) for key, n in figures.items()}
        sentence: str = self._text[language]
        return sentence.format(on=on, name=name, **shown)


def grouped(number: int) -> str:
    """Write a whole number as India groups it: 9,97,633."""
    digits = str(number)
    head, tail = digits[:-_THOUSANDS], digits[-_THOUSANDS:]
    groups = [head[max(0, end - _LAKHS) : end] for end in range(len(head), 0, -_LAKHS)]
    return ",".join([*reversed(groups), tail])
