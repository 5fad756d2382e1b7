"""Spoiling a share of a sheet's rows, each in one of the ways seen in the wild (field-facts §3), and counting them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from services.domain.dice import Dice
from services.domain.roll.numbers import MadeUpNumbers
from services.domain.roll.sheet import FIELDS

Lines = list[list[str]]

_AT = {field: place for place, field in enumerate(FIELDS)}
_TO_DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
_WHO = ("name_hi", "name", "phone", "facebook", "instagram", "x")
_SPARE_PHONES = 2_000_000  # indexes above every person's own and every household's


class Mess:
    """Spoils exactly `round(rows · share)` rows of a sheet, spread at random but the same for the same seed.

    A line of totals at the bottom counts as one of them. Blank lines and people told twice come on top of the rows.
    """

    def __init__(self, *, rows: int, share: float, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self._rows = self._rows_left = rows
        wanted = round(rows * share)
        self._has_total = wanted > 0
        self._spoils_left = wanted - self._has_total
        self._dice = Dice(f"mess/{seed}")
        self._numbers = MadeUpNumbers(seed)

    def spoil(self, row: list[str]) -> Lines:
        """Return the lines to write for the next row: itself, or what became of it."""
        # Selection sampling: by the last row exactly the wanted number has been picked.
        picked = self._dice.happens(self._spoils_left / self._rows_left)
        self._rows_left -= 1
        if not picked:
            return [row]
        self._spoils_left -= 1
        kind = self._dice.pick(_OF_PHONE_OWNERS if row[_AT["phone"]] else _OF_ANYONE)
        self.counts[kind] += 1
        return _KINDS[kind](self, row)

    def bottom(self) -> Lines:
        """Return the lines after the last row."""
        if not self._has_total:
            return []
        self.counts["total_line"] += 1
        return [_with([""] * len(FIELDS), part_no="कुल", serial_no=str(self._rows))]

    def devanagari_digits(self, row: list[str]) -> Lines:
        """Every number of the row in Devanagari."""
        numeric = ("ac_no", "part_no", "section", "serial_no", "house_no", "age", "phone")
        return [_with(row, **{field: row[_AT[field]].translate(_TO_DEVANAGARI) for field in numeric})]

    def scientific_phone(self, row: list[str]) -> Lines:
        """`9.876543E+09`: a spreadsheet's doing, the last digits are lost."""
        return [_with(row, phone=f"{int(_phone(row)):.6E}")]

    def spaced_phone(self, row: list[str]) -> Lines:
        """`+91 98765-43210`."""
        return [_with(row, phone=f"+91 {_phone(row)[:5]}-{_phone(row)[5:]}")]

    def zero_phone(self, row: list[str]) -> Lines:
        """`09876543210`."""
        return [_with(row, phone=f"0{_phone(row)}")]

    def two_phones(self, row: list[str]) -> Lines:
        """Two numbers in one cell."""
        second = self._numbers.phone(_SPARE_PHONES + self._rows_left)
        return [_with(row, phone=_phone(row) + self._dice.pick((" / ", ", ", " ")) + second)]

    def told_twice(self, row: list[str]) -> Lines:
        """The same person on two lines."""
        return [row, row]

    def blank_line(self, row: list[str]) -> Lines:
        """An empty line after the row, which itself is good."""
        return [row, [""] * len(row)]

    def aadhaar_like(self, row: list[str]) -> Lines:
        """An Aadhaar-like number where the phone should be."""
        return [_with(row, phone=self._numbers.aadhaar_like(self._rows_left))]

    def under_age(self, row: list[str]) -> Lines:
        """A child."""
        return [_with(row, age=str(9 + self._dice.below(9)))]

    def nobody(self, row: list[str]) -> Lines:
        """Neither a name nor an address."""
        return [_with(row, **dict.fromkeys(_WHO, ""))]

    def bad_part(self, row: list[str]) -> Lines:
        """A part that the constituency does not have."""
        return [_with(row, part_no=self._dice.pick(("0", "9999", "बूथ")))]


_OF_ANYONE = ("devanagari_digits", "told_twice", "blank_line", "aadhaar_like", "under_age", "nobody", "bad_part")
_OF_PHONE_OWNERS = (*_OF_ANYONE, "scientific_phone", "spaced_phone", "zero_phone", "two_phones")
_KINDS: dict[str, Callable[[Mess, list[str]], Lines]] = {kind: getattr(Mess, kind) for kind in _OF_PHONE_OWNERS}


def _phone(row: list[str]) -> str:
    return row[_AT["phone"]]


def _with(row: list[str], **changes: str) -> list[str]:
    changed = row.copy()
    for field, value in changes.items():
        changed[_AT[field]] = value
    return changed
