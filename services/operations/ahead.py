"""Working ahead: the next piece is made in a thread while the present one is used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")
_END = object()


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
