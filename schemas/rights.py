"""The shapes of requests about a person's own data."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Identifier, PagedQuery, Text, UtcTime, page_schema
from services.domain.contacts.rights import KINDS, PROOFS, RESULTS

_STATES = ("open", "resolved")


class RightsRequestIn(BodyIn):
    """What somebody asks for about the data of a phone number."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    phone = Text(shortest=3, longest=40, required=True, metadata={"example": "9876543210"})
    note = Text(shortest=1, longest=2000, load_default=None, allow_none=True)


class RightsTakenOut(Schema):
    """The request was taken; a known and an unknown number get the same answer."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    received_at = UtcTime(required=True, metadata={"type": "string"})
    due_on = fields.Date(required=True)


class RightsQuery(PagedQuery):
    """Which requests."""

    state = fields.String(load_default=None, validate=validate.OneOf(_STATES))
    due_before = fields.Date(load_default=None, metadata={"description": "Those due before this day, the first first"})


class RightsRequestOut(RightsTakenOut):
    """A request for who answers it."""

    phone_masked = fields.String(
        required=True, allow_none=True, metadata={"description": "Null once the time for keeping it is over"}
    )
    note = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    contacts = fields.List(fields.String(), required=True, metadata={"description": "Whom the number reaches"})
    proof = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*PROOFS, None]),
        metadata={"description": "How it was shown that the number is theirs"},
    )
    proven_by = fields.String(required=True, allow_none=True)
    proven_at = UtcTime(required=True, allow_none=True, metadata={"type": "string"})
    result = fields.String(required=True, allow_none=True)
    resolution = fields.String(required=True, allow_none=True)
    resolved_by = fields.String(required=True, allow_none=True)
    resolved_at = UtcTime(required=True, allow_none=True, metadata={"type": "string"})


RightsPageOut = page_schema(RightsRequestOut)


class ResolveIn(BodyIn):
    """What came of a request; an erasure that is `done` erases the people of the number."""

    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    note = Text(shortest=1, longest=2000, load_default=None, allow_none=True)
    contact_ids = fields.List(
        Identifier(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 100),
        metadata={"description": "Of several people of the number those whom it is about; without it all"},
    )


class ProveIn(BodyIn):
    """How somebody showed that the number is theirs."""

    how = fields.String(
        required=True,
        validate=validate.OneOf(PROOFS),
        metadata={"description": "They answered a call to it, came in person, or showed a document"},
    )


class ReportQuery(Schema):
    """In which language, and of whom where several have the number."""

    locale = fields.String(load_default="hi", validate=validate.OneOf(("hi", "en")))
    contact_id = Identifier(load_default=None, metadata={"description": "One of the people; without it all"})


class HeldAddressOut(Schema):
    """A number or handle that is kept."""

    kind = fields.String(required=True, metadata={"example": "mobile"})
    value = fields.String(required=True, metadata={"description": "Not masked: it is the person's own"})
    basis = fields.String(required=True)
    source = fields.String(required=True)
    collected_on = fields.String(required=True)
    notice_version = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)


_SAID = {"description": "Answers, support, note and addresses that were given"}


class HeldAttemptOut(Schema):
    """One time that the person was contacted."""

    at = fields.String(required=True, metadata={"example": "2026-11-23T05:00:00Z"})
    campaign = fields.String(required=True)
    channel = fields.String(required=True)
    result = fields.String(required=True, metadata={"example": "Spoke with the person"})
    said = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "Answers, support, note and addresses that were given"},
    )


class HeldTellingOut(Schema):
    """A fact that another source told otherwise."""

    field = fields.String(required=True, metadata={"description": "Which fact", "example": "name"})
    value = fields.Raw(required=True, metadata={"description": "What it said", "example": "Seeta"})
    source = fields.String(required=True)


class HeldPersonOut(Schema):
    """All that is kept about one person of the number."""

    contact_id = fields.String(required=True)
    facts = fields.Dict(keys=fields.String(), required=True)
    told_differently = fields.List(
        fields.Nested(HeldTellingOut), required=True, metadata={"description": "What other sources said"}
    )
    fields_ = fields.Dict(
        keys=fields.String(),
        required=True,
        data_key="fields",
        attribute="fields",
        metadata={"description": "What campaigns keep beyond the roll, by label", "example": {"First vote": True}},
    )
    addresses = fields.List(fields.Nested(HeldAddressOut), required=True)
    sources = fields.List(fields.String(), required=True)
    attempts = fields.List(fields.Nested(HeldAttemptOut), required=True)
    stopped = fields.Boolean(required=True, metadata={"description": "Whether the person is not contacted any more"})


class AccessReportOut(Schema):
    """What is kept about the people of a number, for those people."""

    locale = fields.String(required=True)
    made_at = UtcTime(required=True, metadata={"description": "When this was read"})
    people = fields.List(fields.Nested(HeldPersonOut), required=True)
    text = fields.String(required=True, metadata={"description": "The same to hand over or read out"})
