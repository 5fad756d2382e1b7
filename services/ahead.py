"""Working ahead: the next piece is made in a thread while the present one is used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
_END = object()


@contextmanager
def ahead(items: Iterable[T], *, depth: int = 1) -> Iterator[Iterator[T]]:
    """Give the items one by one while up to `depth` more are made; what their maker raises is raised here.

    The thread ends with the block, whether or not all items were taken.
    """
    waiting: queue.Queue[object] = queue.Queue(depth)
    over = threading.Event()
    failures: list[BaseException] = []

    def make() -> None:
        try:
            for item in items:
                waiting.put(item)
                if over.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again by whoever takes the items
            failures.append(error)
        waiting.put(_END)

    def taken() -> Iterator[T]:
        while (item := waiting.get()) is not _END:
            yield item  # type: ignore[misc]
        if failures:
            raise failures[0]

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        over.set()
        while thread.is_alive():
            try:
                waiting.get(timeout=0.05)
            except queue.Empty:
                continue
        thread.join()
