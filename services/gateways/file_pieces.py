"""Files read piece by piece, whatever they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

_PIECE = 4 * 1024 * 1024


def files_below(places: Sequence[Path]) -> Iterator[Path]:
    """Yield the given files and every file below the given folders."""
    for place in places:
        if place.is_dir():
            yield from sorted(path for path in place.rglob("*") if path.is_file())
        elif place.exists():
            yield place


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file's content; what was removed meanwhile has none."""
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    except FileNotFoundError:
        return
