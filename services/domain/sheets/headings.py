"""What one column heading means, by the synonym table of Hindi, English and mixed headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.domain.text import clean, latin_digits

MAX_HEADING = 200

_NUKTA = "\u093c"
_APOSTROPHES = re.compile("['’`]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])")
# Devanagari vowel signs are no word characters to `re`, so words are told by what parts them.
_GAPS = re.compile(r"[\s_/\\()\[\]{}.,:;#*\-–—|\"“”&+?!<>=]+")
_ALTERNATIVES = re.compile(r"[/()\[\]|,:–—\n]|\s-\s")
_DEVANAGARI = re.compile("[\u0900-\u097f]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's import field with our confidence in it, or the kind of forbidden column it names, or nothing."""

    field: str | None = None
    confidence: float = 0.0
    forbidden: str | None = None


_UNKNOWN = Heading()
# Of a heading that is a campaign's own name for its field.
_LABELLED = 0.9


class HeadingTable:
    """The synonyms of `sheet_headers.json`, ready to be asked."""

    def __init__(self, data: Mapping[str, Any], *, added: Mapping[str, Iterable[str]] | None = None) -> None:
        self._data = data
        self._same = {word: canonical for canonical, words in data["same"].items() for word in words}
        self._filler = frozenset(data["filler"])
        self._mixed = float(data["mixed"])
        self.added = frozenset(added or ())
        """Fields beyond the import fields, by the names that a mapping gives them."""
        self._known: dict[tuple[str, ...], Heading] = {}
        for name, phrases_by_level in data["fields"].items():
            for level, phrases in phrases_by_level.items():
                confidence = float(data["confidence"][level])
                for phrase in phrases:
                    self._known.setdefault(self._key(phrase), Heading(name, confidence))
        # A field's own name always means it: sheets are also written by those who have read the API's documents.
        for name in data["fields"]:
            self._known[self._key(name)] = Heading(name, 1.0)
        for name, headings in (added or {}).items():
            for key in filter(None, map(self._key, headings)):
                self._known.setdefault(key, Heading(name, _LABELLED))
        self._counters = frozenset(map(self._key, data["row_counters"]))
        self._forbidden: dict[str, list[tuple[str, list[str]]]] = {}
        for kind, phrases in data["forbidden"].items():
            for words in map(_words, phrases):
                self._forbidden.setdefault(words[0], []).append((kind, words))

    def adding(self, fields: Mapping[str, Iterable[str]]) -> HeadingTable:
        """Return a table that knows further fields by their headings; what a heading means already stays so."""
        return HeadingTable(self._data, added=fields)

    def read(self, heading: str) -> Heading:
        """Return what the heading means; of a mixed one (`मोबाइल / Mobile`) every known half must mean the same."""
        heading = heading[:MAX_HEADING]
        if forbidden := self.forbidden_kind(heading):
            return Heading(forbidden=forbidden)
        whole = self._known.get(self._key(heading))
        if whole:
            return whole
        return self._agreed(_ALTERNATIVES.split(heading)) or self._agreed(_by_script(heading)) or _UNKNOWN

    def counts_rows(self, heading: str) -> bool:
        """Tell whether a heading may be a list's own numbering: each half of it that is not empty does no more."""
        halves = [key for key in map(self._key, _ALTERNATIVES.split(heading[:MAX_HEADING])) if key]
        return self._key(heading) in self._counters or (bool(halves) and self._counters.issuperset(halves))

    def _agreed(self, parts: Iterable[str]) -> Heading | None:
        keys = [key for key in map(self._key, parts) if key]
        if len(keys) < 2:  # noqa: PLR2004 - one part is the whole, which was looked up
            return None
        known = [self._known[key] for key in keys if key in self._known]
        if not known or len({heading.field for heading in known}) > 1:
            return None
        # A half that nobody knows may change the meaning: "Mobile / Operator".
        sureness = self._mixed if len(known) == len(keys) else self._mixed**3
        return Heading(known[0].field, round(sureness * max(heading.confidence for heading in known), 2))

    def forbidden_kind(self, heading: str) -> str | None:
        """Return `caste`, `religion` or `aadhaar` when a heading (or a tag, or a question) names such a thing."""
        words = _words(heading)
        for at, word in enumerate(words):
            for kind, phrase in self._forbidden.get(word, ()):
                if words[at : at + len(phrase)] == phrase:
                    return kind
        return None

    def _key(self, heading: str) -> tuple[str, ...]:
        words = [self._same.get(word, word) for word in _words(heading)]
        return tuple(word for word in words if word not in self._filler)


def _words(heading: str) -> list[str]:
    text = _APOSTROPHES.sub("", latin_digits(clean(heading)).replace(_NUKTA, ""))
    return [word for word in _GAPS.split(_CAMEL.sub(" ", text).lower()) if word]


def _by_script(heading: str) -> tuple[str, str]:
    words = _words(heading)
    hindi = [word for word in words if _DEVANAGARI.search(word)]
    return " ".join(hindi), " ".join(word for word in words if word not in hindi)
