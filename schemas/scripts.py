"""The shapes of scripts: how a call opens, its questions, and the way that answers take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from schemas.base import BilingualIn, BilingualOut, BodyIn, Flag, Identifier, Pattern, Text, page_schema
from schemas.content import ContentQuery, ListedOut, VersionOut
from services.domain.content.script_parts import ALL_OPERATORS, FURTHEST, KINDS
from services.domain.content.scripts import MOST_QUESTIONS

_LABEL = {"example": {"hi": "सड़क", "en": "Roads"}}
_CHOICES = [
    {"value": "roads", "label": {"hi": "सड़क", "en": "Roads"}},
    {"value": "nothing", "label": {"hi": "कुछ नहीं", "en": "Nothing"}, "next": "end"},
]


def _name(**options: Any) -> fields.String:
    return fields.String(validate=Pattern(r"^[a-z][a-z0-9_]{0,39}$"), **options)


class _Bound(fields.Float):
    """A number that stays whole when it is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Range(-FURTHEST, FURTHEST), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> float:
        number = super()._deserialize(value, attr, data, **options)
        return int(number) if number.is_integer() else number


class OpeningIn(BodyIn):
    """What every call begins with."""

    who = fields.Nested(BilingualIn, required=True, metadata={"description": "Who calls"})
    for_whom = fields.Nested(BilingualIn, required=True, metadata={"description": "In whose name"})
    number_source = fields.Nested(BilingualIn, required=True, metadata={"description": "Where the number is from"})
    how_to_stop = fields.Nested(BilingualIn, required=True, metadata={"description": "How to make it stop"})


class OptionIn(BodyIn):
    """A choice."""

    value = _name(required=True, metadata={"description": "What the answer is stored as", "example": "roads"})
    label = fields.Nested(BilingualIn, required=True, metadata=_LABEL)
    next = _name(
        load_default=None,
        allow_none=True,
        metadata={"description": "The question that this choice leads to, or `end`; `single` only", "example": None},
    )


class RangeIn(BodyIn):
    """The lowest and the highest answer."""

    lowest = _Bound(load_default=None, allow_none=True, data_key="from", attribute="from", metadata={"example": 1})
    highest = _Bound(load_default=None, allow_none=True, data_key="to", attribute="to", metadata={"example": 5})


class ConditionIn(BodyIn):
    """What an earlier answer must be like for a question to be asked."""

    question = _name(required=True, metadata={"example": "topic", "description": "The earlier question"})
    op = fields.String(required=True, validate=validate.OneOf(ALL_OPERATORS))
    value = fields.Raw(
        load_default=None,
        allow_none=True,
        metadata={"description": "A choice's value, or a number; none with `answered`", "example": "roads"},
    )


class QuestionIn(BodyIn):
    """A question; without `next` the following one comes after it."""

    id = _name(required=True, metadata={"description": "Its name among the answers", "example": "topic"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    text = fields.Nested(BilingualIn, required=True, metadata={"example": {"hi": "क्या सुधारें?", "en": "What is needed?"}})
    required = Flag(load_default=False)
    options = fields.List(
        fields.Nested(OptionIn),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "The choices of `single` and `multi`", "example": _CHOICES},
    )
    range = fields.Nested(
        RangeIn, load_default=None, allow_none=True, metadata={"description": "Of `scale` (needed) and `number`"}
    )
    when = fields.List(
        fields.Nested(ConditionIn),
        load_default=list,
        validate=validate.Length(max=5),
        metadata={"description": "All must hold, else the question is passed over", "example": []},
    )
    next = _name(
        load_default=None,
        allow_none=True,
        metadata={"description": "The question that follows, or `end`", "example": None},
    )


class ScriptVersionIn(BodyIn):
    """What a version says; it never changes, an edit is another version."""

    opening = fields.Nested(OpeningIn, required=True)
    questions = fields.List(fields.Nested(QuestionIn), required=True, validate=validate.Length(1, MOST_QUESTIONS))


class ScriptIn(ScriptVersionIn):
    """A new script with its first version."""

    name = Text(shortest=1, longest=200, required=True, metadata={"example": "First call"})
    campaign_id = Identifier(
        load_default=None, allow_none=True, metadata={"description": "null: every campaign may use it"}
    )


class OpeningOut(Schema):
    """What every call begins with."""

    who = fields.Nested(BilingualOut, required=True)
    for_whom = fields.Nested(BilingualOut, required=True)
    number_source = fields.Nested(BilingualOut, required=True)
    how_to_stop = fields.Nested(BilingualOut, required=True)


class QuestionOut(Schema):
    """A question."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    text = fields.Nested(BilingualOut, required=True)
    required = fields.Boolean(required=True)
    options = fields.List(fields.Dict(), required=True, metadata={"description": "`{value, label, next}` each"})
    range = fields.Dict(required=True, allow_none=True, metadata={"description": "`{from, to}`"})
    when = fields.List(fields.Dict(), required=True, metadata={"description": "`{question, op, value}` each"})
    next = fields.String(required=True, allow_none=True)


class ScriptVersionOut(VersionOut):
    """A version of a script."""

    opening = fields.Nested(OpeningOut, required=True)
    questions = fields.List(fields.Nested(QuestionOut), required=True)


class ScriptListedOut(ListedOut):
    """A script in a list."""

    versions = fields.List(fields.Nested(VersionOut), required=True, metadata={"description": "Without what they say"})


class ScriptOut(ListedOut):
    """A script with all its versions."""

    versions = fields.List(fields.Nested(ScriptVersionOut), required=True)


ScriptPageOut = page_schema(ScriptListedOut)


class ScriptQuery(ContentQuery):
    """Which scripts."""


class ScriptPreviewIn(BodyIn):
    """The answers so far; null passes over a question."""

    answers = fields.Dict(
        keys=Text(shortest=1, longest=80),
        load_default=dict,
        validate=validate.Length(max=50),
        metadata={"example": {"topic": "roads"}, "description": "Question to answer"},
    )


class ScriptPreviewOut(Schema):
    """The way that answers take."""

    asked = fields.List(fields.String(), required=True, metadata={"description": "Questions that were put"})
    next = fields.String(required=True, allow_none=True, metadata={"description": "The question to put now"})
    wrong = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "Question to code of what is wrong with its answer", "example": {}},
    )
