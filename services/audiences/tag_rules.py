"""Which tags may be kept: none of caste, religion or Aadhaar, however they are written."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain.content.topics import ForbiddenTopics
from services.domain.identifiers.aadhaar import holds_aadhaar
from services.domain.sheets.cells import CellRefused, CellWords, read_tags
from services.domain.sheets.headings import HeadingTable
from services.domain.text import clean


class TagRules:
    """The words of sheets and of questions that no tag and no field may be about."""

    def __init__(self, *, words: CellWords, headings: HeadingTable, topics: ForbiddenTopics) -> None:
        self._words = words
        self._headings = headings
        self._topics = topics

    def wrong_with(self, tags: Sequence[str]) -> str | None:
        """Return the code of what is wrong with some tags, None if they may be kept."""
        try:
            for tag in tags:
                read_tags(tag, self._words)
        except CellRefused as refused:
            return refused.code
        if any(not tag.isprintable() for tag in tags):
            return "control_character"
        forbidden = any(self.topic_of(tag) is not None or holds_aadhaar(tag) for tag in tags)
        return "tag_forbidden" if forbidden else None

    def topic_of(self, text: str) -> str | None:
        """Return `caste`, `religion`, `aadhaar` or `vote_cast` when a name is about it, else None."""
        return self._headings.forbidden_kind(text) or self._topics.kind_of(text)


def read(tags: Sequence[str]) -> list[str]:
    """Return tags as they are kept: in lower case, without repeats."""
    return list(dict.fromkeys(clean(tag).lower() for tag in tags))
