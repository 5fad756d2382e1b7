"""Phone numbers as people write them in sheets, turned into E.164 or refused with a reason."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType

from services.domain.identifiers.aadhaar import looks_like_aadhaar
from services.domain.text import latin_digits

PhoneKind = Literal["mobile", "landline"]

MAX_NUMBERS = 5
MAX_CELL = 200


def _mobile_pattern() -> re.Pattern[str]:
    """The library's own pattern of Indian mobiles: asked directly it costs 0.3 µs, by way of a full parse 15 µs."""
    metadata = PhoneMetadata.metadata_for_region("IN")
    if metadata is None or metadata.mobile is None or not metadata.mobile.national_number_pattern:
        raise RuntimeError("phonenumbers came without its metadata for India")
    return re.compile(metadata.mobile.national_number_pattern)


_MOBILE_METADATA = _mobile_pattern()
_MOBILE_SHAPE = re.compile(r"[6-9][0-9]{9}")
_PLAIN = re.compile(r"(?:\+91)?([6-9][0-9]{9})")
_SCIENTIFIC = re.compile(r"\+?([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})")
_DECIMAL_TAIL = re.compile(r"(?<=[0-9])\.0+$")
_EXCEL_TEXT = re.compile(r'^(?:="(.*)"|\'(.*))$')
_HARD_SEPARATOR = re.compile(r"[/\\,;|&\n\r\t]+|(?<=[0-9])\s*(?:and|or|एवं|और|तथा|या|व)\s*(?=[0-9+(])")
_NATIONAL = re.compile(r"(?:\+91|0{0,2}91|0{0,2})0?([1-9][0-9]{9})")
# Words beside a number ("Mob.", "घर") are dropped; letters amid its digits spoil it.
_LABELS = re.compile(r"[^0-9+\s().\-–]+")
_SPOILT = re.compile(r"[0-9][^\W\d_]+[0-9]")
_NOT_NUMBER = re.compile(r"[^0-9+]+")
_ZEROS = re.compile(r"[0\W]+")
# As people write them into a text, with gaps: a mobile, a landline with its zero, whatever follows a plus.
_GAP = r"[\s().\-–]{0,2}"
_IN_TEXT = re.compile(
    rf"(?<!\d)(?:(?:\+?{_GAP}[9९]{_GAP}[1१]|[0०]){_GAP})?[6-9६-९](?:{_GAP}\d){{9}}(?!\d)"
    rf"|(?<!\d)[0०]{_GAP}[1-9१-९](?:{_GAP}\d){{8,9}}(?!\d)"
    rf"|\+\d(?:{_GAP}\d){{7,14}}(?!\d)"
)


class Phone(NamedTuple):
    """One number that can be dialled; only a mobile takes messages."""

    e164: str
    kind: PhoneKind


class PhoneCell(NamedTuple):
    """What one cell held: its numbers in the order written, without repeats, and the codes of what was refused."""

    numbers: tuple[Phone, ...] = ()
    problems: tuple[str, ...] = ()


_EMPTY = PhoneCell()


def parse_phones(cell: str) -> PhoneCell:
    """Read every number of a cell; never raises.

    Codes: `phone_invalid`, `phone_lost_digits`, `phone_foreign`, `phone_too_many`, `aadhaar_like`.
    """
    plain = _PLAIN.fullmatch(cell)
    if plain and _MOBILE_METADATA.fullmatch(plain[1]):
        return PhoneCell((Phone(f"+91{plain[1]}", "mobile"),))
    text = _unwrap(cell)
    if not text or _ZEROS.fullmatch(text):
        return _EMPTY
    if len(text) > MAX_CELL:
        return PhoneCell(problems=("phone_invalid",))
    found: dict[Phone, None] = {}
    problems: dict[str, None] = {}
    for piece in _pieces(text):
        for result in _read_piece(piece):
            if isinstance(result, Phone):
                found[result] = None
            else:
                problems[result] = None
    if len(found) > MAX_NUMBERS:
        problems["phone_too_many"] = None
    return PhoneCell(tuple(found), tuple(problems))


