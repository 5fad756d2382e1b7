"""Made-up households: who lives in a house, how they are called, and who is named as whose relative.

The shares are guesses that make a village street look like one; nothing may be learnt from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from config.roll_names import Name, NameStock
from services.domain.dice import Dice

ADULT = 18
_MARRIED_FROM = 22
_PARENT_FROM = 21  # years between a parent and a child
_WIDOWED_FROM = 51
_LEFT_HOME_BY = 27  # a daughter is then on the roll of the house she married into


class Member(NamedTuple):
    """An elector in a house; `relation` says what `relative` is to the member."""

    name: Name
    relative: Name
    relation: str
    age: int
    gender: str


def families(dice: Dice, stock: NameStock) -> Iterator[list[Member]]:
    """Yield households without end, of one to about eight electors."""
    while True:
        yield _family(dice, stock)


def _family(dice: Dice, stock: NameStock) -> list[Member]:
    """A head with perhaps a wife, mother, grown children and their wives, a lodger; or the widow that a head left."""
    head = Member(_man(dice, stock), _man(dice, stock), "father", 24 + dice.below(56), "male")
    wife = _wife_of(head, dice, stock) if dice.happens(0.85) else None
    family = [head, wife] if wife else [head]
    if dice.happens(0.05):
        family.append(Member(_woman(dice, stock), head.relative, "husband", head.age + 18 + dice.below(4), "female"))
    if head.age >= ADULT + _PARENT_FROM:
        for _ in range(dice.below(4)):
            family += _child(head, wife, dice, stock)
    if dice.happens(0.01):
        family.append(Member(_man(dice, stock), head.name, "other", ADULT + dice.below(40), "male"))
    widow = wife and head.age >= _WIDOWED_FROM and dice.happens(0.2)
    return family[1:] if widow else family


def _child(head: Member, wife: Member | None, dice: Dice, stock: NameStock) -> list[Member]:
    """A grown child of the house; a son may bring his wife."""
    age = ADULT + dice.below(head.age - _PARENT_FROM - ADULT + 1)
    relative, relation = (wife.name, "mother") if wife and dice.happens(0.05) else (head.name, "father")
    third = dice.happens(0.001)
    if dice.happens(0.4):
        return [
            Member(_woman(dice, stock), relative, relation, min(age, _LEFT_HOME_BY), "third" if third else "female")
        ]
    son = Member(_man(dice, stock), relative, relation, age, "third" if third else "male")
    return [son, _wife_of(son, dice, stock)] if age >= _MARRIED_FROM and dice.happens(0.6) else [son]


def _wife_of(husband: Member, dice: Dice, stock: NameStock) -> Member:
    return Member(_woman(dice, stock), husband.name, "husband", max(ADULT, husband.age - dice.below(7)), "female")


def _man(dice: Dice, stock: NameStock) -> Name:
    return _full_name(dice, stock.male_first, stock.male_second)


def _woman(dice: Dice, stock: NameStock) -> Name:
    return _full_name(dice, stock.female_first, stock.female_second)


def _full_name(dice: Dice, firsts: tuple[Name, ...], seconds: tuple[Name, ...]) -> Name:
    """Draw a name; one person in seven writes the first name alone."""
    first = dice.pick(firsts)
    if dice.happens(1 / 7):
        return first
    second = dice.pick(seconds)
    return Name(f"{first.hi} {second.hi}", f"{first.en} {second.en}")
