"""Dying at a write of one's choice, within this process: nothing after it happens, as with a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from services.store.collection import Collection

# What takes many documents or changes at once: half of them may be done.
_MANY = {"insert_new", "bulk"}


class Killed(BaseException):
    """What a kill is to the code that it hits: nothing after it happens."""


@contextmanager
def killed_at(number: int, *, writes: Sequence[str], half_done: bool) -> Iterator[Callable[[], int]]:
    """Die at the n-th of these writes of a collection, before it or with the half of it done; nothing is written after.

    Gives how many writes there were.
    """
    count = 0

    def dying(name: str) -> Callable[..., Any]:
        original = getattr(Collection, name)

        def write(self: Collection, *args: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count < number:
                return original(self, *args, **options)
            if count == number and half_done:
                many = name in _MANY and isinstance(args[0], list)
                original(self, args[0][: len(args[0]) // 2] if many else args[0], *args[1:], **options)
            raise Killed

        return write

    with pytest.MonkeyPatch.context() as patch:
        for name in writes:
            patch.setattr(Collection, name, dying(name))
        yield lambda: count
