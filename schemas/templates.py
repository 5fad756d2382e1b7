"""The shapes of templates and of the files that they show."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import (
    BilingualIn,
    BilingualOut,
    BodyIn,
    Flag,
    FormIn,
    Identifier,
    Query,
    Text,
    UploadedFile,
    UtcTime,
    channel_field,
    page_schema,
)
from schemas.content import ContentQuery, Day, ListedOut, VersionOut
from services.domain.content.merge_fields import FIELDS
from services.domain.content.templates import CATEGORIES, LOCALES, RULING

_BODY = {
    "description": f"With merge fields and what stands for them when nobody knows: `{{name|fallback}}`, "
    f"of {', '.join(FIELDS)}",
    "example": {"hi": "नमस्ते {name|जी}, मतदान अवश्य करें।", "en": "Dear {name|friend}, please do vote."},
}


class PublisherIn(BodyIn):
    """Who publishes it, as it stands below the text."""

    hi = Text(shortest=1, longest=200, required=True, metadata={"example": "प्रकाशक: जिला कार्यालय, चूरू"})
    en = Text(shortest=1, longest=200, required=True, metadata={"example": "Published by the district office, Churu"})


class CertificateIn(BodyIn):
    """A certificate of the media certification committee."""

    number = Text(shortest=1, longest=80, required=True)
    authority = Text(shortest=1, longest=200, required=True, metadata={"description": "Who certified it"})
    issued_on = Day(required=True)
    valid_until = Day(load_default=None, allow_none=True, metadata={"description": "Its last day, if it has one"})
    file_sha256 = fields.String(
        required=True,
        validate=validate.Regexp(r"^[0-9a-f]{64}\Z"),
        metadata={"description": "SHA-256 of the certified file", "example": "0" * 64},
    )


class RulingIn(BodyIn):
    """A recorded ruling that it is no advertisement."""

    kind = fields.String(load_default=RULING, validate=validate.OneOf((RULING,)))
    by = Text(shortest=1, longest=200, required=True, metadata={"description": "Who ruled so"})
    on = Day(required=True, metadata={"description": "The day of the ruling"})
    note = Text(shortest=1, longest=1000, required=True, metadata={"description": "The reasons, or where they are"})


class TemplateVersionIn(BodyIn):
    """What a version says; it never changes, an edit is another version."""

    body = fields.Nested(BilingualIn, required=True, metadata=_BODY)
    publisher = fields.Nested(PublisherIn, required=True)
    media = fields.List(
        Identifier(),
        load_default=list,
        validate=validate.Length(max=5),
        metadata={"description": "Files that go with it"},
    )
    certificate = fields.Nested(CertificateIn, load_default=None, allow_none=True)
    ruling = fields.Nested(RulingIn, load_default=None, allow_none=True)
    is_synthetic = Flag(
        load_default=False, metadata={"description": "Made or altered by a machine: needs a label and a creator"}
    )
    label_verified = Flag(
        load_default=False, metadata={"description": "Somebody saw the label on the synthetic content"}
    )
    creator = Text(longest=200, load_default=None, allow_none=True, metadata={"description": "Who made it"})


class TemplateIn(TemplateVersionIn):
    """A new template with its first version."""

    name = Text(shortest=1, longest=200, required=True, metadata={"example": "Appeal to vote"})
    category = fields.String(required=True, validate=validate.OneOf(CATEGORIES))
    channel = channel_field(required=True)
    campaign_id = Identifier(
        load_default=None, allow_none=True, metadata={"description": "null: every campaign may use it"}
    )


class CertificateOut(Schema):
    """A certificate."""

    number = fields.String(required=True)
    authority = fields.String(required=True)
    issued_on = Day(required=True)
    valid_until = Day(required=True, allow_none=True)
    file_sha256 = fields.String(required=True)


class RulingOut(Schema):
    """A ruling."""

    kind = fields.String(required=True)
    by = fields.String(required=True)
    on = Day(required=True)
    note = fields.String(required=True)


class TemplateVersionOut(VersionOut):
    """A version of a template."""

    body = fields.Nested(BilingualOut, required=True, metadata={"description": "With its merge fields"})
    publisher = fields.Nested(BilingualOut, required=True)
    media = fields.List(fields.String(), required=True, metadata={"description": "Files that go with it"})
    certificate = fields.Nested(CertificateOut, required=True, allow_none=True)
    ruling = fields.Nested(RulingOut, required=True, allow_none=True)
    is_synthetic = fields.Boolean(required=True)
    label_verified = fields.Boolean(required=True)
    creator = fields.String(required=True, allow_none=True)


class TemplateListedOut(ListedOut):
    """A template in a list."""

    category = fields.String(required=True, validate=validate.OneOf(CATEGORIES))
    channel = fields.String(required=True)
    versions = fields.List(fields.Nested(VersionOut), required=True, metadata={"description": "Without what they say"})


class TemplateOut(TemplateListedOut):
    """A template with all its versions."""

    versions = fields.List(fields.Nested(TemplateVersionOut), required=True)


TemplatePageOut = page_schema(TemplateListedOut)


class TemplateQuery(ContentQuery):
    """Which templates."""

    channel = channel_field(load_default=None)
    category = fields.String(load_default=None, validate=validate.OneOf(CATEGORIES))


class TemplatePreviewQuery(Query):
    """In which language, and for whom; what is left out shows its fallback."""

    locale = fields.String(load_default="hi", validate=validate.OneOf(LOCALES))
    name = Text(longest=80, load_default=None)
    part = Text(longest=80, load_default=None)
    constituency = Text(longest=80, load_default=None)
    district = Text(longest=80, load_default=None)
    volunteer_name = Text(longest=80, load_default=None)
    campaign = Text(longest=80, load_default=None)


class SmsCountOut(Schema):
    """What a text takes as SMS."""

    encoding = fields.String(required=True, validate=validate.OneOf(("gsm7", "ucs2")))
    units = fields.Integer(required=True, metadata={"description": "Septets, or UTF-16 units of Unicode"})
    parts = fields.Integer(required=True)
    left = fields.Integer(required=True, metadata={"description": "Units free in the last part"})


class TemplatePreviewOut(Schema):
    """A template's text as a person would get it."""

    text = fields.String(required=True)
    sms = fields.Nested(SmsCountOut, required=True)


class MediaForm(FormIn):
    """What the file is."""

    label = Text(shortest=1, longest=200, required=True, metadata={"description": "For those who look for it"})


class MediaFiles(BodyIn):
    """The file."""

    file = UploadedFile(
        required=True, metadata={"description": "JPEG, PNG or WebP to 5 MB; MP3, AAC, M4A, OGG, WAV, AMR to 16"}
    )


class MediaOut(Schema):
    """A file of the library."""

    id = fields.String(required=True, attribute="_id")
    media_type = fields.String(required=True, metadata={"description": "As its content tells", "example": "image/png"})
    size = fields.Integer(required=True, metadata={"description": "In bytes"})
    sha256 = fields.String(required=True)
    label = fields.String(required=True)
    created_by = fields.String(required=True)
    created_at = UtcTime(required=True)
