"""How many parts an SMS takes: GSM 7-bit where its alphabet suffices, else UCS-2 (3GPP TS 23.038, 23.040)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_BEYOND_BMP = 0xFFFF
# Encoding → units that fit in one message by itself, and in each part of a joined one.
LIMITS = {"gsm7": (160, 153), "ucs2": (70, 67)}


class SmsCount(NamedTuple):
    """The encoding of a text, its length in units of it, its parts, and the units still free in the last."""

    encoding: str
    units: int
    parts: int
    left: int


def count_parts(text: str) -> SmsCount:
    """Return what a text takes: 160 or 153 septets a part, 70 or 67 UTF-16 units once one character needs them."""
    gsm = all(sign in _BASIC or sign in _EXTENDED for sign in text)
    encoding = "gsm7" if gsm else "ucs2"
    single, joined = LIMITS[encoding]
    costs = [2 if sign in _EXTENDED else 1 for sign in text] if gsm else [_utf16(sign) for sign in text]
    units = sum(costs)
    if units <= single:
        return SmsCount(encoding, units, 1 if units else 0, single - units)
    parts, used = _pack(costs, joined)
    return SmsCount(encoding, units, parts, joined - used)


def _utf16(sign: str) -> int:
    return 2 if ord(sign) > _BEYOND_BMP else 1


def _pack(costs: Iterable[int], size: int) -> tuple[int, int]:
    """Fill parts in order; an escaped character or a surrogate pair is never cut in two."""
    parts, used = 1, 0
    for cost in costs:
        if used + cost > size:
            parts, used = parts + 1, 0
        used += cost
    return parts, used
