"""The common names that made-up roll sheets are drawn from, read from `data/roll/names.csv`.

They were picked to say as little as names can about caste and religion: no clan names, only the second names that
people of many communities share.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("data") / "roll" / "names.csv"


class Name(NamedTuple):
    """One name in both scripts."""

    hi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameStock:
    """First and second names of men and women; a name stands in its tuple as often as its weight says."""

    male_first: tuple[Name, ...]
    male_second: tuple[Name, ...]
    female_first: tuple[Name, ...]
    female_second: tuple[Name, ...]


@cache
def load_names() -> NameStock:
    """Return the names; the file is read once."""
    stock: dict[str, list[Name]] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            stock.setdefault(row["kind"], []).extend([Name(row["hi"], row["en"])] * int(row["weight"]))
    return NameStock(**{kind: tuple(names) for kind, names in stock.items()})
