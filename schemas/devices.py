"""The shapes of app installations and their push targets."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Identifier, Pattern, Text, UtcTime, page_schema
from schemas.people import locale

TARGET_KINDS = ("token", "fid")
PLATFORMS = ("android", "ios", "web")
_LONGEST_TARGET = 4096


class TargetIn(BodyIn):
    """Where Firebase reaches the installation."""

    kind = fields.String(required=True, validate=validate.OneOf(TARGET_KINDS))
    value = fields.String(
        required=True,
        validate=[validate.Length(1, _LONGEST_TARGET), Pattern(r"^[!-~]+$")],
        metadata={"description": "Registration token or Firebase installation id"},
    )


class DeviceIn(BodyIn):
    """What the app tells of its installation."""

    target = fields.Nested(TargetIn, required=True)
    platform = fields.String(required=True, validate=validate.OneOf(PLATFORMS))
    app_version = Text(required=True, shortest=1, longest=40)
    locale = locale(required=True)


class TargetOut(Schema):
    """Where Firebase reaches the installation."""

    kind = fields.String(required=True, validate=validate.OneOf(TARGET_KINDS))
    value = fields.String(required=True)


class OwnDeviceOut(Schema):
    """An installation of the app, as its owner finds it in a list."""

    installation_id = Identifier(required=True)
    platform = fields.String(required=True, validate=validate.OneOf(PLATFORMS))
    app_version = fields.String(required=True)
    locale = fields.String(required=True)
    last_seen_at = UtcTime(required=True)


class DeviceOut(OwnDeviceOut):
    """An installation of the app that was just bound."""

    target = fields.Nested(TargetOut, required=True)


DevicePageOut = page_schema(OwnDeviceOut)
