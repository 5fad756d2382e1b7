"""Who gets how many of a plan's items: evenly, by capacity, by nearness, or as a column of the sheet says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from services.domain.batches.apportion import apportion

STRATEGIES = ("even", "capacity", "nearest", "column")
# How far a volunteer is from a part: own part, own seat, own district, home district helps, not meant to work there.
OWN_PART, OWN_SEAT, OWN_DISTRICT, HELPS, OUTSIDER = range(5)


class Volunteer(NamedTuple):
    """What of a volunteer decides their share; `capacity` is the most they may take on a day.

    People with an excluded tag are never dealt to them, those with a prioritised one first.
    """

    id: str
    district_id: str | None
    areas: tuple[str, ...]
    languages: tuple[str, ...]
    capacity: int
    prioritised: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()


class Cell(NamedTuple):
    """So many items of one part, and of one value of the column where a column decides, or of the same marks."""

    part_id: str
    constituency_id: str
    group: str
    size: int


class Deal(NamedTuple):
    """So many of a cell's items for an owner; None is the pool."""

    cell: int
    owner: str | None
    size: int


class Place(NamedTuple):
    """Where a part lies: the ids from the state down to itself, and which districts help (None: all)."""

    path: tuple[str, ...]
    constituency_id: str
    district_id: str | None
    helpers: Sequence[str] | None


PlaceOf = Callable[[str], Place]


def nearness(volunteer: Volunteer, place: Place) -> int:
    """Return how near a part is to where a volunteer may work: their areas if they have some, else their district's."""
    if volunteer.areas:
        inside = [area for area in volunteer.areas if area in place.path]
        if not inside:
            return OUTSIDER
        if place.path[-1] in inside:
            return OWN_PART
        return OWN_SEAT if place.constituency_id in inside else OWN_DISTRICT
    if place.helpers is not None and volunteer.district_id not in place.helpers:
        return OUTSIDER
    return OWN_DISTRICT if volunteer.district_id == place.district_id else HELPS


def limited(cells: Sequence[Cell], limit: int | None) -> list[Cell]:
    """Return the first cells that hold `limit` items together, the last one cut to fit."""
    if limit is None:
        return list(cells)
    kept: list[Cell] = []
    for cell in cells:
        if limit <= 0:
            break
        kept.append(cell._replace(size=min(cell.size, limit)))
        limit -= cell.size
    return kept


def deal(cells: Sequence[Cell], volunteers: Sequence[Volunteer], strategy: str, *, place_of: PlaceOf) -> list[Deal]:
    """Share all items out, in the order of the cells; without volunteers everything goes to the pool."""
    if not volunteers:
        return [Deal(number, None, cell.size) for number, cell in enumerate(cells)]
    if strategy == "column":
        return _by_column(cells, volunteers)
    quotas = _quotas(sum(cell.size for cell in cells), volunteers, by_capacity=strategy == "capacity")
    if marks_of(volunteers):
        return _by_marks(cells, volunteers, quotas, place_of if strategy == "nearest" else None)
    if strategy == "nearest":
        return _by_nearness(cells, volunteers, quotas, place_of)
    return _in_turn(cells, quotas)


def marks_of(volunteers: Iterable[Volunteer]) -> frozenset[str]:
    """Return the tags that decide who gets whom: whatever any volunteer prioritises or excludes."""
    return frozenset(tag for volunteer in volunteers for tag in volunteer.prioritised | volunteer.excluded)


def marked(tags: Iterable[str], marks: frozenset[str]) -> str:
    """Return the group of people with these tags; tags hold no semicolons."""
    return ";".join(sorted(marks.intersection(tags)))


def _by_marks(
    cells: Sequence[Cell], volunteers: Sequence[Volunteer], quotas: Mapping[str, int], place_of: PlaceOf | None
) -> list[Deal]:
    """Deal what few may take first; beyond the quotas goes what would be left, and what nobody may take stays."""
    room = Counter(quotas)

    def takers(cell: Cell) -> list[Volunteer]:
        tags = frozenset(filter(None, cell.group.split(";")))
        may = [volunteer for volunteer in volunteers if not tags & volunteer.excluded]
        place = place_of(cell.part_id) if place_of is not None else None
        return sorted(may, key=lambda one: (not tags & one.prioritised, nearness(one, place) if place else 0))

    able = [takers(cell) for cell in cells]
    deals: list[Deal] = []
    for number in sorted(range(len(cells)), key=lambda at: (len(able[at]), at)):
        left = cells[number].size
        for volunteer in able[number]:
            taken = min(left, room[volunteer.id])
            if taken:
                deals.append(Deal(number, volunteer.id, taken))
                room[volunteer.id] -= taken
                left -= taken
        if left and able[number]:
            owner = max(able[number], key=lambda one: room[one.id]).id
            deals.append(Deal(number, owner, left))
            room[owner] -= left
    return sorted(deals, key=lambda dealt: dealt.cell)


