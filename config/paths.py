"""Where the files lie that ship with the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
LOCALES = Path(__file__).parent / "locales"


def read_json(name: str) -> Any:
    """Return the content of a JSON file of config/data."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))
