"""The data files that ship with Sampark, as plain values: the domain gives them meaning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("data")


def default_rules() -> dict[str, Any]:
    """Return the rules that hold where no campaign says otherwise."""
    return _read("rules.json")


def dispositions() -> dict[str, Any]:
    """Return the catalogue of call results and message steps."""
    return _read("dispositions.json")


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((_DATA / name).read_text(encoding="utf-8"))
    return data
