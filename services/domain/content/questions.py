"""What voters ask and experts answer: a question's states, and the answer as phones get it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.domain.text import loose_tokens, tokens

Document = dict[str, Any]
STATES = ("open", "answered", "published", "withdrawn")
MOST_KEYS = 200
_SEARCHED = 8


def search_words(*texts: str) -> list[str]:
    """Return the folded words by which texts are found again in either script, each once."""
    return _once(word for text in texts for word in (*tokens(text), *loose_tokens(text)))[:MOST_KEYS]


def asked_words(query: str) -> list[list[str]]:
    """Return the words of a search, each with the spellings that it may be kept under."""
    pairs = dict.fromkeys(zip(tokens(query), loose_tokens(query), strict=True))
    return [_once(pair) for pair in pairs][:_SEARCHED]


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def for_phone(question: Mapping[str, Any]) -> Document:
    """Return a published answer as phones get it: never what was asked in the volunteer's own words."""
    live = question["live"]
    return {
        "id": question["_id"],
        "version": live["version"],
        "campaign_id": question["campaign_id"],
        "question": live["question"],
        "answer": live["answer"],
    }
