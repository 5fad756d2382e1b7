"""What no question may be about: the vote that was cast, caste, religion, Aadhaar (field-facts §1, §6)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.domain.text import clean

_NUKTA = "\u093c"
# Devanagari vowel signs are no word characters to `re`, so words are told by what parts them.
_GAPS = re.compile(r"[\s_/\\()\[\]{}.,:;#*\-–—|\"“”‘’'`&+?!<>=।]+")


class ForbiddenTopics:
    """The phrases of `forbidden_topics.json`, ready to be asked."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        kinds = {kind: rules for kind, rules in data.items() if kind != "about"}
        self._phrases = [(kind, _words(phrase)) for kind, rules in kinds.items() for phrase in rules["phrases"]]
        self._together = [
            (kind, [frozenset(word for given in group for word in _words(given)) for group in groups])
            for kind, rules in kinds.items()
            for groups in rules["together"]
        ]

    def kind_of(self, text: str) -> str | None:
        """Return `vote_cast`, `caste`, `religion` or `aadhaar` when a text is about it, else None."""
        words = _words(text)
        for kind, phrase in self._phrases:
            if _holds(words, phrase):
                return kind
        said = frozenset(words)
        for kind, groups in self._together:
            if all(said & group for group in groups):
                return kind
        return None


def _holds(words: Sequence[str], phrase: Sequence[str]) -> bool:
    size = len(phrase)
    return any(words[at : at + size] == phrase for at in range(len(words) - size + 1))


def _words(text: str) -> list[str]:
    return [word for word in _GAPS.split(clean(text).replace(_NUKTA, "").lower()) if word]
