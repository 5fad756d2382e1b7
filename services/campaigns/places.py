"""The tree of places as a process keeps it: look-ups by id and code, and lists by name."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from services.domain.areas import Area
from services.domain.errors import Invalid, NotFound
from services.domain.paging import Page, PageRequest, page_of
from services.domain.text import fold

_KEPT_SECONDS = 300.0


class Places:
    """The areas by id; reread every few minutes, since places are data that headquarters may change."""

    def __init__(self, read_all: Callable[[], Iterable[Area]]) -> None:
        self._read_all = read_all
        self._by_id: dict[str, Area] = {}
        self._children: dict[str | None, list[Area]] = {}
        self._searchable: list[tuple[Area, tuple[str, ...]]] = []
        self._fresh_until = 0.0

    def tree(self) -> dict[str, Area]:
        """Return every place by id."""
        if time.monotonic() >= self._fresh_until or not self._by_id:
            areas = sorted(self._read_all(), key=_natural)
            children: dict[str | None, list[Area]] = {}
            for area in areas:
                children.setdefault(area.parent_id, []).append(area)
            self._searchable = [(area, _search_keys(area)) for area in areas]
            self._children = children
            self._by_id = {area.id: area for area in areas}
            self._fresh_until = time.monotonic() + _KEPT_SECONDS
        return self._by_id

    def find(self, area_id: str) -> Area | None:
        """Return the place, or None."""
        return self.tree().get(area_id)

    def get(self, area_id: str) -> Area:
        """Return the place, or raise NotFound."""
        area = self.find(area_id)
        if area is None:
            raise NotFound
        return area

    def require(self, area_ids: Iterable[str], *, field: str, kinds: frozenset[str] | None = None) -> list[Area]:
        """Return the places of an input field, or raise Invalid that names the field."""
        tree = self.tree()
        found = []
        for area_id in area_ids:
            area = tree.get(area_id)
            if area is None or (kinds is not None and area.kind not in kinds):
                raise Invalid(**{field: "area_unknown"})
            found.append(area)
        return found

    def children(self, area_id: str) -> list[Area]:
        """Return the places directly below, in the order of their codes."""
        self.tree()
        return self._children.get(area_id, [])

    def district_ids(self) -> list[str]:
        """Return the ids of all districts."""
        return [area.id for area in self.tree().values() if area.kind == "district"]

    def part(self, ac_no: int, part_no: int) -> Area | None:
        """Return the part with these numbers of the roll, or None."""
        return self.find(f"ac-{ac_no}-{part_no}")

    def list_page(self, page: PageRequest, *, kind: str | None, parent: str | None, text: str | None) -> Page[Area]:
        """Return places by kind, parent and name or code, in the order of kind and code."""
        self.tree()
        plain, wanted = (text or "").strip().casefold(), fold(text or "")
        found = [
            area
            for area, keys in self._searchable
            if (kind is None or area.kind == kind)
            and (parent is None or area.parent_id == parent)
            and (not text or _answers(area, keys, plain=plain, folded=wanted))
        ]
        after = page.after_text()
        if after is not None:
            seen = next((index for index, area in enumerate(found) if area.id == after), None)
            if seen is None:
                raise Invalid(cursor="cursor_invalid")
            found = found[seen + 1 :]
        return page_of(found[: page.limit + 1], page, lambda area: (area.id,))


def wire(area: Area) -> dict[str, Any]:
    """Return the place as the wire shows it."""
    return {
        "id": area.id,
        "kind": area.kind,
        "code": area.code,
        "name": {"hi": area.name_hi, "en": area.name_en},
        "parent_id": area.parent_id,
        "aliases": list(area.aliases),
    }


def _answers(area: Area, keys: Sequence[str], *, plain: str, folded: str) -> bool:
    """Tell whether a place is meant: by the letters as typed, or by how they sound, which one letter does not tell."""
    names = (area.name_hi, area.name_en, area.code, *area.aliases)
    if any(name.casefold().startswith(plain) for name in names):
        return True
    return len(folded) > 1 and any(key.startswith(folded) for key in keys)


def _search_keys(area: Area) -> tuple[str, ...]:
    names = (area.name_hi, area.name_en, *area.aliases)
    return (*(fold(name) for name in names), fold(area.code))


_KINDS_IN_ORDER = {"state": 0, "district": 1, "constituency": 2, "part": 3, "section": 4}


def _natural(area: Area) -> tuple[Any, ...]:
    numbers = tuple(int(number) for number in re.findall(r"\d+", area.code))
    return (_KINDS_IN_ORDER.get(area.kind, 9), numbers, area.name_en)
