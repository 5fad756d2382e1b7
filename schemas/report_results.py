"""The shapes of what came of people: response rates and the funnel."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from schemas.base import Identifier, Query, Reference, UtcTime, channel_field, rounded_to_field

RATE_ROWS = ("constituency", "part", "channel")
E_METHODS = ("proportional_allocation", "given", "none")
STAGES = ("targets", "attempted", "reached", "spoken", "completed")
_NAMES = (
    *("RR1", "RR2", "RR3", "RR4", "RR5", "RR6", "COOP1", "COOP2", "COOP3", "COOP4"),
    *("REF1", "REF2", "REF3", "CON1", "CON2", "CON3"),
)
_FEW = "null where it is of fewer than ten people, for observers and experts"


class RatesQuery(Query):
    """Whose rates, and how unknown cases are taken."""

    campaign_id = Identifier(required=True)
    by = fields.String(
        load_default=None, validate=validate.OneOf(RATE_ROWS), metadata={"description": "What each row is of"}
    )
    area = Reference("area", metadata={"example": "ac-24"})
    channel = channel_field(load_default=None, metadata={"description": "One channel; else the person over all"})
    e = fields.Float(
        load_default=None,
        validate=validate.Range(0, 1),
        metadata={"description": "Share of unknown cases taken to be eligible, if it is known better"},
    )
    unattempted = fields.Boolean(
        load_default=False, metadata={"description": "Count people who were never tried as of unknown eligibility"}
    )


class EligibilityOut(Schema):
    """Which share of the cases of unknown eligibility is taken to be eligible."""

    value = fields.Float(required=True, allow_none=True, metadata={"example": 0.9})
    method = fields.String(
        required=True,
        validate=validate.OneOf(E_METHODS),
        metadata={"description": "(I+P+R+NC+O) / (I+P+R+NC+O+NE), or as asked for; none: all count as eligible"},
    )


class DispositionPeopleOut(Schema):
    """How many people have a final disposition."""

    disposition = fields.String(required=True)
    aapor_code = fields.String(
        required=True, allow_none=True, metadata={"description": "Its final disposition code", "example": "2.112"}
    )
    aapor_class = fields.String(
        required=True, allow_none=True, metadata={"description": "I, P, R, NC, O, UH, UO or NE", "example": "R"}
    )
    people = fields.Integer(required=True, metadata={"description": "Persons, each counted once"})


class RatedOut(Schema):
    """Cases and rates by the AAPOR Standard Definitions; a case is a person, by their final disposition.

    An interview once made stays; else the latest attempt that told something of the person counts; else the latest.
    """

    people = fields.Integer(
        required=True, allow_none=True, metadata={"description": f"Persons tried at least once; {_FEW}"}
    )
    unattempted = fields.Integer(
        required=True, allow_none=True, metadata={"description": f"Persons enrolled and never tried; {_FEW}"}
    )
    unclassified = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Persons of whom only codes without an AAPOR class are told; in no rate"},
    )
    cases = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(allow_none=True),
        required=True,
        metadata={"description": f"Persons by class: I, P, R, NC, O, UH, UO, NE; {_FEW}", "example": {"I": 12}},
    )
    dispositions = fields.List(
        fields.Nested(DispositionPeopleOut),
        required=True,
        metadata={
            "description": "By AAPOR code; those of fewer than ten people are left out for observers and experts"
        },
    )
    e = fields.Nested(EligibilityOut, required=True, metadata={"description": "How unknown cases are taken"})
    rates = fields.Dict(
        keys=fields.String(validate=validate.OneOf(_NAMES)),
        values=fields.Float(allow_none=True),
        required=True,
        metadata={
            "description": "RR1–RR6, COOP1–COOP4, REF1–REF3, CON1–CON3, of the cases that are told; null without any",
            "example": {"RR1": 0.3636},
        },
    )


class RatedRowOut(RatedOut):
    """The rates of one row."""

    key = fields.String(required=True, metadata={"description": "Id of what the row is by", "example": "ac-24"})
    label = fields.String(required=True, metadata={"description": "Its name in the reader's language"})


class RatesOut(RatedOut):
    """The rates of all together, and of each row."""

    rows = fields.List(fields.Nested(RatedRowOut), required=True, metadata={"description": "Sorted by key"})
    standard = fields.String(required=True, metadata={"description": "By which edition of the definitions"})
    rounded_to = rounded_to_field()
    as_of = UtcTime(required=True, metadata={"description": "When this was counted"})


class FunnelQuery(Query):
    """Whose funnel."""

    campaign_id = Identifier(required=True)
    area = Reference("area", metadata={"example": "ac-24"})
    channel = channel_field(
        load_default=None,
        metadata={
            "description": "One channel; else stages are of the person over all, readiness by the campaign's first"
        },
    )


class StageOut(Schema):
    """How many people have come so far."""

    key = fields.String(
        required=True,
        validate=validate.OneOf(STAGES),
        metadata={"description": "Enrolled, tried, reached (AAPOR's contacts), spoken with, done with"},
    )
    people = fields.Integer(required=True, allow_none=True, metadata={"description": f"Persons; {_FEW}"})


class ReportFunnelOut(Schema):
    """From enrolled to done."""

    stages = fields.List(fields.Nested(StageOut), required=True, metadata={"description": "Each within the one before"})
    opt_outs = fields.Integer(
        required=True, allow_none=True, metadata={"description": "People who asked not to be contacted again"}
    )
    channel = fields.String(required=True, metadata={"description": "By which readiness is meant", "example": "call"})
    matched = fields.Integer(required=True, allow_none=True, metadata={"description": f"Persons enrolled; {_FEW}"})
    ready = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": f"Of these, whom nothing forbids to contact now; {_FEW}"},
    )
    blocked = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={
            "description": "Persons by reason, each under each of theirs; reasons of a few are left out for observers",
            "example": {"no_address": 120},
        },
    )
    counted_at = UtcTime(
        required=True,
        allow_none=True,
        metadata={"description": "The time that readiness is of; null: it is being counted for the first time"},
    )
    rounded_to = rounded_to_field()
    as_of = UtcTime(required=True, metadata={"description": "When the stages were read"})
