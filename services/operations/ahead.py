"""Working ahead and behind: the next piece is made, and the last one settled, in threads while the present is used."""

from __future__ import annotations

import gc
import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")
_END = object()
_TURN_SECONDS = 0.0005
_VALUES_BETWEEN_LOOKS = 100_000


@contextmanager
def ahead(items: Iterable[T], *, depth: int = 1) -> Iterator[Iterator[T]]:
    """Give the items one by one while up to `depth` more are made; what their maker raises is raised here.

    The thread ends with the block, whether or not all items were taken.
    """
    maker = _Maker(items, depth)
    try:
        yield maker.taken()
    finally:
        maker.end()


@contextmanager
def behind(work: Callable[[T], object]) -> Iterator[Callable[[T], None]]:
    """Give a function that hands pieces over to `work`, which does them in a thread, one by one in their order.

    It waits until the piece before is done, and raises what that one raised; so does the end of the block, unless the
    block itself has failed, when the last piece is still waited for.
    """
    waiting: Future[object] | None = None

    with ThreadPoolExecutor(1, thread_name_prefix="behind") as thread:

        def hand_over(piece: T) -> None:
            nonlocal waiting
            if waiting is not None:
                waiting.result()
            waiting = thread.submit(work, piece)

        yield hand_over
        if waiting is not None:
            waiting.result()


@contextmanager
def bulk_work() -> Iterator[None]:
    """Tune the interpreter for the time of a block that makes many short-lived values in several threads.

    Threads take turns more often than every 5 ms, so that one that has an answer from the database need not wait for
    one that computes; and cycles are looked for more rarely, as such values have none.
    """
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(_TURN_SECONDS)
    gc.set_threshold(_VALUES_BETWEEN_LOOKS, *thresholds[1:])
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)


class _Maker(Generic[T]):
    """The thread that makes items, and the short queue in which they wait."""

    def __init__(self, items: Iterable[T], depth: int) -> None:
        self._waiting: queue.Queue[object] = queue.Queue(depth)
        self._over = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._make, args=(items,), name="ahead", daemon=True)
        self._thread.start()

    def taken(self) -> Iterator[T]:
        """Yield what was made; then raise what ended the making, if anything did."""
        while (item := self._waiting.get()) is not _END:
            yield item  # type: ignore[misc]
        if self._failure is not None:
            raise self._failure

    def end(self) -> None:
        """Let the thread end, also while it waits for room."""
        self._over.set()
        while self._thread.is_alive():
            try:
                self._waiting.get(timeout=0.05)
            except queue.Empty:
                continue

    def _make(self, items: Iterable[T]) -> None:
        try:
            for item in items:
                self._waiting.put(item)
                if self._over.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again by whoever takes the items
            self._failure = error
        self._waiting.put(_END)
