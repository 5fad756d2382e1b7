"""Figures for whoever may see no single person: told in tens, so that no sum or difference of them is of a few.

Rounding, not suppression: the same people are counted by district, part, channel and day, for any days, and again a
minute later, and what one of these hides another one tells (docs/decisions/small-cells.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
# Digits of a rate made of figures in tens.
_RATE_DIGITS = 2


def in_tens(number: int, *, fewest: int) -> int | None:
    """Return a count rounded down to a multiple of `fewest`; None below that, for a few and for nobody alike.

    So whatever is added to or taken from each other is a multiple as well: never one to nine people.
    """
    return number - number % fewest if number >= fewest else None


def counts_in_tens(counts: Mapping[str, int], *, fewest: int) -> dict[str, int]:
    """Return counts in tens; those of fewer are left out."""
    told = {name: in_tens(number, fewest=fewest) for name, number in counts.items()}
    return {name: number for name, number in told.items() if number is not None}


def row_in_tens(row: Row, *, fewest: int) -> dict[str, Any]:
    """Return a row of a report with its figures in tens, and its rate made of these."""
    told: dict[str, Any] = dict(row)
    for name in ("attempts", "contacted", "opt_outs", "late", "targets"):
        if row.get(name) is not None:
            told[name] = in_tens(row[name], fewest=fewest)
    for name in ("outcomes", "support"):
        if name in row:
            told[name] = counts_in_tens(row[name], fewest=fewest)
    told["contact_rate"] = share_in_tens(told["contacted"], told["attempts"])
    return told


def share_in_tens(part: int | None, whole: int | None) -> float | None:
    """Return the share of two figures in tens; None where either is not told."""
    return None if part is None or not whole else round(part / whole, _RATE_DIGITS)


def without_few(counts: Mapping[str, int | None], *, fewest: int, whole: bool) -> dict[str, int | None]:
    """Return exact counts of people, null for those of fewer than `fewest`, for whoever is told all others exactly.

    Where they add up to a `whole` that is told, so many others are null too that what is missing is not few:
    the smallest first (secondary suppression).
    """
    known = {name: number for name, number in counts.items() if number}
    hidden = {name for name, number in known.items() if number < fewest}
    missing = sum(known[name] for name in hidden)
    for name in sorted(known.keys() - hidden, key=lambda name: (known[name], name)):
        if not whole or missing == 0 or missing >= fewest:
            break
        hidden.add(name)
        missing += known[name]
    return {name: None if name in hidden else number for name, number in counts.items()}
