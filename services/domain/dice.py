"""Chance that can be repeated: the same key always throws the same dice. For made-up data, never for secrets."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """The throws of one key, in their order."""

    def __init__(self, key: str) -> None:
        self._draw = random.Random(key).random  # noqa: S311

    def happens(self, share: float) -> bool:
        """Tell whether something that happens to this share of cases happens now."""
        return self._draw() < share

    def below(self, limit: int) -> int:
        """Return a whole number of 0 … limit - 1; 0 for a limit that leaves nothing."""
        return int(self._draw() * max(limit, 1))

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[int(self._draw() * len(choices))]
