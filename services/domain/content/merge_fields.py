"""Merge fields: `{name|मतदाता}` becomes the person's name, or what stands behind the bar when nobody knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.domain.text import clean

FIELDS = ("name", "part", "constituency", "district", "volunteer_name", "campaign")
_FIELD = re.compile(r"\{([a-z_]{1,30})\|([^{}|]{0,60})\}")
_BARE = re.compile(r"\{[a-z_]{1,30}\|?\}")
_LONGEST_FACT = 80


def wrong_with(text: str) -> list[str]:
    """Return the codes of what is wrong with the fields of a text; none when it can be filled."""
    codes = set()
    for name, fallback in _FIELD.findall(text):
        if name not in FIELDS:
            codes.add("merge_field_unknown")
        if not fallback.strip():
            codes.add("merge_fallback_missing")
    rest = _FIELD.sub("", text)
    if _BARE.search(rest):
        codes.add("merge_fallback_missing")
    elif "{" in rest or "}" in rest:
        codes.add("merge_field_malformed")
    return sorted(codes)


def fill(text: str, facts: Mapping[str, str | None]) -> str:
    """Return the text with its fields filled once: what a fact holds is never read as a field again."""
    return _FIELD.sub(lambda found: _fact(facts.get(found[1])) or found[2].strip(), text)


def _fact(value: str | None) -> str:
    return clean(value)[:_LONGEST_FACT] if value else ""
