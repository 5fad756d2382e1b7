"""The shapes of contacts: masked, with their addresses and where each came from."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import BodyIn, Flag, Identifier, PagedQuery, Reference, Text, UtcTime, page_schema
from services.domain.contacts.contacts import WITHDRAWN
from services.domain.sheets.cells import ADULT, MAX_TAG, MAX_TAGS, OLDEST
from services.domain.sheets.sources import BASES

GENDERS = ("male", "female", "third", "unknown")
RELATIONS = ("father", "mother", "husband", "other")
ADDRESS_STATES = ("ok", "quarantined", "dead")
STATUSES = ("untouched", "tried", "callback", "in_batch", "done", "not_enrolled")
_LANGUAGE = validate.Regexp(r"^[a-z]{2,3}$")


class ContactQuery(PagedQuery):
    """Which contacts: of a campaign, or of all places in reach."""

    campaign_id = Reference(
        "campaign",
        metadata={"description": "Without it all people in reach; an exact number then finds them anywhere"},
    )
    area = Reference("area", metadata={"description": "District, constituency or part", "example": "ac-24-17"})
    q = Text(
        load_default=None,
        shortest=1,
        longest=120,
        metadata={"description": "Words of a name in either script, or an exact phone number, EPIC or @handle"},
    )
    house = Text(
        load_default=None,
        shortest=1,
        longest=60,
        metadata={"description": "House number, or words of it", "example": "12-B"},
    )
    relative = Text(
        load_default=None,
        shortest=1,
        longest=120,
        metadata={"description": "Words of the relative's name, in either script"},
    )
    tag = Text(load_default=None, shortest=1, longest=MAX_TAG)
    status = fields.String(
        load_default=None,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "How the person stands in the campaign, which must be named with it"},
    )
    quarantined = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "Whether an address waits in quarantine"}
    )


class AddressSourceOut(Schema):
    """Where an address came from."""

    id = fields.String(required=True)
    name = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)


class ContactAddressOut(Schema):
    """What a channel reaches the person by."""

    id = fields.String(required=True)
    kind = fields.String(required=True, metadata={"example": "mobile"})
    masked = fields.String(required=True, metadata={"example": "+91 98••••••10"})
    state = fields.String(required=True, validate=validate.OneOf(ADDRESS_STATES))
    why = fields.String(
        allow_none=True,
        metadata={
            "description": "What keeps it in quarantine: no_place, basis, unattested, joined, given, decided, withdrawn"
        },
    )
    dead_channels = fields.List(fields.String(), required=True)
    preferred = fields.Boolean(required=True)
    suppressed = fields.Boolean(required=True)
    basis = fields.String(required=True, validate=validate.OneOf(BASES))
    collected_on = fields.String(required=True)
    notice_version = fields.String(allow_none=True)
    source = fields.Nested(AddressSourceOut, required=True)


class StandingOut(Schema):
    """Where the person stands in the campaign."""

    state = fields.String(required=True, metadata={"example": "open"})
    attempts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    total = fields.Integer(required=True)
    last_at = UtcTime(allow_none=True)
    last_disposition = fields.String(allow_none=True)
    next_at = UtcTime(allow_none=True)
    batch_id = fields.String(allow_none=True)


class TellingOut(Schema):
    """What one source says of a fact on which sources disagree."""

    field = fields.String(required=True, metadata={"description": "Which fact", "example": "age"})
    value = fields.Raw(required=True, metadata={"description": "What it says, masked", "example": 41})
    holds = fields.Boolean(required=True, metadata={"description": "Whether it is the one that is used"})
    source = fields.Nested(AddressSourceOut, required=True)


class ContactOut(Schema):
    """A person, masked."""

    id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("active", "moved", "deceased", "erased", "retired")))
    district_id = fields.String(required=True, allow_none=True)
    constituency_id = fields.String(required=True, allow_none=True)
    part_id = fields.String(required=True, allow_none=True, metadata={"example": "ac-24-17"})
    serial_no = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True, metadata={"example": "S••• D•••"})
    name_hi = fields.String(required=True, allow_none=True)
    relative_name = fields.String(required=True, allow_none=True)
    relation = fields.String(required=True, allow_none=True)
    house_no = fields.String(required=True, allow_none=True, metadata={"example": "1•••"})
    gender = fields.String(required=True, validate=validate.OneOf(GENDERS))
    age = fields.Integer(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    addresses = fields.List(fields.Nested(ContactAddressOut), required=True)
    suppressed = fields.Boolean(required=True, metadata={"description": "The person, whatever the address"})
    merged_from = fields.List(
        fields.String(), required=True, metadata={"description": "Contacts that were found to be this person"}
    )
    told_differently = fields.List(
        fields.String(), required=True, metadata={"description": "Facts on which sources disagree"}
    )
    tellings = fields.List(
        fields.Nested(TellingOut), required=True, metadata={"description": "What each source says of those facts"}
    )
    standing = fields.Nested(StandingOut, required=True, allow_none=True)
    standings = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(StandingOut),
        metadata={"description": "By campaign, where one contact is shown"},
    )


ContactPageOut = page_schema(ContactOut)


class AddressDecisionIn(BodyIn):
    """What becomes of one address."""

    id = Identifier(required=True)
    state = fields.String(validate=validate.OneOf(ADDRESS_STATES))
    basis = fields.String(validate=validate.OneOf(BASES))
    preferred = Flag()
    why = fields.String(
        validate=validate.OneOf((WITHDRAWN,)),
        metadata={"description": "`withdrawn`: the person took the consent back; only their own word frees it again"},
    )


class ContactPatch(BodyIn):
    """What of a contact is to be corrected; null takes a fact away."""

    name = Text(shortest=1, longest=120)
    name_hi = Text(shortest=1, longest=120, allow_none=True)
    relative_name = Text(shortest=1, longest=120, allow_none=True)
    relation = fields.String(validate=validate.OneOf(RELATIONS), allow_none=True)
    house_no = Text(shortest=1, longest=60, allow_none=True)
    section = Text(shortest=1, longest=120, allow_none=True)
    address = Text(shortest=1, longest=400, allow_none=True)
    gender = fields.String(validate=validate.OneOf(GENDERS))
    age = fields.Integer(strict=True, validate=validate.Range(ADULT, OLDEST), allow_none=True)
    language = fields.String(validate=_LANGUAGE, allow_none=True, metadata={"example": "mwr"})
    tags = fields.List(Text(shortest=1, longest=MAX_TAG), validate=validate.Length(max=MAX_TAGS))
    part = Identifier(metadata={"description": "For a person without a place"})
    addresses = fields.List(fields.Nested(AddressDecisionIn), validate=validate.Length(max=20))


class ContactMergeIn(BodyIn):
    """Whom a contact was found to be."""

    into = Identifier(required=True, metadata={"description": "The contact that stays"})


class HistoryEntryOut(Schema):
    """Something that happened to a contact."""

    kind = fields.String(required=True, metadata={"example": "contacted"})
    at = UtcTime(allow_none=True)
    on = fields.String(metadata={"description": "When the source of an import was collected"})
    import_id = fields.String()
    by = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    channel = fields.String()
    campaign_id = fields.String()
    outcome_id = fields.String()
    contact_id = fields.String(metadata={"description": "The other one of a merge"})


HistoryPageOut = page_schema(HistoryEntryOut)
