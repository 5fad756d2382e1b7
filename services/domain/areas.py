"""The place tree: state, districts, constituencies, parts and sections, and how a sheet's words find them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from config.places import Place
from services.domain.batches.apportion import apportion
from services.domain.text import clean, fold, latin_digits

AreaKind = Literal["state", "district", "constituency", "part", "section"]

MAX_PART_ELECTORS = 1200  # the Election Commission's limit for a polling station (field-facts §2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A place in the tree; `path` holds the ids from the state down to itself."""

    id: str
    kind: AreaKind
    code: str
    name_hi: str
    name_en: str
    parent_id: str | None
    path: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    electors: int | None = None
    effective_from: date | None = None
    effective_to: date | None = None


def build_tree(places: Iterable[Place]) -> tuple[Area, ...]:
    """Return all areas, parents before children: the places as given, and each constituency's parts."""
    paths: dict[str | None, tuple[str, ...]] = {None: ()}
    areas: list[Area] = []
    for place in places:
        paths[place.id] = (*paths[place.parent_id], place.id)
        area = _area(place, paths[place.id])
        areas += [area, *_parts(area, place.parts)]
    return tuple(areas)


def constituency_id(ac_no: int) -> str:
    """Return the id of a constituency from its number: 24 → `ac-24`."""
    return f"ac-{ac_no}"


def part_id(ac_no: int, part_no: int) -> str:
    """Return the id of a part from the numbers the roll has: 24, 17 → `ac-24-17`."""
    return f"ac-{ac_no}-{part_no}"


def within(area_path: Iterable[str], area_id: str) -> bool:
    """Tell whether the area with this path is `area_id` or lies inside it."""
    return area_id in area_path


class AreaNames:
    """Finds areas by what a sheet's cell says: id, code, or a name or alias in either script."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._codes: dict[str, list[Area]] = {}
        self._names: dict[str, list[Area]] = {}
        for area in areas:
            for code in {_code_key(area.id), _code_key(area.code)}:
                self._codes.setdefault(code, []).append(area)
            for name in {_name_key(name) for name in (area.name_hi, area.name_en, *area.aliases)}:
                self._names.setdefault(name, []).append(area)

    def match(self, cell: str, *, kind: AreaKind | None = None, inside: str | None = None) -> tuple[Area, ...]:
        """Return the areas meant, codes before names: none when unknown, several when more than one fits.

        `kind` and `inside` (an area id) narrow it: राजसमंद is a district and a constituency, part 17 is in each seat.
        """
        found = _fitting(self._codes, _code_key(cell), kind, inside)
        return found or _fitting(self._names, _name_key(cell), kind, inside)


def _fitting(index: Mapping[str, list[Area]], key: str, kind: AreaKind | None, inside: str | None) -> tuple[Area, ...]:
    return tuple(
        area
        for area in index.get(key, ())
        if kind in (None, area.kind) and (inside is None or within(area.path, inside))
    )


def _code_key(text: str) -> str:
    return latin_digits(clean(text)).casefold()


def _name_key(text: str) -> str:
    """Words run together, as writers part them differently: श्रीगंगानगर, Sri Ganganagar."""
    return fold(text).replace(" ", "")


def _area(place: Place, path: tuple[str, ...]) -> Area:
    return Area(
        id=place.id,
        kind=place.kind,
        code=place.code,
        name_hi=place.name_hi,
        name_en=place.name_en,
        parent_id=place.parent_id,
        path=path,
        aliases=place.aliases,
        electors=place.electors,
        effective_from=place.effective_from,
        effective_to=place.effective_to,
    )


def _parts(constituency: Area, count: int) -> Iterator[Area]:
    """Make up the parts of a constituency; how its electors are split over them is ours, uneven but always the same."""
    weights = [70 + number * 37 % 61 for number in range(1, count + 1)]
    for number, electors in enumerate(apportion(constituency.electors or 0, weights), start=1):
        own_id = f"{constituency.id}-{number}"
        yield Area(
            id=own_id,
            kind="part",
            code=f"{constituency.code}/{number}",
            name_hi=f"भाग {number}",
            name_en=f"Part {number}",
            parent_id=constituency.id,
            path=(*constituency.path, own_id),
            electors=electors,
        )