def mask_phone(e164: str) -> str:
    """`+919876543210` → `+91 98••••••10`: enough to recognise, not enough to dial."""
    national = e164.removeprefix("+91")
    return f"+91 {national[:2]}{'•' * max(len(national) - 4, 0)}{national[-2:]}"


def without_phones(text: str) -> str:
    """Return the text with a mark in the place of whatever reads as a phone number, in Latin or Hindi digits."""
    return _IN_TEXT.sub("[…]", text)


def _unwrap(cell: str) -> str:
    """The text with ASCII digits, without what spreadsheets wrap around numbers to keep them as text."""
    text = latin_digits(cell.strip())
    if wrapped := _EXCEL_TEXT.match(text):
        text = (wrapped[1] or wrapped[2] or "").strip()
    return text


def _pieces(text: str) -> list[str]:
    if _SCIENTIFIC.fullmatch(text):
        return [text]
    return [piece for piece in (part.strip() for part in _HARD_SEPARATOR.split(text)) if piece]


def _read_piece(piece: str) -> list[Phone | str]:
    """The numbers of a piece that has no hard separator, or the one code why it has none."""
    if scientific := _SCIENTIFIC.fullmatch(piece):
        whole = _expand(scientific)
        return [_read_number(whole) if whole else "phone_lost_digits"]
    if _SPOILT.search(piece):
        return ["phone_invalid"]
    piece = _LABELS.sub(" ", _DECIMAL_TAIL.sub("", piece)).strip()
    single = _read_number(piece)
    if isinstance(single, Phone) or single == "aadhaar_like":
        return [single]
    several = _read_groups(piece.split())
    return list(several) if several else [single]


def _expand(scientific: re.Match[str]) -> str | None:
    """All digits of `9.876543210E+09`, or None when the notation has dropped some."""
    digits = scientific[1] + (scientific[2] or "")
    length = int(scientific[3]) + 1
    return digits[:length] if len(digits) >= length and not digits[length:].strip("0") else None


def _read_groups(groups: list[str]) -> list[Phone] | None:
    """Numbers parted by nothing but spaces (`98765 43210 91234 56780`): the split that leaves no group over."""
    if not groups:
        return []
    for size in range(1, min(len(groups), 5) + 1):
        first = _read_number(" ".join(groups[:size]))
        if isinstance(first, Phone) and (rest := _read_groups(groups[size:])) is not None:
            return [first, *rest]
    return None


def _read_number(text: str) -> Phone | str:
    """One number with its prefixes and inner spaces, or the code why it is none."""
    if looks_like_aadhaar(text, of_phones=True):
        return "aadhaar_like"
    digits = _NOT_NUMBER.sub("", text)
    match = _NATIONAL.fullmatch(digits)
    if match is None:
        return _read_foreign(digits)
    national = match[1]
    if _MOBILE_SHAPE.fullmatch(national) and _MOBILE_METADATA.fullmatch(national):
        return Phone(f"+91{national}", "mobile")
    # Ten bare digits that start with 1–5 are more often a mistyped mobile than a landline without its 0.
    written_as_landline = len(digits) > len(national) or len(text.strip()) > len(digits) or national[0] in "6789"
    return _read_landline(national) if written_as_landline else "phone_invalid"


def _read_landline(national: str) -> Phone | str:
    number = phonenumbers.PhoneNumber(country_code=91, national_number=int(national))
    if phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE:
        return Phone(f"+91{national}", "landline")
    return "phone_invalid"


def _read_foreign(digits: str) -> str:
    international = "+" + digits[2:] if digits.startswith("00") else digits
    if not international.startswith("+") or international.startswith("+91"):
        return "phone_invalid"
    try:
        number = phonenumbers.parse(international, None)
    except phonenumbers.NumberParseException:
        return "phone_invalid"
    return "phone_foreign" if phonenumbers.is_valid_number(number) else "phone_invalid"
