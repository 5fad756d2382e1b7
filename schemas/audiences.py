"""The shapes of audiences: saved queries over contacts, and their funnels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate

from config.paths import read_json
from schemas.base import (
    BodyIn,
    Flag,
    Identifier,
    PagedQuery,
    Query,
    Reference,
    Text,
    UtcTime,
    channel_field,
    page_schema,
)
from schemas.contacts import GENDERS
from services.domain.audiences.filters import STATES
from services.domain.sheets.cells import ADULT, MAX_TAG, OLDEST
from services.domain.sheets.headings import HeadingTable

_MOST = validate.Length(1, 100)
_ANY = {"description": "At least one of these"}
_ALL = {"description": "Every one of these"}
_NONE = {"description": "Not one of these"}
_GOAL = {"description": "How many people are to be done with, apart from how many there are; null: no such goal"}
_LONGEST_ROLL = 100_000
_MOST_ATTEMPTS = 100
_LONGEST_NAME = 40


@lru_cache(maxsize=1)
def _headings() -> HeadingTable:
    return HeadingTable(read_json("sheet_headers.json"))


class ConditionsIn(BodyIn):
    """Conditions by name; one about caste, religion or Aadhaar is refused as such."""

    @pre_load
    def refuse_forbidden(self, data: Any, **_: Any) -> Any:
        """Name the topic where an unknown condition is about a forbidden one."""
        if isinstance(data, Mapping):
            known = {field.data_key or name for name, field in self.fields.items()}
            kinds = {name: _headings().forbidden_kind(str(name)) for name in data.keys() - known}
            wrong = {name: [f"forbidden_{kind}"] for name, kind in kinds.items() if kind}
            if wrong:
                raise ValidationError(wrong)
        return data


class AgeBetweenIn(BodyIn):
    """Years of age, both counted in."""

    from_ = fields.Integer(data_key="from", attribute="from", strict=True, validate=validate.Range(ADULT, OLDEST))
    to = fields.Integer(strict=True, validate=validate.Range(ADULT, OLDEST))


class SerialsBetweenIn(BodyIn):
    """Serial numbers of the roll, both counted in."""

    from_ = fields.Integer(data_key="from", attribute="from", strict=True, validate=validate.Range(1, _LONGEST_ROLL))
    to = fields.Integer(strict=True, validate=validate.Range(1, _LONGEST_ROLL))


class AttemptsBetweenIn(BodyIn):
    """Attempts in the campaign, both counted in."""

    from_ = fields.Integer(data_key="from", attribute="from", strict=True, validate=validate.Range(0, _MOST_ATTEMPTS))
    to = fields.Integer(strict=True, validate=validate.Range(0, _MOST_ATTEMPTS))


class TagSetsIn(BodyIn):
    """Tags of which somebody has any, all, none."""

    any = fields.List(Text(shortest=1, longest=MAX_TAG), validate=_MOST, metadata=_ANY)
    all = fields.List(Text(shortest=1, longest=MAX_TAG), validate=_MOST, metadata=_ALL)
    none = fields.List(Text(shortest=1, longest=MAX_TAG), validate=_MOST, metadata=_NONE)


class ReachIn(BodyIn):
    """Channels for which somebody has any, all, none; whether they may be contacted is the funnel's to say."""

    any = fields.List(channel_field(), validate=_MOST, metadata=_ANY)
    all = fields.List(channel_field(), validate=_MOST, metadata=_ALL)
    none = fields.List(channel_field(), validate=_MOST, metadata=_NONE)


class StandingConditionsIn(ConditionsIn):
    """Where somebody stands in the campaign."""

    state = fields.String(validate=validate.OneOf(STATES), metadata={"description": "Whether anything is left to do"})
    attempts = fields.Nested(AttemptsBetweenIn)
    planned = Flag(metadata={"description": "Whether a batch has them"})
    callback = Flag(metadata={"description": "Whether a time is agreed"})
    last_attempt_before = UtcTime(metadata={"description": "Tried, and last before this"})
    last_attempt_after = UtcTime(metadata={"description": "Tried, and last at this or after"})


class OutcomeConditionsIn(ConditionsIn):
    """What came of attempts, by disposition."""

    last = fields.List(Text(shortest=1, longest=40), validate=_MOST, metadata={"description": "Of the last attempt"})
    ever = fields.List(Text(shortest=1, longest=40), validate=_MOST, metadata={"description": "Of any attempt"})
    never = fields.List(Text(shortest=1, longest=40), validate=_MOST, metadata={"description": "Of no attempt"})
    result = fields.List(
        Text(shortest=1, longest=40), validate=_MOST, metadata={"description": "The final one, as for response rates"}
    )


