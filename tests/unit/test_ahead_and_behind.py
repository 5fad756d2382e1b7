"""Working behind: pieces are done in their order in a thread, and what one raises comes out where the block is."""

from __future__ import annotations

import contextlib
import gc
import sys
import threading

import pytest

from services.operations.ahead import behind, bulk_work


def test_behind_does_the_pieces_in_their_order_in_another_thread() -> None:
    done: list[tuple[int, bool]] = []
    with behind(lambda piece: done.append((piece, threading.current_thread() is threading.main_thread()))) as hand_over:
        for piece in range(5):
            hand_over(piece)
    assert done == [(piece, False) for piece in range(5)]


def test_behind_raises_what_a_piece_raised_and_does_none_after_it() -> None:
    done: list[int] = []

    def work(piece: int) -> None:
        if piece == 1:
            raise KeyError(piece)
        done.append(piece)

    def five() -> None:
        with behind(work) as hand_over:
            for piece in range(5):
                hand_over(piece)

    with pytest.raises(KeyError):
        five()
    assert done == [0]


def test_behind_raises_what_the_last_piece_raised() -> None:
    def work(piece: int) -> None:
        raise KeyError(piece)

    with pytest.raises(KeyError), behind(work) as hand_over:
        hand_over(1)


def test_bulk_work_leaves_the_interpreter_as_it_was_when_it_fails() -> None:
    before = (sys.getswitchinterval(), gc.get_threshold())
    with contextlib.suppress(KeyError), bulk_work():
        assert sys.getswitchinterval() < before[0]
        raise KeyError
    assert (sys.getswitchinterval(), gc.get_threshold()) == before
