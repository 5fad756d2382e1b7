"""Cutting items into batches: each of one seat and one owner, full ones from one part first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Cut(NamedTuple, Generic[T]):
    """The items of one batch to be; `owner` is a volunteer, None the pool."""

    owner: str | None
    constituency_id: str
    items: list[T]


class Cutter(Generic[T]):
    """Takes items part by part; what does not fill a batch waits for the next parts of the seat."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._piles: dict[tuple[str | None, str], list[T]] = {}

    def add(self, owner: str | None, constituency_id: str, items: Sequence[T]) -> list[Cut[T]]:
        """Take the items of one part and return the batches that are full now."""
        whole = len(items) - len(items) % self._size
        cuts = [
            Cut(owner, constituency_id, list(items[start : start + self._size]))
            for start in range(0, whole, self._size)
        ]
        if len(items) > whole:
            pile = self._piles.setdefault((owner, constituency_id), [])
            pile += items[whole:]
            if len(pile) >= self._size:
                cuts.append(Cut(owner, constituency_id, pile[: self._size]))
                del pile[: self._size]
        return cuts

    def rest(self) -> list[Cut[T]]:
        """Return what is left over, as batches that are not full."""
        cuts = [Cut(owner, seat, pile) for (owner, seat), pile in self._piles.items() if pile]
        self._piles = {}
        return cuts

    def waiting(self) -> list[Cut[T]]:
        """Return what waits, for a checkpoint; `add` takes it up again."""
        return [Cut(owner, seat, list(pile)) for (owner, seat), pile in self._piles.items() if pile]


def slabs(things: Iterable[T], *, weight: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """Yield runs of things that weigh at most `most` together; a heavier one comes alone."""
    slab: list[T] = []
    weighs = 0
    for thing in things:
        if slab and weighs + weight(thing) > most:
            yield slab
            slab, weighs = [], 0
        slab.append(thing)
        weighs += weight(thing)
    if slab:
        yield slab
