"""What looks like an Aadhaar number: twelve digits with a valid Verhoeff check, which Sampark never keeps."""

from __future__ import annotations

import re

from services.domain.identifiers.verhoeff import passes_verhoeff
from services.domain.text import latin_digits

# The usual writings, anywhere in a text: all in one or in fours; a plus before them makes a phone number.
# A digit is asked for before what stands before it: so most of a text is passed over at once.
_IN_TEXT = re.compile(r"[2-9२-९](?<![\d+].)\d{3}[\s.\-–]?\d{4}[\s.\-–]?\d{4}(?!\d)")
_GAPS = re.compile(r"[\s.\-–]")
_SHAPE = re.compile(r"[2-9][0-9]{11}")
_PREFIXED_MOBILE = re.compile(r"91[6-9][0-9]{9}")
_COUNTRY_SET_APART = re.compile(r"91[\s()\-–]+[6-9]")


def looks_like_aadhaar(text: str, *, of_phones: bool = False) -> bool:
    """Whether the whole text is such a number, however its digits are grouped.

    `91` before a mobile number is the hard case, as one such number in ten passes the check by chance: it is taken
    for a phone when a plus or a gap sets the 91 apart, and where phones are expected; elsewhere for Aadhaar.
    """
    text = latin_digits(text.strip())
    digits = _GAPS.sub("", text)
    if not _SHAPE.fullmatch(digits) or not passes_verhoeff(digits) or _COUNTRY_SET_APART.match(text):
        return False
    return not (of_phones and _PREFIXED_MOBILE.fullmatch(digits))


def holds_aadhaar(text: str, *, of_phones: bool = False) -> bool:
    """Whether such a number stands anywhere in the text; `of_phones` where the text is a cell of phone numbers."""
    return any(looks_like_aadhaar(found, of_phones=of_phones) for found in _IN_TEXT.findall(text))


def without_aadhaar(text: str | None) -> str | None:
    """Return the text with a mark in the place of each such number; an outcome is not refused for what a note says."""
    if text is None:
        return None
    return _IN_TEXT.sub(lambda found: "[…]" if looks_like_aadhaar(found[0]) else found[0], text)
