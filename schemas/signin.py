"""The shapes of signing in, and of a person's own sign-ins."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Flag, Identifier, UtcTime, page_schema
from schemas.people import MobilePhone, UserOut
from services.domain.people.passwords import LONGEST, SHORTEST

_LONGEST_TOKEN = 4096


def _installation() -> Identifier:
    return Identifier(
        load_default=None, metadata={"description": "The app's installation; ties the session to its device"}
    )


def _password(text: str = "The password as it is") -> fields.String:
    return fields.String(
        required=True, validate=validate.Length(1, LONGEST), metadata={"format": "password", "description": text}
    )


def _new_password() -> fields.String:
    return _password(f"At least {SHORTEST} characters, not a common one")


class LoginIn(BodyIn):
    """Phone and password."""

    phone = MobilePhone(required=True)
    password = _password()
    installation_id = _installation()


class FirebaseIn(BodyIn):
    """The ID token of a phone sign-in."""

    id_token = fields.String(required=True, validate=validate.Length(1, _LONGEST_TOKEN))
    installation_id = _installation()


class AcceptIn(BodyIn):
    """An invitation and the password that the person chooses."""

    token = fields.String(required=True, validate=validate.Length(1, 200))
    password = _new_password()
    installation_id = _installation()


class PasswordIn(BodyIn):
    """The password as it is and as it shall be."""

    old = _password()
    new = _new_password()


_WITHHELD = "Null where the session only hands in finished work, as on a lost phone"


class SignedInUserOut(UserOut):
    """Whose the tokens are; nothing but `id`, `role`, `state` and `locale` where they only hand in finished work."""

    phone = fields.String(
        required=True, allow_none=True, metadata={"example": "+919876543210", "description": _WITHHELD}
    )
    name = fields.String(required=True, allow_none=True, metadata={"example": "Asha Verma", "description": _WITHHELD})
    created_at = UtcTime(required=True, allow_none=True, metadata={"description": _WITHHELD})


class SignedInOut(Schema):
    """The tokens of a session, and whose they are."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    token_type = fields.String(required=True, metadata={"example": "Bearer"})
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds that the access token holds"})
    user = fields.Nested(SignedInUserOut, required=True)


class SessionOut(Schema):
    """One sign-in."""

    id = fields.String(required=True)
    installation_id = fields.String(required=True, allow_none=True)
    created_at = UtcTime(required=True)
    last_seen_at = UtcTime(required=True)
    current = fields.Boolean(required=True, metadata={"description": "Whether it is the one that asks"})


SessionPageOut = page_schema(SessionOut)


class PhoneLostIn(BodyIn):
    """Which phone is lost."""

    session_id = Identifier(
        load_default=None, metadata={"description": "The sign-in on that phone; without it, those of all their phones"}
    )


class PhoneLostOut(Schema):
    """The sign-ins that were on it."""

    sessions = fields.List(
        fields.String(), required=True, metadata={"description": "Ids of the sign-ins that are revoked now"}
    )


class LogoutIn(BodyIn):
    """How far the signing out goes."""

    everywhere = Flag(load_default=False, metadata={"description": "Ends the sign-ins on other phones too"})


class RefreshIn(BodyIn):
    """Where the refresh token is used."""

    installation_id = Identifier(
        load_default=None,
        metadata={"description": "The app's installation; another is refused, and none where it was named before"},
    )
