"""What a phone does not know yet: the difference between what it was sent and what there is now, page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

# Kind of thing → id → stamp: the same stamp means that nothing changed which the phone would see.
Stamps = Mapping[str, Mapping[str, str]]
_PAGE_BYTES = 200_000
_PAGE_THINGS = 100


class Delta(NamedTuple):
    """By kind: what is new or changed, in the order in which it stands, and what is there no more."""

    changed: dict[str, list[str]]
    removed: dict[str, list[str]]


def difference(known: Stamps, there: Stamps) -> Delta:
    """Return what changed and what went, for every kind of `there`.

    Two sets are compared and no clock or counter is asked, so it does not matter who wrote what in which order.
    """
    changed = {
        kind: [key for key, stamp in stamps.items() if _head(known.get(kind, {}).get(key)) != stamp]
        for kind, stamps in there.items()
    }
    removed = {kind: sorted(set(known.get(kind, {})) - set(stamps)) for kind, stamps in there.items()}
    return Delta(changed, removed)


class SyncPage:
    """One answer as it fills: bodies by kind, what the phone must drop, and what it knows once it has the answer."""

    def __init__(self, known: Stamps) -> None:
        self._before = known
        self._learned: dict[str, dict[str, str]] = {kind: dict(stamps) for kind, stamps in known.items()}
        self._size = 0
        self.bodies: dict[str, list[bytes]] = {}
        self.removed: dict[str, list[str]] = {}
        self.more = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not any(self.bodies.values()) and not any(self.removed.values())

    @property
    def known(self) -> dict[str, dict[str, str]]:
        """What the phone knows once it has the answer."""
        return self._learned

    @property
    def relearned(self) -> bool:
        """Whether stamps are newer than those that were kept, be it that the phone need not be told."""
        return self._learned != self._before

    def cut(self, keys: list[str], *, most: int = _PAGE_THINGS) -> list[str]:
        """Return as many of the keys as a page takes; what is left over comes with the next."""
        self.more = self.more or len(keys) > most
        return keys[:most]

    def send(self, kind: str, key: str, body: bytes, *, stamp: str) -> None:
        """Add a thing, unless the phone has it in this very form, or the page is full."""
        digest = hashlib.blake2b(body, digest_size=9).hexdigest()
        had = self._before.get(kind, {}).get(key)
        if had is None or had.partition("#")[2] != digest:
            if self._size and self._size + len(body) > _PAGE_BYTES:
                self.more = True
                return
            self._size += len(body)
            self.bodies.setdefault(kind, []).append(body)
        self._learned.setdefault(kind, {})[key] = f"{stamp}#{digest}"

    def remove(self, kind: str, keys: Iterable[str]) -> None:
        """Let the phone drop things that it has."""
        gone = list(keys)
        for key in gone:
            self._learned[kind].pop(key, None)
        self.removed.setdefault(kind, []).extend(gone)


def _head(stamp: str | None) -> str | None:
    return None if stamp is None else stamp.partition("#")[0]
