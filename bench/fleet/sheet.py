"""A made-up roll in a sheet, with the source that an office would declare for it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from .connection import Json
from .stage import sampark

_PHONE_SHARE = 0.6
# What the roll itself says is public; what people gave themselves has their consent, and says under which notice.
_GIVEN = ("phone", "phone_2", "whatsapp", "facebook", "instagram", "x")
_PHONE_HEADING = "मोबाइल नंबर"


@dataclass
class Sheet:
    """A made-up roll on disk, and what its maker says is in it."""

    path: Path
    summary: Json

    def phones(self) -> list[str]:
        """Return the well-written numbers, in order."""
        with self.path.open(encoding="utf-8", newline="") as file:
            cells = (row[_PHONE_HEADING] for row in csv.DictReader(file))
            return [f"+91{cell}" for cell in cells if len(cell) == 10 and cell.isascii() and cell.isdecimal()]

    def source(self, collected_on: str) -> Json:
        """Return where its people come from."""
        return {
            "name": "Made-up roll of the four seats",
            "kind": "electoral_roll",
            "lawful_basis": "roll_public",
            "collected_on": collected_on,
            "notice_version": "2026-1",
            "field_basis": dict.fromkeys(_GIVEN, "consent"),
        }


def generate(directory: Path, *, rows: int, seed: int, mess: float) -> Sheet:
    """Make up a roll sheet, a share of its rows spoilt in the ways that offices spoil them."""
    path = directory / "roll.csv"
    wanted = ("--rows", str(rows), "--seed", str(seed), "--mess", str(mess), "--phones", str(_PHONE_SHARE))
    return Sheet(path, sampark("roll", "generate", *wanted, "--out", str(path)))
