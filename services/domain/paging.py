"""Pages of a list: where one ends and how the next is asked for."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.domain.errors import Invalid

DEFAULT_LIMIT = 50
HIGHEST_LIMIT = 200
T = TypeVar("T")


@dataclass(frozen=True)
class PageRequest:
    """At most `limit` entries that come after the key `after` (None: from the start)."""

    limit: int = DEFAULT_LIMIT
    after: tuple[Any, ...] | None = None

    @classmethod
    def parse(cls, *, limit: int, cursor: str | None) -> PageRequest:
        """Read a wire cursor; raise Invalid("validation_failed", cursor=…) for one that was never ours."""
        if not cursor:
            return cls(limit=limit)
        try:
            key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (binascii.Error, ValueError) as error:
            raise Invalid(cursor="cursor_invalid") from error
        if not isinstance(key, list) or not key or not all(isinstance(part, str | int) for part in key):
            raise Invalid(cursor="cursor_invalid")
        return cls(limit=limit, after=tuple(key))

    def after_text(self) -> str | None:
        """Return the single text key to go on after, or raise Invalid when the cursor has another shape."""
        if self.after is None:
            return None
        if len(self.after) != 1 or not isinstance(self.after[0], str):
            raise Invalid(cursor="cursor_invalid")
        return self.after[0]


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list and the cursor of the next, None at the end."""

    items: Sequence[T]
    next_cursor: str | None = None

    def map(self, change: Callable[[T], Any]) -> Page[Any]:
        """Return the page with every entry changed."""
        return Page([change(item) for item in self.items], self.next_cursor)


def slice_of(found: Sequence[T], request: PageRequest) -> Page[T]:
    """Return one page of a short list that is held whole: its cursor is a position."""
    start = request.after[0] if request.after else 0
    if not isinstance(start, int) or isinstance(start, bool) or start < 0:
        raise Invalid(cursor="cursor_invalid")
    positions = range(start, min(len(found), start + request.limit + 1))
    shown = page_of(positions, request, lambda position: (position + 1,))
    return shown.map(lambda position: found[position])


def page_of(found: Sequence[T], request: PageRequest, key: Callable[[T], Sequence[Any]]) -> Page[T]:
    """Cut `found` (fetched with limit + 1) to a page whose cursor is the key of its last entry."""
    if len(found) <= request.limit:
        return Page(found)
    shown = found[: request.limit]
    return Page(shown, cursor_of(*key(shown[-1])))


def cursor_of(*key: Any) -> str:
    """Return the wire cursor that goes on after a key."""
    text = json.dumps(list(key), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
