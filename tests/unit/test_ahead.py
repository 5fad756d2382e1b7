"""Working ahead: order, failures, and a thread that ends with its block."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from services.operations.ahead import ahead


def test_items_come_in_their_order() -> None:
    with ahead(range(100)) as items:
        assert list(items) == list(range(100))


def test_the_next_item_is_made_meanwhile() -> None:
    made: list[int] = []

    def making() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    with ahead(making(), depth=2) as items:
        next(items)
        deadline = time.monotonic() + 5
        while len(made) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(made) >= 3
        assert len(made) < 5


def test_a_failure_of_the_maker_comes_after_what_was_made() -> None:
    def making() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    with ahead(making()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="broken"):
            next(items)


def test_no_thread_is_left_when_the_block_ends_early() -> None:
    with ahead(range(1000)) as items:
        next(items)
    assert "ahead" not in [thread.name for thread in threading.enumerate()]
