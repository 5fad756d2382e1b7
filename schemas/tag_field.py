"""A tag on the wire: in lower case, and none of caste, religion or Aadhaar."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import ValidationError, fields, validate

from config.paths import read_json
from schemas.base import Text
from services.audiences.tag_rules import TagRules
from services.domain.content.topics import ForbiddenTopics
from services.domain.sheets.cells import MAX_TAG, MAX_TAGS, CellWords
from services.domain.sheets.headings import HeadingTable
from services.domain.text import clean


class Tag(Text):
    """One tag that may be kept."""

    def __init__(self, **options: Any) -> None:
        super().__init__(shortest=1, longest=MAX_TAG, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        tag = clean(super()._deserialize(value, attr, data, **options)).lower()
        if code := _rules().wrong_with([tag]):
            raise ValidationError(code)
        return tag


def tag_list(**options: Any) -> fields.List[str]:
    """Return the field of a few tags."""
    return fields.List(Tag(), validate=validate.Length(max=MAX_TAGS), **options)


@lru_cache(maxsize=1)
def _rules() -> TagRules:
    return TagRules(
        words=CellWords(read_json("cell_words.json")),
        headings=HeadingTable(read_json("sheet_headers.json")),
        topics=ForbiddenTopics(read_json("forbidden_topics.json")),
    )
