"""Made-up phone numbers, EPIC-shaped ids and Aadhaar-like numbers: each index has its own, so none comes twice.

India keeps no range of mobile numbers for fiction, and a number must be one the numbering plan allows, or the import
would refuse it. The series used here are allowed and, as far as we know, given to no operator; that is no promise, so
a made-up number must never be dialled. Aadhaar-like numbers begin with 9999, as the issuing authority's own test
numbers do. EPIC prefixes begin with ZQ, which we have not seen on a card.
"""

from __future__ import annotations

from services.domain.dice import Dice
from services.domain.identifiers.verhoeff import passes_verhoeff

_SERIES = ("640", "644", "648", "649")
_IN_SERIES = 10**7
_MIX = 7_654_321  # shares no factor with a power of ten: neighbours get numbers far apart and every index its own


class MadeUpNumbers:
    """The numbers of one seed."""

    def __init__(self, seed: int) -> None:
        self._shift = Dice(f"numbers/{seed}").below(10**9)

    def phone(self, index: int) -> str:
        """Return ten digits; distinct for indexes below 40 million."""
        series, rest = divmod(self._mixed(index, len(_SERIES) * _IN_SERIES), _IN_SERIES)
        return f"{_SERIES[series]}{rest:07d}"

    def epic(self, index: int) -> str:
        """Return an id of today's shape, `ZQA1234567`; distinct for indexes below 10 million."""
        return f"ZQ{'ABCDEFGH'[index % 8]}{self._mixed(index, 10**7):07d}"

    def old_epic(self, ac_no: int, index: int) -> str:
        """Return an id of the old shape, `ZQ/24/024/123456`; distinct in a constituency below a million."""
        return f"ZQ/{ac_no % 100:02d}/{ac_no:03d}/{self._mixed(index, 10**6):06d}"

    def aadhaar_like(self, index: int) -> str:
        """Return twelve digits whose last is the right check digit."""
        digits = f"9999{self._mixed(index, 10**7):07d}"
        return next(whole for check in "0123456789" if passes_verhoeff(whole := digits + check))

    def _mixed(self, index: int, size: int) -> int:
        return (index * _MIX + self._shift) % size
