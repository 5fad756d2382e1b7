"""Pages on the wire: `limit` and `cursor` in, `items` and `next_cursor` out; a cursor opens its own list alone."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from flask import g, request

from services.domain.errors import Invalid
from services.domain.paging import Page, PageRequest

# Where one is in a list, and not which list it is.
_PLACE_IN_LIST = frozenset({"limit", "cursor"})


def page_request(query: Mapping[str, Any]) -> PageRequest:
    """Read the page that a list's query asks for; raise Invalid for the cursor of another list or of other filters."""
    g.list_mark = _mark(query)
    key, _, of_list = (query["cursor"] or "").rpartition(".")
    if query["cursor"] and of_list != g.list_mark:
        raise Invalid(cursor="cursor_invalid")
    return PageRequest.parse(limit=query["limit"], cursor=key)


def page_answer(page: Page[Any]) -> dict[str, Any]:
    """Return the body of the list whose page was asked for."""
    return {"items": page.items, "next_cursor": f"{page.next_cursor}.{g.list_mark}" if page.next_cursor else None}


def _mark(query: Mapping[str, Any]) -> str:
    """Return a mark of the list that is asked for: its route, what its path names, and its filters."""
    filters = sorted((name, str(value)) for name, value in query.items() if name not in _PLACE_IN_LIST)
    named = sorted((request.view_args or {}).items())
    return f"{zlib.crc32(repr((request.endpoint, named, filters)).encode()):08x}"
