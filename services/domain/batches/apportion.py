"""Sharing out a whole number by weights, with nothing lost to rounding."""

from __future__ import annotations

from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Return shares that add up to `total`, by largest remainder; the earlier of two equals gets the odd one.

    While `total` is at most the sum of the weights, no share exceeds its weight.
    """
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares
