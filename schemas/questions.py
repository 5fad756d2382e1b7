"""The shapes of the expert desk: questions in a volunteer's words, and answers that all may read."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import (
    BilingualIn,
    BilingualOut,
    BodyIn,
    Identifier,
    PagedQuery,
    Reference,
    Text,
    UtcTime,
    page_schema,
)
from schemas.sync import SyncAnswerOut
from services.domain.content.questions import STATES


class AskIn(BodyIn):
    """What a voter asks."""

    text = Text(
        shortest=3,
        longest=1000,
        required=True,
        metadata={"description": "In any language; names and numbers do not belong in it"},
    )
    campaign_id = Identifier(
        load_default=None, allow_none=True, metadata={"description": "Whose phones get the answer; null: all"}
    )


class AskedOut(Schema):
    """A question as whoever asked it sees it."""

    id = fields.String(required=True, attribute="_id")
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    text = fields.String(required=True, metadata={"description": "In the volunteer's words"})
    campaign_id = fields.String(required=True, allow_none=True)
    asked_at = UtcTime(required=True)
    version = fields.Integer(required=True)


AskedPageOut = page_schema(AskedOut)


class AnswerIn(BodyIn):
    """An answer with its question, both as all may read them."""

    question = fields.Nested(BilingualIn, required=True, metadata={"description": "Without anything personal"})
    answer = fields.Nested(BilingualIn, required=True, metadata={"description": "What to say"})


class AnswerOut(Schema):
    """An answer."""

    version = fields.Integer(required=True, metadata={"description": "From 1"})
    question = fields.Nested(BilingualOut, required=True)
    answer = fields.Nested(BilingualOut, required=True)
    answered_by = fields.String(required=True)
    answered_at = UtcTime(required=True)
    published_by = fields.String()
    published_at = UtcTime()


class QuestionedOut(AskedOut):
    """A question with its answers."""

    district_id = fields.String(
        required=True, allow_none=True, metadata={"description": "Home of whoever asked; who it was stays unsaid"}
    )
    draft = fields.Nested(
        AnswerOut, required=True, allow_none=True, metadata={"description": "The newest answer that was written"}
    )
    live = fields.Nested(
        AnswerOut, required=True, allow_none=True, metadata={"description": "The answer that phones have"}
    )


QuestionedPageOut = page_schema(QuestionedOut)


class QuestionsQuery(PagedQuery):
    """Which questions."""

    q = Text(
        longest=100,
        load_default=None,
        metadata={"description": "Words of the question or its answers, in either script; all must be there"},
    )
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    campaign_id = Reference("campaign")


class PublishedQuery(PagedQuery):
    """Which published answers."""

    q = Text(
        longest=100,
        load_default=None,
        metadata={"description": "Words of the question or its answer, in either script; all must be there"},
    )
    campaign_id = Reference("campaign", metadata={"description": "Of this campaign alone"})


PublishedPageOut = page_schema(SyncAnswerOut)