class FieldConditionIn(BodyIn):
    """What a custom field must hold."""

    is_ = fields.List(
        fields.Raw(),
        data_key="is",
        attribute="is",
        validate=_MOST,
        metadata={"description": "One of these values", "items": {}},
    )
    from_ = fields.Raw(data_key="from", attribute="from", metadata={"description": "At least; a number or a day"})
    to = fields.Raw(metadata={"description": "At most; a number or a day"})
    known = Flag(metadata={"description": "Whether anything is known"})


class FilterIn(ConditionsIn):
    """Conditions that must all hold; none: everybody of the campaign."""

    areas = fields.List(Identifier(), validate=_MOST, metadata={"example": ["ac-24"]})
    exclude_areas = fields.List(Identifier(), validate=_MOST, metadata={"description": "Places left out"})
    age = fields.Nested(AgeBetweenIn)
    gender = fields.List(fields.String(validate=validate.OneOf(GENDERS)), validate=_MOST)
    language = fields.List(fields.String(validate=validate.Regexp(r"^[a-z]{2,3}$")), validate=_MOST)
    serial_no = fields.Nested(SerialsBetweenIn)
    tags = fields.Nested(TagSetsIn)
    reach = fields.Nested(ReachIn, metadata={"description": "Channels that they have an address for"})
    sources = fields.List(Identifier(), validate=_MOST, metadata={"description": "Ids of sources or imports"})
    standing = fields.Nested(StandingConditionsIn)
    outcomes = fields.Nested(OutcomeConditionsIn, metadata={"description": "What came of attempts"})
    exclude_support = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 5)),
        validate=validate.Length(1, 5),
        metadata={
            "description": "People left out by the support that they told, for headquarters: 5, or 4, 5 and others; "
            "nobody is selected by it, and it is never shown",
            "example": [4, 5],
        },
    )
    fields_ = fields.Dict(
        keys=Text(shortest=1, longest=_LONGEST_NAME),
        values=fields.Nested(FieldConditionIn),
        data_key="fields",
        attribute="fields",
        validate=validate.Length(max=20),
        metadata={"description": "Custom fields of the campaign"},
    )


class SavedAudienceIn(BodyIn):
    """A new audience; it never changes, so that what was planned with it stays what it was."""

    campaign_id = Identifier(required=True)
    name = Text(shortest=1, longest=120, required=True, metadata={"example": "Young people of part 17"})
    filter = fields.Nested(
        FilterIn, load_default=dict, metadata={"description": "Conditions that must all hold; none: everybody"}
    )
    done_goal = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 10**8),
        metadata=_GOAL,
    )


class AudiencesQuery(PagedQuery):
    """Which audiences."""

    campaign_id = Reference("campaign")


class SavedAudienceOut(Schema):
    """A saved query over contacts."""

    id = fields.String(required=True, attribute="_id")
    campaign_id = fields.String(required=True)
    name = fields.String(required=True, metadata={"example": "Young people of part 17"})
    filter = fields.Function(
        lambda audience: FilterIn().dump(audience["filter"]),
        metadata={
            "type": "object",
            "description": "Its conditions, as they were given",
            "example": {"areas": ["ac-24"]},
        },
    )
    done_goal = fields.Integer(required=True, allow_none=True, metadata=_GOAL)
    district_id = fields.String(
        required=True, allow_none=True, metadata={"description": "Whose coordinators see it; null: all"}
    )
    created_by = fields.String(required=True)
    created_at = UtcTime(required=True)


SavedAudiencePageOut = page_schema(SavedAudienceOut)


class AudienceFunnelQuery(Query):
    """By which channel."""

    channel = channel_field(load_default=None, metadata={"description": "Without it the campaign's first"})


class AudienceFunnelOut(Schema):
    """How many could be contacted; `ready` and distinct blocked ones make `matched`."""

    audience_id = fields.String(required=True)
    channel = fields.String(required=True)
    matched = fields.Integer(required=True)
    ready = fields.Integer(required=True)
    blocked = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    done = fields.Integer(required=True, metadata={"description": "People with whom nothing is left to do"})
    done_goal = fields.Integer(required=True, allow_none=True, metadata=_GOAL)
    counted_at = UtcTime(required=True, metadata={"description": "The time that the figures are of"})
    job_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The job that counts them anew; null: they are fresh"}
    )
