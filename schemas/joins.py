"""The shapes of joining by oneself."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Identifier, PagedQuery, Text, UtcTime, page_schema
from schemas.people import AgeFields, InvitationOut, MobilePhone, channel_list, language_list

_MOST_PLACES = 500
_LONGEST_DAYS = 30
STATES = ("waiting", "approved", "rejected")


class JoinCodeIn(BodyIn):
    """How many may ask by a new code, and how long."""

    district = Identifier(
        load_default=None,
        metadata={"description": "Headquarters name it; else one's own", "example": "rj-churu"},
    )
    cap = fields.Integer(
        strict=True,
        load_default=50,
        validate=validate.Range(1, _MOST_PLACES),
        metadata={"description": "How many people may ask by it"},
    )
    days = fields.Integer(
        strict=True,
        load_default=7,
        validate=validate.Range(1, _LONGEST_DAYS),
        metadata={"description": "How many days it holds"},
    )


class JoinCodeOut(Schema):
    """A code to hand out."""

    id = fields.String(required=True)
    code = fields.String(required=True, metadata={"example": "K7MPQ2XD", "description": "What people type"})
    district = fields.String(required=True, metadata={"description": "The district that people join by it"})
    cap = fields.Integer(required=True, metadata={"description": "How many people may ask by it"})
    used = fields.Integer(required=True, metadata={"description": "How many have asked"})
    created_by = fields.String(required=True)
    created_at = UtcTime(required=True)
    expires_at = UtcTime(required=True)
    revoked_at = UtcTime(required=True, allow_none=True, metadata={"description": "When it was ended; null: never"})


JoinCodePageOut = page_schema(JoinCodeOut)


class JoinIn(AgeFields):
    """Who asks to join."""

    code = Text(required=True, shortest=1, longest=20, metadata={"description": "The district's code"})
    phone = MobilePhone(required=True)
    name = Text(required=True, shortest=1, longest=120)
    languages = language_list(load_default=list)
    channels = channel_list(load_default=list)


class JoinTakenOut(Schema):
    """That the request was taken; the coordinator gets in touch."""

    state = fields.String(required=True, validate=validate.OneOf(("waiting",)))


class JoinRequestQuery(PagedQuery):
    """Which requests."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class JoinRequestOut(Schema):
    """Somebody who asked to join; phone and name are forgotten with the decision."""

    id = fields.String(required=True)
    code_id = fields.String(required=True, metadata={"description": "Id of the code that they used"})
    district = fields.String(required=True, metadata={"description": "The district that they ask to join"})
    phone = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    languages = fields.List(fields.String(), required=True)
    channels = fields.List(fields.String(), required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    requested_at = UtcTime(required=True, metadata={"description": "When they asked"})
    decided_at = UtcTime(required=True, allow_none=True, metadata={"description": "When it was decided; null: not yet"})
    decided_by = fields.String(
        required=True, allow_none=True, metadata={"description": "Id of the person who decided; null: nobody yet"}
    )
    user_id = fields.String(
        required=True, allow_none=True, metadata={"description": "Id of the person who was enrolled; null: nobody"}
    )


JoinRequestPageOut = page_schema(JoinRequestOut)


class JoinApprovedOut(Schema):
    """The request as it was decided, and the invitation to hand over."""

    request = fields.Nested(JoinRequestOut, required=True, metadata={"description": "The request as it is now"})
    invitation = fields.Nested(InvitationOut, required=True, metadata={"description": "Shown this once"})
