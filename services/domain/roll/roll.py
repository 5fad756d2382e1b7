"""A made-up electoral roll: how many people of which part, and who they are, the same for the same seed.

A sheet of fewer rows is a smaller picture of the whole roll: its people are the first of each part that it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from operator import attrgetter
from typing import NamedTuple

from config.roll_names import Name, NameStock
from services.domain.areas import Area
from services.domain.batches.apportion import apportion
from services.domain.dice import Dice
from services.domain.errors import Invalid
from services.domain.roll.families import Member, families
from services.domain.roll.numbers import MadeUpNumbers

_LEAST_IN_PART = 12  # a small sheet shows fewer parts rather than houses of one
_HOUSES_IN_SECTION = 60
_FAMILY_PHONES = 1_000_000  # where the indexes of household phones begin, above every person's own
_OLD_CARD_FROM = 51  # the age from which a card may be one of the old ones


class Person(NamedTuple):
    """One row of the roll with what other sources know: names in both scripts, everything else as code or text."""

    ac_no: int
    part_no: int
    section: int
    serial_no: int
    epic: str
    name: Name
    relative: Name
    relation: str
    house_no: str
    age: int
    gender: str
    phone: str
    facebook: str
    instagram: str
    x: str
    language: str


class Quota(NamedTuple):
    """How many people of a part are shown, and where the part's indexes begin in the whole roll."""

    ac_no: int
    part_no: int
    first: int
    rows: int


def quotas(parts: Sequence[Area], rows: int) -> list[Quota]:
    """Share `rows` over the constituencies and their parts by electors; raises Invalid for `rows` outside 1…all."""
    electors = {part.id: part.electors or 0 for part in parts}
    if not 1 <= rows <= sum(electors.values()):
        raise Invalid(rows="out_of_range")
    firsts = dict(zip(electors, accumulate(electors.values(), initial=0), strict=False))
    seats = [list(own) for _, own in groupby(parts, key=attrgetter("parent_id"))]
    seat_sizes = [sum(electors[part.id] for part in seat) for seat in seats]
    found: list[Quota] = []
    for seat, seat_rows in zip(seats, apportion(rows, seat_sizes), strict=True):
        shown = _shown(seat, seat_rows)
        shares = apportion(seat_rows, [electors[part.id] for part in shown])
        found += [
            Quota(*_numbers_of(part), firsts[part.id], share)
            for part, share in zip(shown, shares, strict=True)
            if share
        ]
    return found


def people(quotas: Iterable[Quota], *, seed: int, phone_share: float, names: NameStock) -> Iterator[Person]:
    """Yield the people of the quotas in the roll's order; about `phone_share` of them have a phone."""
    numbers = MadeUpNumbers(seed)
    for quota in quotas:
        dice = Dice(f"{seed}/{quota.ac_no}/{quota.part_no}")
        yield from _part(quota, dice, numbers, phone_share=phone_share, names=names)


def _part(
    quota: Quota, dice: Dice, numbers: MadeUpNumbers, *, phone_share: float, names: NameStock
) -> Iterator[Person]:
    serial = 0
    for house, family in enumerate(families(dice, names), start=1):
        section = 1 + (house - 1) // _HOUSES_IN_SECTION
        house_no = f"{house}/{1 + dice.below(4)}" if dice.happens(0.1) else str(house)
        # A third of the houses share one phone; in the others everybody has their own.
        shared = numbers.phone(_FAMILY_PHONES + quota.first + serial) if dice.happens(1 / 3) else ""
        for member in family:
            phone = (shared or numbers.phone(quota.first + serial)) if dice.happens(phone_share) else ""
            serial += 1
            yield _person(
                quota, serial, member, section=section, house_no=house_no, phone=phone, dice=dice, numbers=numbers
            )
            if serial == quota.rows:
                return


def _person(
    quota: Quota,
    serial: int,
    member: Member,
    *,
    section: int,
    house_no: str,
    phone: str,
    dice: Dice,
    numbers: MadeUpNumbers,
) -> Person:
    index = quota.first + serial - 1
    old_card = member.age >= _OLD_CARD_FROM and dice.happens(0.3)
    return Person(
        quota.ac_no,
        quota.part_no,
        section,
        serial,
        numbers.old_epic(quota.ac_no, index) if old_card else numbers.epic(index),
        member.name,
        member.relative,
        member.relation,
        house_no,
        member.age,
        member.gender,
        phone,
        *_handles(member, index, dice),
        "en" if dice.happens(0.02) else "hi",
    )


def _handles(member: Member, index: int, dice: Dice) -> tuple[str, str, str]:
    """Facebook, Instagram, X: a few gave one; each says that it is for show, so that it is hardly anybody's."""
    if not dice.happens(0.02):
        return ("", "", "")
    word = member.name.en.split()[0].lower()
    one_of = (
        (f"demo.{word}.{index}", "", ""),
        ("", f"demo_{word}_{index}", ""),
        ("", "", f"demo_{index}"),
    )
    return dice.pick(one_of)


def _shown(seat: list[Area], rows: int) -> list[Area]:
    """All parts of a seat, or as many as get enough people each, spread evenly."""
    count = max(1, min(len(seat), rows // _LEAST_IN_PART))
    return [seat[place * len(seat) // count] for place in range(count)]


def _numbers_of(part: Area) -> tuple[int, int]:
    ac_no, part_no = part.code.split("/")
    return int(ac_no), int(part_no)
