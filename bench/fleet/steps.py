"""What is shown while the fleet works: a line for each step with its time, a bar for each long one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")
R = TypeVar("R")
_LOOK_S = 0.25


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is done, and how long it took when it is."""
    began = time.monotonic()
    if sys.stdout.isatty():
        print(f"  … {title}", end="\r", flush=True)
    yield
    print(f"  {time.monotonic() - began:6.1f} s  {title}", flush=True)


def each(title: str, things: Iterable[T], do: Callable[[T], R], *, at_once: int) -> list[R]:
    """Do something with each thing, several at a time, under a bar; the results are in no order."""
    todo = list(things)
    with ThreadPoolExecutor(max_workers=max(1, min(at_once, len(todo)))) as pool:
        running = [pool.submit(do, thing) for thing in todo]
        finished = tqdm(as_completed(running), total=len(running), desc=f"  {title}", leave=False, disable=None)
        return [future.result() for future in finished]


def until(ready: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until something is so; tell whether it was in time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_S)
    return True


@contextmanager
def counting(title: str, *, total: int | None = None) -> Iterator[Callable[[int, int | None], None]]:
    """Give a function that moves a bar to `done` of however many are said, or of `total`."""
    with tqdm(desc=f"  {title}", total=total, leave=False, disable=None) as bar:

        def move(done: int, said: int | None) -> None:
            bar.total = said or total
            bar.update(done - bar.n)

        yield move
