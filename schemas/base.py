"""What every shape on the wire has in common: strictness, times, ids, bilingual texts, pages and problems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, ValidationError, fields, validate

from services.domain.paging import DEFAULT_LIMIT, HIGHEST_LIMIT
from services.domain.people.actor import CHANNELS
from services.domain.wire_time import utc_text

LONGEST_ID = 80
ID_CHARACTERS = "A-Za-z0-9_.:~=-"


class FormIn(Schema):
    """A multipart form, in which everything is text: unknown fields are refused."""

    class Meta:
        """Marshmallow's options."""

        unknown = RAISE


class BodyIn(FormIn):
    """A JSON body: unknown fields are refused, and so is a number or a flag that is told as a text."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Take numbers as numbers alone, also within lists."""
        inner = field_obj.inner if isinstance(field_obj, fields.List) else field_obj
        if isinstance(inner, fields.Integer):
            inner.strict = True


class Flag(fields.Boolean):
    """true or false, and nothing that a person might mean by it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Query(Schema):
    """A query string: unknown parameters are passed over, as proxies and trackers add their own."""

    class Meta:
        """Marshmallow's options."""

        unknown = EXCLUDE


class PagedQuery(Query):
    """The two parameters of every list."""

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(1, HIGHEST_LIMIT),
        metadata={"description": "Entries per page"},
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=512),
        metadata={"description": "`next_cursor` of the page before"},
    )


# Control characters but line ends and tabs, and halves of a pair that UTF-8 cannot write.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")


class Text(fields.String):
    """A text without control characters, trimmed, of bounded length."""

    def __init__(self, *, shortest: int = 0, longest: int = 200, **options: Any) -> None:
        super().__init__(validate=validate.Length(shortest, longest), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if _UNFIT.search(text):
            raise ValidationError("control_character")
        return text.strip()


class Pattern(validate.Regexp):
    """A pattern of the whole text; `$` by itself would pass over a line's end."""

    def __call__(self, value: Any) -> Any:
        """Return `value`, or raise when it is written in another form."""
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self.error)
        return value


class Identifier(fields.String):
    """An opaque id of ours."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=Pattern(rf"^[{ID_CHARACTERS}]{{1,{LONGEST_ID}}}$"), **options)


class Reference(Identifier):
    """The id by which a list is narrowed; the API refuses one that is not there for the one who asks."""

    def __init__(self, to: str, **options: Any) -> None:
        self.to = to
        super().__init__(load_default=None, **options)


class UtcTime(fields.Field[datetime]):
    """RFC 3339 with its zone, kept and answered in UTC: `2026-11-22T10:15:00Z`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else utc_text(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> datetime:
        if not isinstance(value, str) or len(value) > 40:  # noqa: PLR2004
            raise ValidationError("time_invalid")
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None or "T" not in value.upper():
                raise ValidationError("time_invalid")
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValidationError("time_invalid") from error
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class UploadedFile(fields.Field[Any]):
    """A file of a multipart form, as the web framework gives it."""


class BilingualIn(BodyIn):
    """A text in Hindi and English."""

    hi = Text(shortest=1, longest=2000, required=True, metadata={"example": "राजस्थान"})
    en = Text(shortest=1, longest=2000, required=True, metadata={"example": "Rajasthan"})


class BilingualOut(Schema):
    """A text in Hindi and English."""

    hi = fields.String(metadata={"example": "राजस्थान"})
    en = fields.String(metadata={"example": "Rajasthan"})


class ProblemOut(Schema):
    """RFC 9457: what went wrong, for a program (`code`) and for a person (`title`, `detail`)."""

    class Meta:
        """Marshmallow's options: a code may bring facts of its own."""

        unknown = INCLUDE

    type = fields.String(required=True, metadata={"example": "/docs/problems#not_found"})
    title = fields.String(required=True, metadata={"description": "Short, in the reader's language"})
    status = fields.Integer(required=True, metadata={"description": "The HTTP status once more"})
    detail = fields.String(required=True, metadata={"description": "What to know or do, in the reader's language"})
    code = fields.String(required=True, metadata={"example": "not_found", "description": "Stable, lower_snake_case"})
    request_id = fields.String(required=True, metadata={"description": "To be named when help is asked for"})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "With 422: field name to codes of what is wrong", "example": {"name": ["required"]}},
    )
    reasons = fields.Raw(
        metadata={"description": "With 423: every rule that forbids it", "type": ["array", "object"], "items": {}}
    )
    allowed_from = UtcTime(metadata={"description": "With 423: when it will be allowed, if known"}, allow_none=True)


def page_schema(entry: type[Schema]) -> type[Schema]:
    """Return the schema of a page of `entry`."""
    name = entry.__name__.removesuffix("Out") + "PageOut"
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(entry), required=True),
            "next_cursor": fields.String(
                required=True, allow_none=True, metadata={"description": "Ask for it to go on; null at the end"}
            ),
        },
        name=name,
    )


def channel_field(**options: Any) -> fields.String:
    """Return the field of a channel's name."""
    return fields.String(validate=validate.OneOf(CHANNELS), **options)


def rounded_to_field() -> fields.Integer:
    """Return the field that says how a report's figures are rounded."""
    text = "Figures are rounded down to a multiple of it and not told below it, for observers and experts; null: exact"
    return fields.Integer(required=True, allow_none=True, metadata={"description": text, "example": 10})
