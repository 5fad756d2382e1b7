"""Makes marshmallow name what is wrong by our codes: `errors` is for programs, the same in every language."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from config.paths import read_json

# Code → what it means: those of shapes and those of the rules behind them; docs/problems.md lists them.
FIELD_CODES: dict[str, str] = read_json("field_codes.json")

_OF_FIELDS: dict[type[fields.Field], dict[str, str]] = {  # type: ignore[type-arg]
    fields.Field: {"required": "required", "null": "null_not_allowed", "validator_failed": "invalid"},
    fields.Nested: {"type": "not_an_object"},
    fields.List: {"invalid": "not_a_list"},
    fields.String: {"invalid": "not_a_text", "invalid_utf8": "not_a_text"},
    fields.UUID: {"invalid_uuid": "uuid_invalid"},
    fields.Number: {"invalid": "not_a_number", "too_large": "out_of_range"},
    fields.Integer: {"invalid": "not_a_whole_number"},
    fields.Float: {"special": "not_a_number"},
    fields.Boolean: {"invalid": "not_a_boolean"},
    fields.Date: {"invalid": "not_a_date", "format": "not_a_date"},
    fields.Mapping: {"invalid": "not_an_object"},
}


def speak_in_codes() -> None:
    """Replace the sentences that marshmallow says by default; called once, before any field is made."""
    for kind, messages in _OF_FIELDS.items():
        kind.default_error_messages = {**kind.default_error_messages, **messages}
    Schema.error_messages = {"type": "not_an_object", "unknown": "unknown_field"}
    validate.Range.message_min = validate.Range.message_max = validate.Range.message_all = "out_of_range"
    validate.Length.message_min = "too_short"
    validate.Length.message_max = "too_long"
    validate.Length.message_all = validate.Length.message_equal = "length_out_of_range"
    validate.OneOf.default_message = validate.ContainsOnly.default_message = "unknown_name"
    validate.Regexp.default_message = "wrong_form"
    validate.Equal.default_message = validate.NoneOf.default_message = validate.Predicate.default_message = "invalid"