def _quotas(total: int, volunteers: Sequence[Volunteer], *, by_capacity: bool) -> dict[str, int]:
    weights = [max(volunteer.capacity, 0) for volunteer in volunteers]
    if not by_capacity or not any(weights):
        weights = [1] * len(volunteers)
    shares = apportion(total, weights)
    return {volunteer.id: share for volunteer, share in zip(volunteers, shares, strict=True)}


def _in_turn(cells: Sequence[Cell], quotas: Mapping[str, int]) -> list[Deal]:
    """Fill one volunteer after the other, so that each works in few parts."""
    left = [(owner, quota) for owner, quota in quotas.items() if quota]
    deals: list[Deal] = []
    for number, cell in enumerate(cells):
        remaining = cell.size
        while remaining and left:
            owner, quota = left.pop(0)
            taken = min(remaining, quota)
            deals.append(Deal(number, owner, taken))
            remaining -= taken
            if taken < quota:
                left.insert(0, (owner, quota - taken))
    return deals


def _by_nearness(
    cells: Sequence[Cell], volunteers: Sequence[Volunteer], quotas: Mapping[str, int], place_of: PlaceOf
) -> list[Deal]:
    """Fill the nearest first; whoever still has room takes what nobody near has room for.

    Volunteers of one home and the same areas are equally near to everything: they are looked at as one.
    """
    room = Counter(quotas)
    alike: dict[tuple[str | None, tuple[str, ...]], list[Volunteer]] = defaultdict(list)
    for volunteer in volunteers:
        alike[volunteer.district_id, volunteer.areas].append(volunteer)
    groups = list(alike.values())
    places = {part_id: place_of(part_id) for part_id in {cell.part_id for cell in cells}}
    near = {part_id: [nearness(group[0], place) for group in groups] for part_id, place in places.items()}
    left = [cell.size for cell in cells]
    waiting = [[volunteer.id for volunteer in reversed(group) if room[volunteer.id]] for group in groups]
    deals: list[Deal] = []
    for tier in range(OUTSIDER + 1):
        for number, cell in enumerate(cells):
            for group, distance in enumerate(near[cell.part_id]):
                while distance == tier and left[number] and waiting[group]:
                    owner = waiting[group][-1]
                    taken = min(left[number], room[owner])
                    deals.append(Deal(number, owner, taken))
                    left[number] -= taken
                    room[owner] -= taken
                    if not room[owner]:
                        waiting[group].pop()
    return sorted(deals, key=lambda dealt: dealt.cell)


def _by_column(cells: Sequence[Cell], volunteers: Sequence[Volunteer]) -> list[Deal]:
    """Keep what has one value together: with the volunteer whom the value names, else with who has least so far."""
    sizes: Counter[str] = Counter()
    for cell in cells:
        sizes[cell.group] += cell.size
    load = {volunteer.id: 0 for volunteer in volunteers}
    owners: dict[str, str] = {}
    for group, size in sorted(sizes.items(), key=lambda pair: (pair[0] not in load, -pair[1], pair[0])):
        owner = group if group in load else min(load, key=lambda user_id: load[user_id])
        owners[group] = owner
        load[owner] += size
    return [Deal(number, owners[cell.group], cell.size) for number, cell in enumerate(cells)]


def warnings(
    cells: Sequence[Cell],
    deals: Sequence[Deal],
    volunteers: Sequence[Volunteer],
    *,
    languages: Mapping[str, int],
    place_of: PlaceOf,
) -> list[dict[str, object]]:
    """Return what a coordinator should know before doing it: outsiders, too few volunteers, languages nobody speaks."""
    if not volunteers:
        return []
    by_id = {volunteer.id: volunteer for volunteer in volunteers}
    outside = {
        (dealt.owner, cells[dealt.cell].constituency_id): None
        for dealt in deals
        if dealt.owner and nearness(by_id[dealt.owner], place_of(cells[dealt.cell].part_id)) == OUTSIDER
    }
    found: list[dict[str, object]] = [
        {"code": "outsider", "user_id": owner, "constituency_id": seat} for owner, seat in outside
    ]
    items, capacity = sum(dealt.size for dealt in deals), sum(volunteer.capacity for volunteer in volunteers)
    if items > capacity:
        found.append({"code": "too_few_volunteers", "items": items, "capacity": capacity})
    if undealt := sum(cell.size for cell in cells) - items:
        found.append({"code": "tags_excluded", "items": undealt})
    spoken = {language for volunteer in volunteers for language in volunteer.languages}
    gaps = {language: number for language, number in languages.items() if language and language not in spoken}
    found += [{"code": "language_gap", "language": name, "contacts": number} for name, number in sorted(gaps.items())]
    return found
