"""The places that ship with Sampark, read from `data/areas/` into plain records; the domain makes the tree of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

_FILE = Path(__file__).with_name("data") / "areas" / "rajasthan.json"

PlaceKind = Literal["state", "district", "constituency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place as the file has it; a constituency tells how many electors and parts it has."""

    id: str
    kind: PlaceKind
    code: str
    name_hi: str
    name_en: str
    parent_id: str | None = None
    aliases: tuple[str, ...] = ()
    electors: int | None = None
    parts: int = 0
    effective_from: date | None = None
    effective_to: date | None = None


@cache
def load_places() -> tuple[Place, ...]:
    """Return state, districts and constituencies, parents before children; the file is read once."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    state = _place("state", data["state"])
    districts = (_place("district", {"parent_id": state.id, **row}) for row in data["districts"])
    constituencies = (_place("constituency", row) for row in data["constituencies"])
    return (state, *districts, *constituencies)


def _place(kind: PlaceKind, row: dict[str, Any]) -> Place:
    fields = {**row, "aliases": tuple(row.get("aliases", ()))}
    for name in ("effective_from", "effective_to"):
        if name in row:
            fields[name] = date.fromisoformat(row[name])
    return Place(kind=kind, **fields)
